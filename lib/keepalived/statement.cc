// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/statement.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp::keepalived {
namespace {

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// Reads the escape after a backslash at `text[*i]`; *i is left at its last character.
void AppendEscape(absl::string_view text, size_t* i, std::string* out) {
  constexpr absl::string_view kNames = "abEfnrtv";
  constexpr char kBytes[] = {'\a', '\b', '\x1b', '\f', '\n', '\r', '\t', '\v'};
  const char c = text[*i];
  if (const size_t known = kNames.find(c); known != absl::string_view::npos) {
    out->push_back(kBytes[known]);
  } else if (IsOctal(c)) {
    unsigned value = 0;
    size_t digits = 0;
    for (; digits < 3 && *i + digits < text.size() && IsOctal(text[*i + digits]); ++digits) {
      value = value * 8 + static_cast<unsigned>(text[*i + digits] - '0');
    }
    *i += digits - 1;
    out->push_back(static_cast<char>(value));
  } else if ((c == 'x' || c == 'X') && *i + 1 < text.size() &&
             absl::ascii_isxdigit(static_cast<unsigned char>(text[*i + 1]))) {
    unsigned value = 0;
    while (*i + 1 < text.size() && absl::ascii_isxdigit(static_cast<unsigned char>(text[*i + 1]))) {
      const char digit = absl::ascii_tolower(static_cast<unsigned char>(text[++*i]));
      value =
          (value * 16 + static_cast<unsigned>(
                            absl::ascii_isdigit(static_cast<unsigned char>(digit)) ? digit - '0' : digit - 'a' + 10)) &
          0xff;
    }
    out->push_back(static_cast<char>(value));
  } else if (c == 'c' && *i + 1 < text.size()) {
    out->push_back(static_cast<char>(text[++*i] & 0x1f));
  } else {
    out->push_back(c);
  }
}

struct Token {
  enum class Kind { kWord, kOpen, kClose };
  Kind kind = Kind::kWord;
  std::string text{};
  bool quoted = false;
};

// Words whose values are commands: there ' is a quotation mark too, and a backslash escapes.
bool IsCommandWord(absl::string_view word) {
  return absl::StartsWith(word, "notify") || word == "script" || word == "process" || absl::EndsWith(word, "_script") ||
         word == "quorum_up" || word == "quorum_down" || word == "misc_path";
}

// Divides one line. Elsewhere than in commands, keepalived 2.2.7 knows only " as a quotation mark and no escapes, and a
// word ends where a quotation begins or ends. The manual says otherwise.
class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    for (; i_ < text_.size(); ++i_) {
      if (!Step()) return absl::InvalidArgumentError("an escape makes a zero byte");
    }
    if (mark_ != 0) {
      return absl::InvalidArgumentError(absl::StrCat("a quotation mark, ", std::string(1, mark_), ", is not closed"));
    }
    EndWord();
    return std::move(tokens_);
  }

 private:
  bool Step() {
    const char c = text_[i_];
    if (command_ && c == '\\' && i_ + 1 < text_.size()) {
      ++i_;
      AppendEscape(text_, &i_, &word_.text);
      in_word_ = true;
      return word_.text.back() != '\0';
    }
    if (mark_ != 0) {
      if (c != mark_) {
        word_.text.push_back(c);
      } else {
        mark_ = 0;
        if (!command_) EndWord();
      }
    } else if (c == '"' || (c == '\'' && command_)) {
      if (!command_) EndWord();
      mark_ = c;
      in_word_ = word_.quoted = true;
    } else if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      EndWord();
    } else if (absl::StartsWith(text_.substr(i_), "${") && absl::StrContains(text_.substr(i_), '}')) {
      const size_t close = text_.find('}', i_);  // a reference to something that is not defined
      absl::StrAppend(&word_.text, text_.substr(i_, close - i_ + 1));
      in_word_ = true;
      i_ = close;
    } else if (c == '{' || c == '}') {
      EndWord();
      tokens_.push_back({c == '{' ? Token::Kind::kOpen : Token::Kind::kClose});
      begins_ = true;
      command_ = false;
    } else {
      word_.text.push_back(c);
      in_word_ = true;
    }
    return true;
  }

  void EndWord() {
    if (!in_word_) return;
    if (begins_) command_ = IsCommandWord(word_.text);
    begins_ = in_word_ = false;
    tokens_.push_back(std::exchange(word_, {}));
  }

  const absl::string_view text_;
  size_t i_ = 0;
  std::vector<Token> tokens_;
  Token word_;
  bool in_word_ = false;
  char mark_ = 0;         // the open quotation mark
  bool begins_ = true;    // the next word begins a statement
  bool command_ = false;  // the statement's value is a command
};

class Parser {
 public:
  absl::StatusOr<std::vector<Statement>> Run(const std::vector<SourceLine>& lines) {
    blocks_.push_back({});
    for (const SourceLine& line : lines) DPVRRP_RETURN_IF_ERROR(Line(line));
    EndStatement();
    if (blocks_.size() > 1) {
      const Statement& open = blocks_[blocks_.size() - 2].back();
      return Fault(open.at, absl::StrCat("the block of ", open.word(0), " is not closed: a '}' is missing"));
    }
    // Comments after the last statement stand at a statement without words.
    if (!comments_.empty()) {
      Statement end;
      end.comments = std::exchange(comments_, {});
      end.note = Note{};
      blocks_[0].push_back(std::move(end));
    }
    return std::move(blocks_[0]);
  }

 private:
  static absl::Status Fault(const Place& at, absl::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat(at.file, ":", at.line, ": ", rule));
  }

  absl::Status Line(const SourceLine& line) {
    if (line.text.empty()) {
      if (!line.comment.empty()) comments_.push_back(line.comment);
      return absl::OkStatus();
    }
    if (line.note) {
      EndStatement();
      Begin(line);
      statement_.words = {line.text};
      statement_.quoted = {false};
      statement_.note = line.note;
      statement_.comment = line.comment;
      EndStatement();
      return absl::OkStatus();
    }
    absl::StatusOr<std::vector<Token>> tokens = Lexer(line.text).Run();
    if (!tokens.ok()) return Fault(line.at, tokens.status().message());
    // A brace on the next line belongs to the statement before it.
    if ((*tokens)[0].kind != Token::Kind::kOpen) EndStatement();
    for (size_t i = 1; i < tokens->size(); ++i) {
      const bool two = (*tokens)[i - 1].kind == Token::Kind::kOpen && (*tokens)[i].kind == Token::Kind::kOpen;
      if (two && absl::StrContains(line.text, "{{")) {
        return Fault(line.at, "'{{ ... }}' is a placeholder of a template: fill it in first");
      }
    }
    for (Token& token : *tokens) DPVRRP_RETURN_IF_ERROR(Take(line, std::move(token)));
    AttachComment(line);
    return absl::OkStatus();
  }

  absl::Status Take(const SourceLine& line, Token token) {
    switch (token.kind) {
      case Token::Kind::kWord:
        if (!pending_) Begin(line);
        statement_.words.push_back(std::move(token.text));
        statement_.quoted.push_back(token.quoted);
        return absl::OkStatus();
      case Token::Kind::kOpen:
        if (!pending_) return Fault(line.at, "a '{' stands without a word before it");
        if (blocks_.size() > kMaxBlockDepth)
          return Fault(line.at, absl::StrCat("more than ", kMaxBlockDepth, " blocks are in each other"));
        statement_.has_block = true;
        EndStatement();
        blocks_.emplace_back();
        return absl::OkStatus();
      case Token::Kind::kClose:
        EndStatement();
        if (blocks_.size() == 1) return Fault(line.at, "a '}' closes no block");
        std::vector<Statement> block = std::move(blocks_.back());
        blocks_.pop_back();
        Statement& owner = blocks_.back().back();
        owner.block = std::move(block);
        owner.closing = std::exchange(comments_, {});
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  // The comment belongs to the statement that is being read, or to the last one of the innermost block that has one.
  void AttachComment(const SourceLine& line) {
    if (pending_) {
      statement_.comment = line.comment;
      statement_.comment_glued = line.comment_glued;
    }
    if (pending_ || line.comment.empty()) return;
    Statement* owner = nullptr;
    for (std::vector<Statement>& block : blocks_) {
      if (!block.empty()) owner = &block.back();
    }
    if (owner == nullptr) return comments_.push_back(line.comment);
    absl::StrAppend(&owner->comment, owner->comment.empty() ? "" : "; ", line.comment);
  }

  void Begin(const SourceLine& line) {
    pending_ = true;
    statement_ = Statement();
    statement_.at = line.at;
    statement_.comments = std::exchange(comments_, {});
  }

  void EndStatement() {
    if (!pending_) return;
    blocks_.back().push_back(std::move(statement_));
    pending_ = false;
  }

  std::vector<std::vector<Statement>> blocks_;  // that are open, the outermost first
  Statement statement_;                         // that is being read
  bool pending_ = false;
  std::vector<std::string> comments_;  // not yet attached
};

}  // namespace

absl::StatusOr<std::vector<Statement>> ParseStatements(const std::vector<SourceLine>& lines) {
  return Parser().Run(lines);
}

}  // namespace dpvrrp::keepalived
