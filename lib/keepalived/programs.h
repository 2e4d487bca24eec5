// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "keepalived/context.h"

namespace dpvrrp::keepalived {

// Programs and the users that run them.
//
// Thread: one.
class Programs {
 public:
  explicit Programs(const Context& context);

  // Sets `key` to the program, if the file names one.
  void Put(TomlTable* table, absl::string_view key, const Given<ProgramOf>& program);
  void PutNotify(TomlTable* table, const NotifyPrograms& notify);
  // Whether the program has an absolute path, or a name that is looked for.
  static bool CanRun(const ProgramOf& program);
  // Why keepalived disables the check script, as far as the machine is known; empty: it does not.
  std::string WhyDisabled(const ScriptOf& script) const;
  // [scripts], empty if it has no keys.
  TomlTable ScriptsTable();

  const std::string& user() const { return user_; }

 private:
  // The command with an absolute path; empty if there is none, which is reported.
  std::string Command(const Given<ProgramOf>& program);

  const Context& context_;
  std::string user_;  // runs what has no user of its own
  bool used_ = false;
  bool said_user_ = false;  // that the user may be keepalived_script
};

}  // namespace dpvrrp::keepalived
