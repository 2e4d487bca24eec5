// SPDX-License-Identifier: BSD-3-Clause
//
// A row of the command table, what its handler is given, and helpers that several handlers share.
//
// Thread: control.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/grammar.h"
#include "cli/report.h"
#include "control/commands/commands.h"
#include "control/compose/configurator.h"
#include "control/compose/orders.h"
#include "control/compose/parts.h"
#include "control/control_time.h"
#include "control/questions/answers.h"
#include "control/reports/last_answer.h"

namespace dpvrrp::internal {

struct CommandContext {
  RequesterId from;
  View& view;
  Orders& orders;
  Configurator& configurator;
  const CommandCall& call;
  const Answers& answers;
  ControlTime t;
  size_t width = 0;  // of the client's screen; 0: no limit

  LastAnswer LastAnswerOf(const ManagedInstance& instance) const { return {answers, instance, t}; }
  const std::string& argument(size_t i) const { return call.parsed.arguments[i]; }
  bool HasFlag(absl::string_view flag) const { return call.parsed.HasFlag(flag); }
};

// What a command needs from the lcores before its handler can run.
struct Needs {
  std::vector<const ManagedInstance*> instances;  // their state
  bool watch = false;                             // what the workers' watches have seen
  bool empty() const { return instances.empty() && !watch; }
};

// A row of the table.
struct Command {
  CommandSpec spec;
  absl::StatusOr<Report> (*run)(const CommandContext&);
  Needs (*needs)(View&, const CommandCall&) = nullptr;  // null: nothing
  // Whether the handler decides by what the lcores say that something may be changed. If a worker does not answer, such
  // a command is refused, unless it has --force.
  bool decides = false;
  // Whether it changes something. An event then names the operator, and the read-only socket refuses it.
  bool orders = false;
  // The answer continues until the client leaves, as with --follow.
  bool continues = false;
  // The text of the report is JSON by another document's rules: it is the whole answer, with and without --json.
  bool is_json = false;
};

// Whether this call changes something: `reload --dry-run` does not.
bool IsOrder(const CommandCall& call);

std::span<const Command> CommandTable();

// The operator must confirm: `question` says what would happen. The commander asks, or refuses and names --yes.
absl::Status NeedsYes(absl::string_view question);
// Whether the name is a glob, and no instance has this name.
bool MeansMany(View& view, const std::string& name);
// The instances that fit the glob, in the order of their names.
std::vector<const ManagedInstance*> InstancesOf(View& view, const std::string& glob);

// An answer of one line.
Report Done(std::string text);
// An answer of one section without a name.
Report Only(Record record);
Report Only(Table table);

// NotFound: there is none. FailedPrecondition: it is not started.
absl::StatusOr<const ManagedInstance*> InstanceNamed(View& view, const std::string& name);
// Likewise. FailedPrecondition also for a follower, for which an order to its own state or VRID has no effect.
absl::StatusOr<const ManagedInstance*> AdvertiserNamed(View& view, const std::string& name);
absl::StatusOr<const PortBinding*> PortNamed(View& view, const std::string& name);
// `rule` is "priority must be 1..254" for example; the error adds what the operator typed.
absl::StatusOr<int> NumberIn(const std::string& text, int from, int to, absl::string_view name);

// The first argument as an instance or a glob; the options `instance`, `port`, `vlan` and `state` as a filter of
// instances.
Needs NeedsOne(View& view, const CommandCall& call);
Needs NeedsFiltered(View& view, const CommandCall& call);
Needs NeedsWatch(View& view, const CommandCall& call);
// What `sender block` needs, to know whether the sender is the master of a backup of ours.
Needs NeedsMasters(View& view, const CommandCall& call);

}  // namespace dpvrrp::internal
