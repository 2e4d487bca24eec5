// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/source.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "keepalived/definitions.h"

namespace dpvrrp::keepalived {
namespace {

// Whether a secret follows the word: "auth_pass", "Password:", or the number in "key 3".
bool IntroducesSecret(absl::string_view before, absl::string_view word) {
  std::string name = absl::AsciiStrToLower(word);
  while (!name.empty() && absl::StrContains(":=\"'", name.back())) name.pop_back();
  if (absl::StartsWith(name, "auth_pas") || name == "pass" || absl::StartsWith(name, "passw") || name == "passphrase")
    return true;
  return before == "key" && !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

// A statement that is commented out may have a secret, and comments are carried over.
std::string WithoutSecret(absl::string_view comment) {
  absl::string_view before;
  for (size_t at = 0; at < comment.size();) {
    at = comment.find_first_not_of(" \t", at);
    if (at == absl::string_view::npos) break;
    const size_t end = std::min(comment.find_first_of(" \t", at), comment.size());
    const absl::string_view word = comment.substr(at, end - at);
    const size_t value = comment.find_first_not_of(" \t", end);
    const size_t equals = word.find_first_of(":=");
    if (equals != absl::string_view::npos && equals + 1 < word.size() &&
        IntroducesSecret(before, word.substr(0, equals))) {
      return absl::StrCat(comment.substr(0, at + equals + 1), "***");
    }
    if (value != absl::string_view::npos && IntroducesSecret(before, word))
      return absl::StrCat(comment.substr(0, value), "***");
    before = word;
    at = end;
  }
  return std::string(comment);
}

struct Stripped {
  std::string text;
  std::string comment;
  bool glued = false;
};

// Divides a line at the first ! or # outside of double quotation marks.
Stripped StripComment(absl::string_view raw) {
  char mark = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (mark != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == mark) {
        mark = 0;
      }
    } else if (c == '"') {
      mark = c;
    } else if (c == '!' || c == '#') {
      Stripped out;
      out.glued = i > 0 && !absl::ascii_isspace(static_cast<unsigned char>(raw[i - 1]));
      out.text = std::string(absl::StripAsciiWhitespace(raw.substr(0, i)));
      absl::string_view comment = raw.substr(i);
      while (absl::ConsumePrefix(&comment, "#") || absl::ConsumePrefix(&comment, "!")) {
      }
      absl::ConsumePrefix(&comment, " ");
      // What is behind "auth_pass ab!" may be the rest of a password.
      const bool tail = out.glued && absl::StrContains(out.text, "auth_pas");
      out.comment = tail ? "" : WithoutSecret(absl::StripTrailingAsciiWhitespace(comment));
      return out;
    }
  }
  return {std::string(absl::StripAsciiWhitespace(raw)), "", false};
}

absl::string_view FirstWord(absl::string_view text) { return text.substr(0, text.find_first_of(" \t")); }

std::string FolderOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? "." : std::string(path.substr(0, std::max<size_t>(slash, 1)));
}

// "include", "includer", "includem", "includew", "includeb", "includea".
bool IsInclude(absl::string_view text) {
  absl::string_view word = FirstWord(text);
  return absl::ConsumePrefix(&word, "include") &&
         (word.empty() || (word.size() == 1 && absl::StrContains("rmwba", word)));
}

class Reading {
 public:
  Reading(const std::string& config_id, const SourceReader& reader) : config_id_(config_id), reader_(reader) {
    definitions_.Set("_HASH", "#");
    definitions_.Set("_BANG", "!");
    definitions_.Set("_INSTANCE", config_id);
  }

  absl::Status File(const std::string& path, const std::string& text) {
    if (text.size() > kMaxFileBytes) return Fault({path, 1}, "the file has more than 64 MiB");
    if (absl::StartsWith(text, "\xef\xbb\xbf")) {
      return Fault({path, 1}, "the file begins with a byte order mark, which keepalived does not read: remove it");
    }
    open_.push_back(path);
    definitions_.Set("_PWD", FolderOf(path));
    const std::vector<absl::string_view> rows = absl::StrSplit(text, '\n');
    for (size_t i = 0; i < rows.size(); ++i) {
      const Place at{path, static_cast<uint32_t>(i + 1)};
      if (absl::StrContains(rows[i], '\0')) return Fault(at, "the file is not text: there is a zero byte");
      if (rows[i].size() > kMaxLineBytes)
        return Fault(at, absl::StrCat("a line has at most ", kMaxLineBytes, " bytes"));
      Stripped line = StripComment(rows[i]);
      if (ContinuesDefinition(line.text)) DPVRRP_RETURN_IF_ERROR(Gather(rows, at, &i, &line.text));
      DPVRRP_RETURN_IF_ERROR(Line({at, line.text, line.comment, line.glued, std::nullopt}, 0));
    }
    open_.pop_back();
    if (!open_.empty()) definitions_.Set("_PWD", FolderOf(open_.back()));
    return absl::OkStatus();
  }

  std::vector<SourceLine> Take() { return std::move(lines_); }

 private:
  static absl::Status Fault(const Place& at, absl::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat(at.file, ":", at.line, ": ", rule));
  }

  static bool ContinuesDefinition(absl::string_view text) {
    if (!absl::EndsWith(text, "\\")) return false;
    while (absl::StartsWith(text, "@")) {
      text.remove_prefix(FirstWord(text).size());
      text = absl::StripLeadingAsciiWhitespace(text);
    }
    return ParseDefinition(text).has_value();
  }

  // Joins the lines of a definition, from the one after `*i` to the first that does not end with a backslash.
  static absl::Status Gather(const std::vector<absl::string_view>& rows, const Place& at, size_t* i,
                             std::string* text) {
    text->pop_back();
    *text = std::string(absl::StripTrailingAsciiWhitespace(*text));
    while (++*i < rows.size()) {
      if (rows[*i].size() > kMaxLineBytes) break;
      std::string row = StripComment(rows[*i]).text;
      if (row.empty()) continue;
      const bool more = absl::EndsWith(row, "\\");
      if (more) row.pop_back();
      absl::StrAppend(text, "\n", absl::StripAsciiWhitespace(row));
      if (!more) return absl::OkStatus();
    }
    return Fault(at, "the last line of this definition is missing: each of its lines but the last ends with '\\'");
  }

  // One line, of a file or of a definition. `depth`: of definitions in definitions.
  absl::Status Line(SourceLine line, size_t depth) {
    if (depth > kMaxReplacements) return Fault(line.at, "a definition refers to itself");
    if (absl::StartsWith(line.text, "@")) return Condition(std::move(line), depth);
    if (const auto definition = ParseDefinition(line.text)) {
      definitions_.Set(definition->name, definition->value);
      line.text = absl::StrCat("$", definition->name);
      line.note = Note{Verdict::kTaken, "replaced where it is used"};
      return Emit(std::move(line));
    }
    if (absl::StartsWith(line.text, "~")) {
      absl::StatusOr<std::optional<Repetition>> repetition = ParseRepetition(line.text, kMaxLines);
      if (!repetition.ok()) return Fault(line.at, repetition.status().message());
      if (repetition->has_value()) return Repeat(std::move(line), **repetition, depth);
    }
    if (IsInclude(line.text)) return Include(std::move(line));
    return Replace(std::move(line), depth);
  }

  absl::Status Condition(SourceLine line, size_t depth) {
    absl::string_view text = line.text;
    const std::string word(FirstWord(text));
    absl::string_view id = word;
    id.remove_prefix(1);
    const bool wants_other = absl::ConsumePrefix(&id, "^");
    text.remove_prefix(word.size());
    text = absl::StripLeadingAsciiWhitespace(text);
    if ((id == config_id_) != wants_other) {
      line.text = std::string(text);
      return Line(std::move(line), depth + 1);
    }
    line.text = absl::StrCat(word, " ", FirstWord(text));
    line.note = Note{Verdict::kDropped, absl::StrCat("not for this router, '", config_id_, "'")};
    return Emit(std::move(line));
  }

  absl::Status Repeat(SourceLine line, const Repetition& repetition, size_t depth) {
    for (const std::vector<std::string>& round : repetition.rounds) {
      for (size_t i = 0; i < round.size(); ++i) definitions_.Set(repetition.names[i], round[i]);
      SourceLine one = line;
      one.text = repetition.rest;
      line.comment.clear();  // stands at the first round
      DPVRRP_RETURN_IF_ERROR(Line(std::move(one), depth + 1));
    }
    return absl::OkStatus();
  }

  absl::Status Replace(SourceLine line, size_t depth) {
    size_t count = 0;
    while (std::optional<std::string> replaced = definitions_.ReplaceFirst(line.text)) {
      if (++count > kMaxReplacements) return Fault(line.at, "a definition refers to itself");
      if (replaced->size() > kMaxLineBytes) {
        return Fault(line.at, absl::StrCat("the definitions make a line of more than ", kMaxLineBytes, " bytes"));
      }
      line.text = *std::move(replaced);
      if (absl::StrContains(line.text, '\n')) return Rows(std::move(line), depth);
      line.text = std::string(absl::StripAsciiWhitespace(line.text));
      if (absl::StartsWith(line.text, "@") || ParseDefinition(line.text)) return Line(std::move(line), depth + 1);
    }
    return Emit(std::move(line));
  }

  absl::Status Rows(SourceLine line, size_t depth) {
    for (const absl::string_view row : absl::StrSplit(line.text, '\n')) {
      SourceLine one = line;
      one.text = std::string(absl::StripAsciiWhitespace(row));
      if (one.text.empty()) continue;
      line.comment.clear();
      DPVRRP_RETURN_IF_ERROR(Line(std::move(one), depth + 1));
    }
    return absl::OkStatus();
  }

  absl::Status Include(SourceLine line) {
    const Place at = line.at;
    absl::string_view name = line.text;
    name.remove_prefix(FirstWord(name).size());
    name = absl::StripAsciiWhitespace(name);
    if (name.size() >= 2 && (name[0] == '"' || name[0] == '\'') && name.back() == name[0]) {
      name = name.substr(1, name.size() - 2);
    }
    if (name.empty()) return Fault(at, "include needs the name of a file");
    const std::string pattern =
        absl::StartsWith(name, "/") ? std::string(name) : absl::StrCat(FolderOf(at.file), "/", name);
    const std::vector<std::string> files = reader_.glob(pattern);
    const bool is_pattern = name.find_first_of("*?[{") != absl::string_view::npos;
    line.note =
        files.empty()
            ? Note{is_pattern ? Verdict::kDropped : Verdict::kDecide, "no such file, and keepalived ignores that"}
            : Note{Verdict::kTaken, absl::StrCat(files.size(), files.size() == 1 ? " file" : " files", " read")};
    const size_t index = lines_.size();
    DPVRRP_RETURN_IF_ERROR(Emit(std::move(line)));
    for (const std::string& file : files) {
      if (std::count(open_.begin(), open_.end(), file) != 0) return Fault(at, absl::StrCat(file, " includes itself"));
      if (open_.size() >= kMaxIncludeDepth)
        return Fault(at, absl::StrCat("more than ", kMaxIncludeDepth, " files include each other"));
      const absl::StatusOr<std::string> text = reader_.read(file);
      if (!text.ok()) {
        lines_[index].note =
            Note{Verdict::kDecide, absl::StrCat(text.status().message(), ", and keepalived ignores that")};
        continue;
      }
      DPVRRP_RETURN_IF_ERROR(File(file, *text));
    }
    return absl::OkStatus();
  }

  absl::Status Emit(SourceLine line) {
    if (lines_.size() >= kMaxLines) return Fault(line.at, absl::StrCat("there are more than ", kMaxLines, " lines"));
    lines_.push_back(std::move(line));
    return absl::OkStatus();
  }

  const std::string& config_id_;
  const SourceReader& reader_;
  Definitions definitions_;
  std::vector<std::string> open_;  // files, the outermost first
  std::vector<SourceLine> lines_;
};

}  // namespace

absl::StatusOr<std::vector<SourceLine>> ReadSource(const std::string& file, const std::string& config_id,
                                                   const SourceReader& reader) {
  const absl::StatusOr<std::string> text = reader.read(file);
  if (!text.ok()) return text.status();
  Reading reading(config_id, reader);
  DPVRRP_RETURN_IF_ERROR(reading.File(file, *text));
  return reading.Take();
}

}  // namespace dpvrrp::keepalived
