// SPDX-License-Identifier: BSD-3-Clause
//
// Programs: [scripts], the notify keys of an instance, template or group, and the form of every command.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/command_words.h"
#include "config/draft.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxCommandBytes = 4096;  // a longer script belongs into a file

// The words of a list or a string. Nothing if the form is wrong, which is reported.
std::optional<std::vector<CommandWord>> WordsOf(const TableReader& reader, absl::string_view key, const Node& node) {
  if (TypeOf(node) == kString) {
    absl::StatusOr<std::vector<CommandWord>> words = SplitCommand(node.text());
    if (words.ok() && !words->empty()) return *std::move(words);
    reader.Refuse(key, node, words.ok() ? "must name a program" : words.status().message());
    return std::nullopt;
  }
  std::vector<CommandWord> words;
  for (const Node* item : reader.Items(key, kString, "a list of strings")) words.push_back({item->text()});
  if (words.size() != node.items().size()) return std::nullopt;
  if (!words.empty()) return words;
  reader.faults().Error(node.at, absl::StrCat(key, ": must name a program"));
  return std::nullopt;
}

// The rule that a command breaks.
std::string CommandFault(const std::vector<CommandWord>& words) {
  const std::string& program = words.front().text;
  size_t bytes = 0;
  for (const CommandWord& word : words) {
    if (absl::StrContains(word.text, '\0')) return "must not contain a zero byte";
    bytes += word.text.size() + 1;
  }
  if (!absl::StartsWith(program, "/")) {
    return absl::StrCat("must begin with the absolute path of a program, such as /usr/bin/",
                        program.empty() || absl::StrContains(program, '/') ? "pgrep" : program);
  }
  if (bytes > kMaxCommandBytes) {
    return absl::StrCat("must be at most ", kMaxCommandBytes, " bytes; write a script file instead");
  }
  return "";
}

}  // namespace

std::vector<std::string> ReadCommand(const TableReader& reader, absl::string_view key, const ReadContext& context) {
  const Node* node = reader.Find(key);
  if (node == nullptr) return {};
  const std::optional<std::vector<CommandWord>> words = WordsOf(reader, key, *node);
  if (!words) return {};
  const bool is_string = TypeOf(*node) == kString;
  const std::string fault = CommandFault(*words);
  if (!fault.empty()) {
    reader.Refuse(key, is_string ? *node : node->items().front(), fault);
    return {};
  }
  const absl::string_view shell_word = ShellWordOf(*words);
  if (!shell_word.empty()) {
    context.faults.Warning(node->at, absl::StrCat(key, is_string ? absl::StrCat(" ", ValueText(*node)) : "",
                                                  ": no shell interprets ", Quoted(shell_word),
                                                  ", so the program gets it as an argument; to use a shell, write "
                                                  "/bin/sh -c '...'"));
  }
  std::vector<std::string> command;
  for (const CommandWord& word : *words) command.push_back(word.text);
  context.commands.push_back({key, node, command.front()});
  return command;
}

Shared<NotifyConfig> ReadNotify(const TableReader& reader, const ReadContext& context) {
  NotifyConfig notify;
  notify.master = ReadCommand(reader, "notify_master", context);
  notify.backup = ReadCommand(reader, "notify_backup", context);
  notify.fault = ReadCommand(reader, "notify_fault", context);
  notify.stop = ReadCommand(reader, "notify_stop", context);
  notify.any = ReadCommand(reader, "notify", context);
  if (notify == NotifyConfig()) return {};
  return {std::make_shared<const NotifyConfig>(std::move(notify))};
}

ScriptsConfig ReadScripts(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kScriptsRule, context.faults);
  ScriptsConfig scripts;
  ReadAccount(reader, "user", &scripts.user);
  ReadProgramTime(reader, "timeout", kShortestTimeout, &scripts.timeout);
  ReadPath(reader, "fifo", kMaxPathBytes, &scripts.fifo);
  scripts.start = ReadCommand(reader, "start", context);
  scripts.stop = ReadCommand(reader, "stop", context);
  return scripts;
}

}  // namespace dpvrrp::config_internal
