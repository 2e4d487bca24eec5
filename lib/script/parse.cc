// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/duration.h"
#include "script/script.h"

namespace dpvrrp {
namespace {

using Path = std::filesystem::path;

bool IsWord(std::span<const Word> words, size_t i, absl::string_view text) {
  return i < words.size() && !words[i].quoted && words[i].text == text;
}

// The line before its comment, in which a quote need not be closed.
absl::string_view UpToComment(absl::string_view line) {
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\')
      ++i;
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == '#' && !quoted && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
      return line.substr(0, i);
  }
  return line;
}

class Parser {
 public:
  Parser(const ReadScript& read, const ScriptGrammar& grammar) : read_(read), grammar_(grammar) {}

  // `from`: the line that includes it; null: none does.
  void ParseFile(const std::string& name, const ConfigFault* from) {
    const Path path = Path(name).lexically_normal();
    const auto fault = [&](std::string message) {
      result.errors.push_back(from != nullptr ? ConfigFault{from->file, from->line, from->column, std::move(message)}
                                              : ConfigFault{name, 1, 1, std::move(message)});
    };
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      std::vector<std::string> names;
      for (const Path& open : open_) names.push_back(open.string());
      return fault(absl::StrCat("include '", name, "': the file includes itself: ", absl::StrJoin(names, " -> "),
                                " -> ", path.string()));
    }
    if (open_.size() == kMaxIncludeDepth) {
      return fault(absl::StrCat("include '", name, "': at most ", kMaxIncludeDepth, " files may include one another"));
    }
    if (++files_ > kMaxScriptFiles) {
      too_many_ = true;
      return fault(absl::StrCat("include '", name, "': more than ", kMaxScriptFiles, " files are included"));
    }
    const absl::StatusOr<std::string> text = read_(name);
    if (!text.ok()) return fault(absl::StrCat("'", name, "': cannot read the file: ", text.status().message()));
    if (text->size() > kMaxScriptBytes) {
      return fault(absl::StrCat("'", name, "': has ", text->size(), " bytes, at most ", kMaxScriptBytes, " are read"));
    }
    open_.push_back(path);
    ParseText(name, *text);
    open_.pop_back();
  }

  ScriptResult result;

 private:
  void ParseText(const std::string& name, absl::string_view text) {
    uint32_t number = 0;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      ++number;
      absl::ConsumeSuffix(&line, "\r");
      if (too_many_) return;
      ParseLine(name, number, line);
    }
  }

  void ParseLine(const std::string& name, uint32_t number, absl::string_view line) {
    line = UpToComment(line);
    const auto fault = [&](LineFault what) {
      result.errors.push_back(ConfigFault{name, number, static_cast<uint32_t>(what.at + 1), std::move(what.message)});
    };
    const absl::StatusOr<std::vector<Word>> words = SplitWords(line);
    if (!words.ok()) return fault({0, std::string(words.status().message())});
    if (words->empty()) return;
    if (IsWord(*words, 0, "include")) {
      if (words->size() != 2) return fault({words->front().at, "include needs one file"});
      const ConfigFault here{name, number, static_cast<uint32_t>(words->front().at + 1), ""};
      return ParseFile((Path(name).parent_path() / (*words)[1].text).string(), &here);
    }
    Statement statement{name, number, TextOf(line, *words, 0, words->size()), statement::Quit{}};
    if (auto what = ParseStatement(line, *words, statement)) return fault(*std::move(what));
    if (result.statements.size() == kMaxScriptStatements) {
      too_many_ = true;
      return fault({0, absl::StrCat("more than ", kMaxScriptStatements, " statements")});
    }
    result.statements.push_back(std::move(statement));
  }

  std::optional<LineFault> ParseStatement(absl::string_view line, std::span<const Word> words, Statement& out) {
    const size_t end = words.size();
    if (IsWord(words, 0, "quit")) {
      if (end > 1) return LineFault{words[1].at, "quit takes no arguments"};
      return std::nullopt;
    }
    if (IsWord(words, 0, "echo")) {
      std::vector<std::string> texts;
      for (const Word& word : words.subspan(1)) texts.push_back(word.text);
      out.what = statement::Echo{absl::StrJoin(texts, " ")};
      return std::nullopt;
    }
    if (IsWord(words, 0, "sleep")) {
      if (end != 2) return LineFault{words[0].at, "sleep needs one time, for example 200ms"};
      statement::Sleep sleep{};
      if (auto fault = ReadTime(words[1], sleep.time)) return fault;
      out.what = sleep;
      return std::nullopt;
    }
    if (IsWord(words, 0, "wait")) return ParseWait(line, words, out);
    if (IsWord(words, 0, "expect")) return ParseExpect(line, words, out);
    if (auto fault = Check(grammar_.command, words[0].at, out.text)) return fault;
    out.what = statement::Run{out.text};
    return std::nullopt;
  }

  std::optional<LineFault> ParseExpect(absl::string_view line, std::span<const Word> words, Statement& out) {
    if (IsWord(words, 1, "fails")) {
      if (words.size() == 2) return LineFault{line.size(), "expect fails needs a command"};
      statement::ExpectFails expect{TextOf(line, words, 2, words.size())};
      if (auto fault = Check(grammar_.command, words[2].at, expect.command)) return fault;
      out.what = std::move(expect);
      return std::nullopt;
    }
    statement::Expect expect;
    if (auto fault = ReadTerms(line, words, 1, words.size(), expect.terms)) return fault;
    out.what = std::move(expect);
    return std::nullopt;
  }

  std::optional<LineFault> ParseWait(absl::string_view line, std::span<const Word> words, Statement& out) {
    const size_t end = words.size();
    if (!IsWord(words, 1, "until")) return LineFault{words[0].at, "write: wait until EXPRESSION within TIME"};
    if (end < 4 || !IsWord(words, end - 2, "within")) {
      return LineFault{line.size(), "wait until needs a limit at its end, for example: within 5s"};
    }
    statement::WaitUntil wait{};
    if (auto fault = ReadTime(words[end - 1], wait.within)) return fault;
    if (auto fault = ReadTerms(line, words, 2, end - 2, wait.terms)) return fault;
    out.what = std::move(wait);
    return std::nullopt;
  }

  std::optional<LineFault> ReadTerms(absl::string_view line, std::span<const Word> words, size_t first, size_t end,
                                     std::vector<Term>& out) {
    const CheckCommand check = [this](absl::string_view command) {
      const std::optional<LineFault> fault = Check(grammar_.question, 0, command);
      return fault.has_value() ? absl::InvalidArgumentError(fault->message) : absl::OkStatus();
    };
    ParsedExpression parsed = ParseExpression(line, words, first, end, check);
    if (auto* fault = std::get_if<LineFault>(&parsed)) return std::move(*fault);
    out = std::get<std::vector<Term>>(std::move(parsed));
    return std::nullopt;
  }

  static std::optional<LineFault> Check(const CheckCommand& check, size_t at, absl::string_view command) {
    const absl::Status status = check(command);
    if (!status.ok()) return LineFault{at, std::string(status.message())};
    return std::nullopt;
  }

  static std::optional<LineFault> ReadTime(const Word& word, Nanoseconds& out) {
    const absl::StatusOr<Nanoseconds> time = config_internal::ParseDuration(word.text);
    if (!time.ok()) return LineFault{word.at, absl::StrCat("time '", word.text, "': ", time.status().message())};
    if (*time > kMaxScriptTime) return LineFault{word.at, absl::StrCat("time '", word.text, "': must be at most 24 h")};
    out = *time;
    return std::nullopt;
  }

  const ReadScript& read_;
  const ScriptGrammar& grammar_;
  std::vector<Path> open_;
  size_t files_ = 0;
  bool too_many_ = false;  // files or statements
};

}  // namespace

ScriptResult ParseScript(const std::string& file, const ReadScript& read, const ScriptGrammar& grammar) {
  Parser parser(read, grammar);
  parser.ParseFile(file, nullptr);
  return std::move(parser.result);
}

}  // namespace dpvrrp
