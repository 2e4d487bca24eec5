// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/programs.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/command_words.h"

namespace dpvrrp::keepalived {

// keepalived runs programs as script_user, else as keepalived_script if there is such a user, else as root.
Programs::Programs(const Context& context) : context_(context) {
  const Given<std::string>& named = context.model.globals.script_user;
  const bool has_default = context.host.has_user && context.host.has_user("keepalived_script");
  user_ = named ? named.value : has_default ? "keepalived_script" : "root";
}

bool Programs::CanRun(const ProgramOf& program) {
  const auto words = config_internal::SplitCommand(program.command);  // was checked when it was read
  const std::string& first = (*words)[0].text;
  return absl::StartsWith(program.command, first) && (first[0] == '/' || !absl::StrContains(first, '/'));
}

std::string Programs::WhyDisabled(const ScriptOf& script) const {
  const HostKnowledge& host = context_.host;
  const Given<std::string>& user = script.user ? script.user : context_.model.globals.script_user;
  if (user && host.has_user && !host.has_user(user.value)) {
    return absl::StrCat("this machine has no user '", user.value, "', and keepalived disables the script");
  }
  const auto words = config_internal::SplitCommand(script.program.value.command);
  const bool found = !host.find_program || !host.find_program((*words)[0].text).empty();
  return found ? "" : "keepalived does not find the program and disables the script";
}

std::string Programs::Command(const Given<ProgramOf>& program) {
  const std::string& text = program.value.command;
  const auto words = config_internal::SplitCommand(text);
  const std::string& first = (*words)[0].text;
  if (absl::StartsWith(first, "/")) return text;
  if (!CanRun(program.value)) {
    context_.notes.Say(*program.from, Verdict::kDecide,
                       absl::StrCat("'", first, "' is not the absolute path of a program; it is left out"));
    return "";
  }
  const std::string found = context_.host.find_program ? context_.host.find_program(first) : "";
  if (context_.host.find_program && found.empty()) {
    context_.notes.Say(*program.from, Verdict::kDecide,
                       absl::StrCat("keepalived does not find ", first, " and runs nothing; it is left out"));
    return "";
  }
  context_.notes.Add(*program.from, Verdict::kChanged,
                     found.empty() ? absl::StrCat("/usr/bin/env finds ", first) : absl::StrCat(first, " is ", found));
  return found.empty() ? absl::StrCat("/usr/bin/env ", text) : absl::StrCat(found, text.substr(first.size()));
}

void Programs::Put(TomlTable* table, absl::string_view key, const Given<ProgramOf>& program) {
  if (!program) return;
  const std::string& user = program.value.user;
  if (!user.empty() && context_.host.has_user && !context_.host.has_user(user)) {
    return context_.notes.Say(
        *program.from, Verdict::kDecide,
        absl::StrCat("keepalived takes '", user, "' for a user, which this machine does not have, ",
                     "and runs nothing: put the whole command in quotation marks"));
  }
  std::string command = Command(program);
  if (command.empty()) return;
  used_ = true;
  if (!user.empty() && user != user_ && user_ == "root") {
    command = absl::StrCat("/usr/sbin/runuser -u ", user, " -- ", command);
    if (context_.host.has_user) {
      context_.notes.Add(*program.from, Verdict::kChanged, absl::StrCat("runuser runs it as ", user));
    } else {
      context_.notes.Add(*program.from, Verdict::kDecide,
                         absl::StrCat("keepalived takes '", user, "' for a user, and so does this file by runuser: if ",
                                      "it is an argument, put the whole command in quotation marks"));
    }
  } else if (!user.empty() && user != user_) {
    context_.notes.Add(*program.from, Verdict::kDecide,
                       absl::StrCat("it runs as ", user_, ", the user of [scripts], and not as ", user));
  }
  if (!context_.host.has_user && !context_.model.globals.script_user && user.empty() && !said_user_) {
    said_user_ = true;
    context_.notes.Add(*program.from, Verdict::kTaken,
                       "keepalived runs programs as keepalived_script if there is such a user; here root runs them");
  }
  table->SetText(key, command, program.from);
}

void Programs::PutNotify(TomlTable* table, const NotifyPrograms& notify) {
  Put(table, "notify", notify.any);
  Put(table, "notify_master", notify.master);
  Put(table, "notify_backup", notify.backup);
  Put(table, "notify_fault", notify.fault);
  Put(table, "notify_stop", notify.stop);
}

TomlTable Programs::ScriptsTable() {
  const GlobalsOf& globals = context_.model.globals;
  TomlTable table("[scripts]");
  if (used_ || context_.model.scripts.size() + context_.model.processes.size() != 0 || globals.startup ||
      globals.shutdown) {
    if (user_ != "root") {
      table.SetText("user", user_, globals.script_user.from);
    } else if (globals.script_user) {
      context_.notes.Say(*globals.script_user.from, Verdict::kTaken, "user in [scripts], the default");
    }
  } else if (globals.script_user) {
    context_.notes.Say(*globals.script_user.from, Verdict::kDropped, "there is no program to run");
  }
  if (globals.fifo) {
    if (absl::StartsWith(globals.fifo.value, "/")) {
      table.SetText("fifo", globals.fifo.value, globals.fifo.from);
    } else {
      context_.notes.Say(*globals.fifo.from, Verdict::kDecide, "must be an absolute path; it is left out");
    }
  }
  Put(&table, "start", globals.startup);
  Put(&table, "stop", globals.shutdown);
  return table;
}

}  // namespace dpvrrp::keepalived
