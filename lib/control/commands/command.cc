// SPDX-License-Identifier: BSD-3-Clause
#include "control/commands/command.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp::internal {

Report Done(std::string text) {
  Report report;
  report.text = absl::StrCat(text, "\n");
  return report;
}

absl::StatusOr<const ManagedInstance*> InstanceNamed(View& view, const std::string& name) {
  const ManagedInstance* instance = view.registry.Find(name);
  if (instance != nullptr) return instance;
  if (const NotStarted::Entry* entry = view.apply.not_started().Find(name)) {
    return absl::FailedPreconditionError(absl::StrCat(name, " is not started: ", entry->why));
  }
  return absl::NotFoundError(absl::StrCat("no instance named '", name, "'"));
}

absl::StatusOr<const ManagedInstance*> AdvertiserNamed(View& view, const std::string& name) {
  absl::StatusOr<const ManagedInstance*> instance = InstanceNamed(view, name);
  if (!instance.ok() || (*instance)->config.leader.empty()) return instance;
  const std::string& leader = (*instance)->config.leader;
  return absl::FailedPreconditionError(absl::StrCat(name, " follows ", leader, ": give the command to ", leader));
}

absl::StatusOr<const PortBinding*> PortNamed(View& view, const std::string& name) {
  for (const PortBinding& port : view.registry.ports()) {
    if (port.name == name) return &port;
  }
  return absl::NotFoundError(absl::StrCat("no port named '", name, "'"));
}

Report Only(Record record) { return Report{{Section{"", std::move(record)}}, ""}; }
Report Only(Table table) { return Report{{Section{"", std::move(table)}}, ""}; }

absl::StatusOr<int> NumberIn(const std::string& text, int from, int to, absl::string_view name) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= from && number <= to) return number;
  return absl::InvalidArgumentError(absl::StrCat(name, " must be ", from, "..", to, ", got '", text, "'"));
}

Needs NeedsOne(View& view, const CommandCall& call) {
  Needs needs;
  if (const ManagedInstance* instance = view.registry.Find(call.parsed.arguments[0]))
    needs.instances.push_back(instance);
  return needs;
}

Needs NeedsWatch(View&, const CommandCall&) { return {.instances = {}, .watch = true}; }

}  // namespace dpvrrp::internal
