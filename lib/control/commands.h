// SPDX-License-Identifier: BSD-3-Clause
//
// The command table: one row a command, from which parsing, help, completion and docs/cli.md's coverage test derive.
//
// Thread: control.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/grammar.h"
#include "cli/report.h"
#include "control/control_time.h"
#include "pipeline/messages.h"

namespace dpvrrp {

class Controller;
struct ManagedInstance;

// Every command's pattern and help.
std::span<const CommandSpec> AllCommands();

struct CommandCall {
  ParsedCommand parsed;
  std::vector<std::string> help_words;  // for `help WORD...`, which takes any words
};

// InvalidArgument: the line is no command; the message says what was expected.
absl::StatusOr<CommandCall> ParseCall(absl::string_view line);

// The instances whose lcore must be asked before the command can run; empty: none.
std::vector<const ManagedInstance*> InstancesToAsk(Controller& controller, const CommandCall& call);

// Whether the workers' watches must be read before the command can run.
bool AsksTheWatch(const CommandCall& call);

// What the lcores have said.
struct Answers {
  const InstanceQuery* instances = nullptr;        // the snapshots InstancesToAsk wanted, in any order; null: none were
  const std::vector<Speaker>* speakers = nullptr;  // null: AsksTheWatch() said no
};

absl::StatusOr<Report> Execute(Controller& controller, const CommandCall& call, const Answers& answers, ControlTime t);

std::vector<std::string> CompleteCommand(Controller& controller, absl::string_view line);

}  // namespace dpvrrp
