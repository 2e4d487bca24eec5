// SPDX-License-Identifier: BSD-3-Clause
#include "cli/words.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// The length of the UTF-8 sequence (RFC 3629 4) that begins at `at`, 0 if none does. C1 controls (U+0080..U+009F) count
// as none: some terminals obey them.
size_t Utf8Length(absl::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(at);
  const uint8_t second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(at + 1) && !(first == 0xc2 && second < 0xa0) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && second < 0xa0;
    const bool surrogate = first == 0xed && second > 0x9f;
    return tail(at + 1) && tail(at + 2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool overlong = first == 0xf0 && second < 0x90;
    const bool beyond = first == 0xf4 && second > 0x8f;
    return tail(at + 1) && tail(at + 2) && tail(at + 3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

enum class OpenQuote { kRefuse, kAllow };

// Splits `line`. `finished_all` is set if the line ends in a blank or is empty, so that no word is being typed.
absl::StatusOr<std::vector<Word>> Split(absl::string_view line, OpenQuote open_quote, bool* finished_all) {
  if (!IsPlainText(line)) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a line of text: '", EscapeForTerminal(line.substr(0, 40)), "'"));
  }
  std::vector<Word> words;
  bool inside_word = false;
  bool inside_quotes = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (!inside_quotes && IsBlank(c)) {
      inside_word = false;
      continue;
    }
    if (!inside_word) words.emplace_back().at = i;
    inside_word = true;
    if (c == '"') {
      inside_quotes = !inside_quotes;
      words.back().quoted = true;
    } else if (inside_quotes && c == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) {
      words.back().text += line[++i];
    } else {
      words.back().text += c;
    }
  }
  if (inside_quotes && open_quote == OpenQuote::kRefuse) {
    return absl::InvalidArgumentError(
        absl::StrCat("a quote is not closed: '\"", EscapeForTerminal(words.back().text), "'"));
  }
  if (finished_all != nullptr) *finished_all = !inside_word;
  return words;
}

}  // namespace

absl::StatusOr<std::vector<Word>> SplitWords(absl::string_view line) {
  return Split(line, OpenQuote::kRefuse, nullptr);
}

absl::StatusOr<TypedWords> SplitTypedWords(absl::string_view line) {
  bool finished_all = false;
  DPVRRP_ASSIGN_OR_RETURN(std::vector<Word> words, Split(line, OpenQuote::kAllow, &finished_all));
  TypedWords typed{.finished = std::move(words), .last = {}};
  if (!finished_all) {
    typed.last = std::move(typed.finished.back());
    typed.finished.pop_back();
  }
  return typed;
}

std::string QuoteWord(absl::string_view word) {
  bool plain = !word.empty();
  for (const char c : word) plain = plain && !IsBlank(c) && c != '"';
  return plain ? std::string(word) : AlwaysQuoteWord(word);
}

std::string AlwaysQuoteWord(absl::string_view word) {
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string JoinWords(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (&word != &words.front()) line += ' ';
    line += QuoteWord(word);
  }
  return line;
}

bool IsPlainText(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length == 0 || (IsControl(text[i]) && text[i] != '\t')) return false;
    i += length;
  }
  return true;
}

std::string EscapeForTerminal(absl::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length == 0 || IsControl(text[i])) {
      absl::StrAppendFormat(&escaped, "\\x%02x", static_cast<uint8_t>(text[i]));
      ++i;
    } else {
      absl::StrAppend(&escaped, text.substr(i, length));
      i += length;
    }
  }
  return escaped;
}

}  // namespace dpvrrp
