// SPDX-License-Identifier: BSD-3-Clause
#include "config/command_words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kOperators[] = {"&&", "||", "|", "&", ";", ";;"};
constexpr absl::string_view kShells[] = {"sh", "bash", "dash", "ash", "ksh", "zsh", "su", "runuser"};

bool IsShell(absl::string_view program) {
  const absl::string_view name = program.substr(program.rfind('/') + 1);  // npos + 1 is 0
  return std::find(std::begin(kShells), std::end(kShells), name) != std::end(kShells);
}

// "-c", "-lc".
bool TakesScript(absl::string_view option) {
  return option.size() >= 2 && option[0] == '-' && option[1] != '-' && option.back() == 'c';
}

// ">", "2>&1", "&>/tmp/x", "<file".
bool IsRedirection(absl::string_view word) {
  const size_t at = word.find_first_not_of("0123456789&");
  return at != absl::string_view::npos && (word[at] == '>' || word[at] == '<');
}

bool OnlyAShellInterprets(absl::string_view word) {
  const bool is_operator = std::find(std::begin(kOperators), std::end(kOperators), word) != std::end(kOperators);
  return is_operator || IsRedirection(word) || absl::EndsWith(word, ";") || absl::StrContains(word, "$(") ||
         absl::StrContains(word, '`');
}

}  // namespace

absl::StatusOr<std::vector<CommandWord>> SplitCommand(absl::string_view text) {
  std::vector<CommandWord> words;
  CommandWord word;
  bool in_word = false;
  char mark = 0;  // the open quotation mark
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return absl::InvalidArgumentError("must not end with a backslash");
      word.text.push_back(text[i]);
      word.quoted = in_word = true;
    } else if (mark != 0) {
      if (c != mark) word.text.push_back(c);
      if (c == mark) mark = 0;
    } else if (c == '\'' || c == '"') {
      mark = c;
      word.quoted = in_word = true;
    } else if (!absl::ascii_isspace(static_cast<unsigned char>(c))) {
      word.text.push_back(c);
      in_word = true;
    } else if (in_word) {
      words.push_back(std::exchange(word, {}));
      in_word = false;
    }
  }
  if (mark != 0)
    return absl::InvalidArgumentError(absl::StrCat("a quotation mark, ", std::string(1, mark), ", is not closed"));
  if (in_word) words.push_back(std::move(word));
  return words;
}

absl::string_view ShellWordOf(std::span<const CommandWord> command) {
  bool in_shell = false;
  for (size_t i = 0; i < command.size(); ++i) {
    const absl::string_view word = command[i].text;
    if (in_shell && TakesScript(word)) {
      ++i;  // the shell's own script
      in_shell = false;
    } else if (i > 0 && !command[i].quoted && OnlyAShellInterprets(word)) {
      return word;
    } else if (IsShell(word)) {
      in_shell = true;
    }
  }
  return "";
}

}  // namespace dpvrrp::config_internal
