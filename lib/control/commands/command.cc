// SPDX-License-Identifier: BSD-3-Clause
#include "control/commands/command.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/glob.h"
#include "base/nearest.h"

namespace dpvrrp::internal {

namespace {

// The comparison of many names takes long.
std::string NearestInstance(View& view, const std::string& name) {
  constexpr size_t kMostCompared = 4096;
  const Registry::Instances& instances = view.registry.instances();
  if (instances.size() > kMostCompared) return "";
  std::vector<absl::string_view> names;
  for (const auto& [instance, unused] : instances) names.push_back(instance);
  return std::string(NearestWord(name, names));
}

}  // namespace

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
  if (IsGlob(name)) {
    return absl::NotFoundError(
        absl::StrCat("no instance named '", name, "'; to list several: show instances name '", name, "'"));
  }
  const std::string nearest = NearestInstance(view, name);
  return absl::NotFoundError(absl::StrCat("no instance named '", name, "'",
                                          nearest.empty() ? "" : absl::StrCat("; did you mean '", nearest, "'?")));
}

absl::Status NeedsYes(absl::string_view question) { return absl::AbortedError(question); }

bool IsOrder(const CommandCall& call) {
  return CommandTable()[call.parsed.index].orders && !call.parsed.HasFlag("--dry-run");
}

bool MeansMany(View& view, const std::string& name) {
  return IsGlob(name) && view.registry.Find(name) == nullptr && view.apply.not_started().Find(name) == nullptr;
}

std::vector<const ManagedInstance*> InstancesOf(View& view, const std::string& glob) {
  std::vector<const ManagedInstance*> instances;
  for (const auto& [name, instance] : view.registry.instances()) {
    if (!instance.removing && GlobMatches(glob, name)) instances.push_back(&instance);
  }
  return instances;
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
  const std::string& name = call.parsed.arguments[0];
  if (MeansMany(view, name)) {
    needs.instances = InstancesOf(view, name);
  } else if (const ManagedInstance* instance = view.registry.Find(name)) {
    needs.instances.push_back(instance);
  }
  return needs;
}

Needs NeedsWatch(View&, const CommandCall&) { return {.instances = {}, .watch = true}; }

}  // namespace dpvrrp::internal
