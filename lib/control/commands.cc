// SPDX-License-Identifier: BSD-3-Clause
#include "control/commands.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "control/command_context.h"
#include "control/controller.h"
#include "control/reports.h"

namespace dpvrrp {
namespace internal {

Report Done(std::string text) {
  Report report;
  report.text = absl::StrCat(text, "\n");
  return report;
}

absl::StatusOr<ManagedInstance*> InstanceNamed(Controller& controller, const std::string& name) {
  ManagedInstance* instance = controller.FindInstance(name);
  if (instance == nullptr) return absl::NotFoundError(absl::StrCat("no instance named '", name, "'"));
  return instance;
}

absl::StatusOr<const PortBinding*> PortNamed(const Controller& controller, const std::string& name) {
  for (const PortBinding& port : controller.ports()) {
    if (port.name == name) return &port;
  }
  return absl::NotFoundError(absl::StrCat("no port named '", name, "'"));
}

}  // namespace internal

namespace {

using internal::Done;
using internal::InstanceNamed;
using internal::PortNamed;
using Context = internal::CommandContext;

constexpr std::array<State, 3> kStates = {State::kInitialize, State::kBackup, State::kMaster};

absl::StatusOr<InstanceFilter> ReadFilter(const Controller& controller, const CommandCall& call) {
  InstanceFilter filter;
  for (const auto& [option, value] : call.parsed.options) {
    if (option == "state") {
      const auto state = std::find_if(kStates.begin(), kStates.end(), [&, &text = value](State s) {
        return absl::EqualsIgnoreCase(ToString(s), text);
      });
      if (state == kStates.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("state must be Master, Backup or Initialize, got '", value, "'"));
      }
      filter.state = *state;
    } else if (option == "port") {
      const absl::StatusOr<const PortBinding*> port = PortNamed(controller, value);
      if (!port.ok()) return port.status();
      filter.port = value;
    } else {
      const absl::StatusOr<VlanStack> vlan = ParseVlan(value);
      if (!vlan.ok()) return vlan.status();
      filter.vlan = *vlan;
    }
  }
  return filter;
}

// ---- Handlers, in the table's order ----

absl::StatusOr<Report> ShowStatus(const Context& c) { return StatusReport(c.controller, c.t); }

absl::StatusOr<Report> ShowInstances(const Context& c) {
  const absl::StatusOr<InstanceFilter> filter = ReadFilter(c.controller, c.call);
  if (!filter.ok()) return filter.status();
  return InstancesReport(c.controller, *filter, c.answer, c.t);
}

absl::StatusOr<Report> ShowSegments(const Context& c) { return SegmentsReport(c.controller); }

absl::StatusOr<Report> ShowInstance(const Context& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  return InstanceReport(c.controller, **instance, FindSnapshot(c.answer, (*instance)->id),
                        c.answer == nullptr ? c.t.now : c.answer->at, c.t);
}

absl::StatusOr<Report> ShowPorts(const Context& c) { return PortsReport(c.controller); }
absl::StatusOr<Report> ShowWorkers(const Context& c) { return WorkersReport(c.controller); }
absl::StatusOr<Report> ShowResponder(const Context& c) { return ResponderReport(c.controller); }
absl::StatusOr<Report> ShowDrops(const Context& c) { return DropsReport(c.controller); }

// A follower's backlog is bounded (io/control_protocol.h), and a full log nearly fills it.
constexpr size_t kFollowedHistory = 256;

absl::StatusOr<Report> ShowEvents(const Context& c) {
  return EventsReport(c.controller.events(),
                      c.call.parsed.HasFlag("--follow") ? kFollowedHistory : EventLog::kCapacity);
}

absl::StatusOr<Report> SetInstancePriority(const Context& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  int priority = 0;
  if (!absl::SimpleAtoi(c.argument(1), &priority) || priority < 1 || priority > 254) {
    return absl::InvalidArgumentError(absl::StrCat("priority must be 1..254, got '", c.argument(1), "'"));
  }
  if ((*instance)->priority == kPriorityOwner) {
    return absl::FailedPreconditionError("the address owner's priority is 255 and stays so (RFC 3768 5.3.4)");
  }
  c.controller.SetPriority(**instance, Priority(static_cast<uint8_t>(priority)), c.t);
  return Done(absl::StrCat(c.argument(0), ": priority ", priority, " until the next reload or restart"));
}

absl::StatusOr<Report> Resign(const Context& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  if ((*instance)->priority == kPriorityOwner) {
    return absl::FailedPreconditionError(
        "the address owner (priority 255) cannot resign; stop it or lower its priority");
  }
  if ((*instance)->state != State::kMaster) {
    return absl::FailedPreconditionError(
        absl::StrCat(c.argument(0), " is ", ToString((*instance)->state), ", not Master"));
  }
  c.controller.Resign(**instance, c.t);
  return Done(
      absl::StrCat(c.argument(0), ": resigned; it takes over again only if no master is heard, or by takeover"));
}

absl::StatusOr<Report> Takeover(const Context& c) {
  const absl::StatusOr<ManagedInstance*> instance = InstanceNamed(c.controller, c.argument(0));
  if (!instance.ok()) return instance.status();
  if ((*instance)->state != State::kBackup) {
    return absl::FailedPreconditionError(
        absl::StrCat(c.argument(0), " is ", ToString((*instance)->state), ", not Backup"));
  }
  // Against a better master we would only flap.
  const InstanceSnapshot* snapshot = FindSnapshot(c.answer, (*instance)->id);
  if (snapshot != nullptr && snapshot->machine.knows_master()) {
    const Machine& machine = snapshot->machine;
    const bool better =
        machine.master_priority > snapshot->priority ||
        (machine.master_priority == snapshot->priority && machine.master_address > (*instance)->config.source_address);
    if (better) {
      return absl::FailedPreconditionError(
          absl::StrCat("master ", ToString(machine.master_address), " has priority ", machine.master_priority.value(),
                       " against our ", snapshot->priority.value(), " and would take it back; first: set instance ",
                       c.argument(0), " priority N"));
    }
  }
  c.controller.Takeover(**instance, c.t);
  return Done(absl::StrCat(c.argument(0), ": taking over"));
}

absl::StatusOr<Report> ReloadCommand(const Context& c) {
  absl::StatusOr<std::string> summary = c.controller.Reload(c.t);
  if (!summary.ok()) return summary.status();
  return Done(*std::move(summary));
}

absl::StatusOr<Report> Help(const Context& c) {
  Report report;
  report.text = HelpText(AllCommands(), c.call.help_words);
  return report;
}

// ---- The table ----

// What of the lcores' the handler needs. kOne: the state of the first argument; kMany: of those that pass the filter;
// kBackups: of all backups, and who speaks VRRP if the first argument is a MAC, unless it is forced; kWatch: who speaks
// VRRP.
enum class Asks : uint8_t { kNobody, kOne, kMany, kBackups, kWatch };

struct Row {
  CommandSpec spec;
  Asks asks;
  absl::StatusOr<Report> (*run)(const Context&);
};

constexpr auto kRows = std::to_array<Row>({
    {{"show status", "the daemon at a glance"}, Asks::kNobody, ShowStatus},
    {{"show instances [state STATE] [port PORT] [vlan VLAN]", "virtual routers, all or some, a line each"},
     Asks::kMany,
     ShowInstances},
    {{"show segments", "every port and VLAN, its virtual routers summed up"}, Asks::kNobody, ShowSegments},
    {{"show instance NAME", "one virtual router in detail"}, Asks::kOne, ShowInstance},
    {{"show ports", "the DPDK ports"}, Asks::kNobody, ShowPorts},
    {{"show workers", "the poll-mode workers, a line each"}, Asks::kNobody, ShowWorkers},
    {{"show responder", "what was answered to hosts in place of a kernel, by worker"}, Asks::kNobody, ShowResponder},
    {{"show drops", "why frames were not accepted, every reason, nonzero first"}, Asks::kNobody, ShowDrops},
    {{"show senders [instance NAME] [port PORT] [vlan VLAN]", "who else speaks VRRP here, a line each"},
     Asks::kWatch,
     internal::ShowSenders},
    {{"show rogues", "who does what he should not, a line each"}, Asks::kWatch, internal::ShowRogues},
    {{"diagnose [instance NAME] [port PORT] [vlan VLAN]", "what is wrong, who does it, and what to do about it"},
     Asks::kWatch,
     internal::DiagnoseCommand},
    {{"show keyrings", "shared keys: which sign, which are accepted, which are still heard"},
     Asks::kNobody,
     internal::ShowKeyrings},
    {{"show blocks", "senders that are not heard, and how many of their frames were dropped"},
     Asks::kNobody,
     internal::ShowBlocks},
    {{"show events [--follow]", "what happened; --follow goes on until interrupted"}, Asks::kNobody, ShowEvents},
    {{"set instance NAME priority N", "priority 1..254 until the next reload or restart"},
     Asks::kNobody,
     SetInstancePriority},
    {{"resign NAME", "a master hands over now"}, Asks::kNobody, Resign},
    {{"takeover NAME", "a backup becomes master now"}, Asks::kOne, Takeover},
    {{"vrid suggest PORT [vlan VLAN]", "VRIDs that nobody uses there, as far as heard"},
     Asks::kWatch,
     internal::SuggestVrid},
    {{"vrid migrate NAME NEW", "speak and hear VRID NEW too, so that a pair can move to it"},
     Asks::kNobody,
     internal::MigrateVrid},
    {{"vrid finish NAME", "leave the old VRID, once all peers speak the new one"}, Asks::kOne, internal::FinishVrid},
    {{"vrid abort NAME", "stay at the old VRID after all"}, Asks::kNobody, internal::AbortVrid},
    {{"key add RING ID file PATH", "accept one more key, read from a file"}, Asks::kNobody, internal::AddKey},
    {{"key sign RING ID", "sign with another key of the ring"}, Asks::kNobody, internal::SignWithKey},
    {{"key drop RING ID", "accept a key no longer"}, Asks::kNobody, internal::DropKey},
    {{"sender block SENDER [mac MAC] [port PORT] [--force]", "drop adverts of an IP or MAC address until the restart"},
     Asks::kBackups,
     internal::BlockSender},
    {{"sender unblock SENDER [mac MAC] [port PORT]", "hear it again; in the words of the block"},
     Asks::kNobody,
     internal::UnblockSender},
    {{"sender allow NAME ADDRESS [--force]", "listen to this router; the first one shuts all others out"},
     Asks::kOne,
     internal::AllowSender},
    {{"sender disallow NAME ADDRESS [--force]", "listen to it no more; without the last one, to everybody"},
     Asks::kOne,
     internal::DisallowSender},
    {{"reload", "read the configuration file again and apply what differs"}, Asks::kNobody, ReloadCommand},
    {{"help", "this list; `help show` narrows it"}, Asks::kNobody, Help},
});

constexpr std::array<CommandSpec, kRows.size()> MakeSpecs() {
  std::array<CommandSpec, kRows.size()> specs;
  for (size_t i = 0; i < kRows.size(); ++i) specs[i] = kRows[i].spec;
  return specs;
}
constexpr std::array<CommandSpec, kRows.size()> kSpecs = MakeSpecs();

}  // namespace

std::span<const CommandSpec> AllCommands() { return kSpecs; }

absl::StatusOr<CommandCall> ParseCall(absl::string_view line) {
  // `help` takes any words after it, which no pattern says.
  std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipWhitespace());
  CommandCall call;
  if (words.size() > 1 && words[0] == "help") {
    const bool json = words.back() == "--json";
    if (json) words.pop_back();
    call.help_words.assign(words.begin() + 1, words.end());
    line = json ? "help --json" : "help";
  }
  absl::StatusOr<ParsedCommand> parsed = ParseCommand(kSpecs, line);
  if (!parsed.ok()) return parsed.status();
  call.parsed = *std::move(parsed);
  return call;
}

std::vector<const ManagedInstance*> InstancesToAsk(Controller& controller, const CommandCall& call) {
  std::vector<const ManagedInstance*> instances;
  switch (kRows[call.parsed.index].asks) {
    case Asks::kNobody:
    case Asks::kWatch:
      break;
    case Asks::kOne:
      if (const ManagedInstance* instance = controller.FindInstance(call.parsed.arguments[0])) {
        instances.push_back(instance);
      }
      break;
    case Asks::kBackups:
      if (call.parsed.HasFlag("--force")) break;
      for (const auto& [name, instance] : controller.instances()) {
        if (!instance.removing && instance.state == State::kBackup) instances.push_back(&instance);
      }
      break;
    case Asks::kMany:
      const absl::StatusOr<InstanceFilter> filter = ReadFilter(controller, call);
      if (!filter.ok()) break;  // the handler says so
      for (const auto& [name, instance] : controller.instances()) {
        if (!instance.removing && filter->Matches(instance.config, instance.state)) instances.push_back(&instance);
      }
      break;
  }
  return instances;
}

bool AsksTheWatch(const CommandCall& call) {
  const Asks asks = kRows[call.parsed.index].asks;
  const bool by_mac = asks == Asks::kBackups && ParseMacAddress(call.parsed.arguments[0]).ok();
  return asks == Asks::kWatch || (by_mac && !call.parsed.HasFlag("--force"));
}

absl::StatusOr<Report> Execute(Controller& controller, const CommandCall& call, const Answers& answers, ControlTime t) {
  return kRows[call.parsed.index].run(Context{controller, call, answers.instances, answers.speakers, t});
}

std::vector<std::string> CompleteCommand(Controller& controller, absl::string_view line) {
  return Complete(kSpecs, line, [&](absl::string_view parameter) {
    std::vector<std::string> values;
    if (parameter == "NAME") {
      for (const auto& [name, instance] : controller.instances()) values.push_back(name);
    } else if (parameter == "PORT") {
      for (const PortBinding& port : controller.ports()) values.push_back(port.name);
    } else if (parameter == "VLAN") {
      for (const auto& [name, instance] : controller.instances()) values.push_back(ToString(instance.config.vlan));
    } else if (parameter == "RING") {
      for (const auto& [name, ring] : controller.keyrings().entries()) values.push_back(name);
    } else if (parameter == "ID") {
      for (const auto& [name, ring] : controller.keyrings().entries()) {
        for (const KeyConfig& key : ring.whole->keys) values.push_back(absl::StrCat(key.id));
      }
    } else if (parameter == "SENDER") {
      for (const std::optional<SenderBlock>& block : controller.blocks()) {
        if (!block.has_value()) continue;
        const BlockConfig& sender = block->sender;
        values.push_back(sender.address.IsUnspecified() ? ToString(sender.mac) : ToString(sender.address));
      }
    } else if (parameter == "STATE") {
      for (const State state : kStates) values.emplace_back(ToString(state));
    }
    return values;
  });
}

}  // namespace dpvrrp
