// SPDX-License-Identifier: BSD-3-Clause
//
// `set instance`, `resign`, `takeover`: for one instance, or for all that a glob means.
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "base/glob.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"

namespace dpvrrp::internal {
namespace {

constexpr size_t kNamesInQuestion = 8;

// An order to one instance. `check` says why it is not possible.
struct Order {
  absl::string_view verb;  // "resign"
  absl::string_view done;  // "resigned"
  std::function<absl::Status(const ManagedInstance&)> check;
  std::function<void(const std::vector<const ManagedInstance*>&)> act;
};

absl::Status CheckAdvertiser(View& view, const ManagedInstance& instance) {
  return AdvertiserNamed(view, instance.config.name).status();
}

std::string SomeNames(const std::vector<const ManagedInstance*>& instances) {
  std::string names;
  for (size_t i = 0; i < std::min(instances.size(), kNamesInQuestion); ++i) {
    absl::StrAppend(&names, i > 0 ? " " : "", instances[i]->config.name);
  }
  if (instances.size() > kNamesInQuestion) {
    absl::StrAppend(&names, " and ", instances.size() - kNamesInQuestion, " more");
  }
  return names;
}

// The order goes to those instances for which it is possible.
absl::StatusOr<Report> OrderAll(const CommandContext& c, const Order& order) {
  const std::string& glob = c.argument(0);
  const std::vector<const ManagedInstance*> meant = InstancesOf(c.view, glob);
  if (meant.empty()) return absl::NotFoundError(absl::StrCat("no instance fits '", glob, "'"));
  std::vector<const ManagedInstance*> ready;
  std::string first_refusal;
  for (const ManagedInstance* instance : meant) {
    const absl::Status status = order.check(*instance);
    if (status.ok()) {
      ready.push_back(instance);
    } else if (first_refusal.empty()) {
      first_refusal = std::string(status.message());
    }
  }
  if (ready.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("none of ", CountText(meant.size(), "instance"), " that fit '",
                                                      glob, "' can ", order.verb, "; the first: ", first_refusal));
  }
  if (ready.size() > 1 && !c.HasFlag("--yes")) {
    return NeedsYes(absl::StrCat(order.verb, ": ", ready.size(), " instances: ", SomeNames(ready)));
  }
  order.act(ready);
  const size_t others = meant.size() - ready.size();
  return Done(absl::StrCat(CountText(ready.size(), "instance"), ": ", order.done,
                           others == 0 ? "" : absl::StrCat("; not ", others, ", the first: ", first_refusal)));
}

}  // namespace

absl::StatusOr<Report> SetInstancePriority(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const int priority, NumberIn(c.argument(1), 1, 254, "priority"));
  const auto check = [&](const ManagedInstance& instance) -> absl::Status {
    DPVRRP_RETURN_IF_ERROR(CheckAdvertiser(c.view, instance));
    if (instance.priority != kPriorityOwner) return absl::OkStatus();
    return absl::FailedPreconditionError("the address owner's priority is 255 and cannot be changed (RFC 3768 5.3.4)");
  };
  const auto act = [&](const std::vector<const ManagedInstance*>& instances) {
    for (const ManagedInstance* instance : instances) {
      c.orders.SetPriority(*instance, Priority(static_cast<uint8_t>(priority)), c.t);
    }
  };
  const std::string done = absl::StrCat("priority ", priority, " until the next reload or restart");
  if (MeansMany(c.view, c.argument(0))) {
    return OrderAll(c, {absl::StrCat("set priority ", priority), done, check, act});
  }
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, AdvertiserNamed(c.view, c.argument(0)));
  DPVRRP_RETURN_IF_ERROR(check(*instance));
  act({instance});
  return Done(absl::StrCat(c.argument(0), ": ", done));
}

absl::StatusOr<Report> Resign(const CommandContext& c) {
  const auto check = [&](const ManagedInstance& instance) -> absl::Status {
    DPVRRP_RETURN_IF_ERROR(CheckAdvertiser(c.view, instance));
    if (instance.priority == kPriorityOwner) {
      return absl::FailedPreconditionError(
          "the address owner (priority 255) cannot resign; stop it or lower its priority");
    }
    if (instance.state == State::kMaster) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(instance.config.name, " is ", ToString(instance.state), ", not Master"));
  };
  const auto act = [&](const std::vector<const ManagedInstance*>& instances) { c.orders.Resign(instances, c.t); };
  constexpr absl::string_view kDone = "resigned; it takes over again only if no master is heard, or by takeover";
  if (MeansMany(c.view, c.argument(0))) {
    return OrderAll(
        c, {"resign", "resigned; they take over again only if no master is heard, or by takeover", check, act});
  }
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, AdvertiserNamed(c.view, c.argument(0)));
  DPVRRP_RETURN_IF_ERROR(check(*instance));
  act({instance});
  return Done(absl::StrCat(c.argument(0), ": ", kDone));
}

absl::StatusOr<Report> Takeover(const CommandContext& c) {
  const auto check = [&](const ManagedInstance& instance) -> absl::Status {
    DPVRRP_RETURN_IF_ERROR(CheckAdvertiser(c.view, instance));
    if (c.view.drain.IsOn()) return absl::FailedPreconditionError("this gateway is drained; first: undrain");
    if (instance.state != State::kBackup) {
      return absl::FailedPreconditionError(
          absl::StrCat(instance.config.name, " is ", ToString(instance.state), ", not Backup"));
    }
    // A better master would take the addresses back at once.
    const KnownInstance* snapshot = c.LastAnswerOf(instance).known();
    if (snapshot == nullptr || !snapshot->machine.knows_master()) return absl::OkStatus();
    const Machine& machine = snapshot->machine;
    const bool better =
        machine.master_priority > snapshot->priority ||
        (machine.master_priority == snapshot->priority && machine.master_address > instance.config.source_address);
    if (!better) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("master ", ToString(machine.master_address), " has priority ", machine.master_priority.value(),
                     " against our ", snapshot->priority.value(),
                     " and would become master again; first: set instance ", instance.config.name, " priority N"));
  };
  const auto act = [&](const std::vector<const ManagedInstance*>& instances) { c.orders.Takeover(instances, c.t); };
  if (MeansMany(c.view, c.argument(0))) return OrderAll(c, {"take over", "taking over", check, act});
  DPVRRP_ASSIGN_OR_RETURN(const ManagedInstance* instance, AdvertiserNamed(c.view, c.argument(0)));
  DPVRRP_RETURN_IF_ERROR(check(*instance));
  act({instance});
  return Done(absl::StrCat(c.argument(0), ": taking over"));
}

}  // namespace dpvrrp::internal
