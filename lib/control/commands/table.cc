// SPDX-License-Identifier: BSD-3-Clause
//
// The command table, and what is derived from it.
#include <array>

#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"

namespace dpvrrp {
namespace {

using namespace internal;

// Pattern, help, handler, what it needs from the lcores, whether it changes something by what they say.
constexpr auto kCommands = std::to_array<Command>({
    {{"show status", "the daemon at a glance"}, ShowStatus},
    {{"show instances [state STATE] [port PORT] [vlan VLAN]", "virtual routers, one line each"},
     ShowInstances,
     NeedsFiltered},
    {{"show segments", "LAN segments, with a summary of their virtual routers"}, ShowSegments},
    {{"show instance NAME", "one virtual router in detail"}, ShowInstance, NeedsOne},
    {{"show ports", "the DPDK ports"}, ShowPorts},
    {{"show port stats PORT", "frames and bytes of a port (number, name or all) since `clear port stats`"},
     ShowPortStats},
    {{"show port info PORT", "one port (number, name or all) in detail"}, ShowPortInfo},
    {{"show port summary PORT", "ports (number, name or all), one line each"}, ShowPortSummary},
    {{"show twin", "the kernel interfaces that are twins of ports, one line each"}, ShowTwin},
    {{"show workers", "the poll-mode workers, one line each"}, ShowWorkers},
    {{"show clients", "the clients of the control socket, with their idle time"}, ShowClients},
    {{"show responder", "answers of the data plane to hosts, for each worker"}, ShowResponder},
    {{"show drops", "frames not accepted, by reason, nonzero counts first"}, ShowDrops},
    {{"show senders [instance NAME] [port PORT] [vlan VLAN]", "the other senders of VRRP, one line each"},
     ShowSenders,
     NeedsWatch},
    {{"show rogues", "senders that misbehave, one line each"}, ShowRogues, NeedsWatch},
    {{"diagnose [instance NAME] [port PORT] [vlan VLAN]", "faults, with the culprit and the remedy"},
     DiagnoseCommand,
     NeedsWatch},
    {{"monitor [port PORT] [vlan VLAN] [vrid VRID] [sender ADDRESS] [--refused]",
      "each received advert, and whether it was accepted; until interrupted"},
     MonitorFrames,
     nullptr,
     false,
     true},
    {{"capture [port PORT] [vlan VLAN] [vrid VRID] [sender ADDRESS] [--refused]",
      "each received advert as pcapng, with its verdict as comment; until interrupted"},
     CaptureFrames,
     nullptr,
     false,
     true},
    {{"show keyrings", "shared keys: signing, accepted, still received"}, ShowKeyrings},
    {{"show blocks", "blocked senders, with their dropped frames"}, ShowBlocks},
    {{"show events [last N] [since NUMBER] [--follow]", "the latest events; --follow continues until interrupted"},
     ShowEvents},
    {{"show tracks", "tracked conditions, one line each"}, ShowTracks},
    {{"show groups", "groups of instances that move together, one line each"}, ShowGroups},
    {{"track set NAME VALUE", "set a manual track to up, down or a number; kept over reload and restart"}, SetTrack},
    {{"set instance NAME priority N", "priority 1..254 until the next reload or restart"}, SetInstancePriority},
    {{"set promisc PORT SWITCH", "on: a port receives every frame; off: those that it needs"}, SetPromiscuous},
    {{"clear port stats PORT", "`show port stats` counts from now on"}, ClearPortStats},
    {{"port stop PORT", "masters of a port resign; its instances are in Fault until `port start`"}, StopPort},
    {{"port start PORT", "instances of a stopped port take part again"}, StartPort},
    {{"stop", "`port stop all`"}, StopAllPorts},
    {{"start", "`port start all`"}, StartAllPorts},
    {{"resign NAME", "make a master resign now"}, Resign},
    {{"takeover NAME", "make a backup master now"}, Takeover, NeedsOne, true},
    {{"vrid suggest PORT [vlan VLAN]", "VRIDs without a known user on the segment"}, SuggestVrid, NeedsWatch},
    {{"vrid migrate NAME NEW", "use VRID NEW too, so that a pair can move to it"}, MigrateVrid},
    {{"vrid finish NAME", "stop using the old VRID, after all peers use the new one"}, FinishVrid, NeedsOne, true},
    {{"vrid abort NAME", "cancel the move and keep the old VRID"}, AbortVrid},
    {{"key add RING ID file PATH", "accept another key, read from a file"}, AddKey},
    {{"key sign RING ID", "sign with another key of the ring"}, SignWithKey},
    {{"key drop RING ID", "stop accepting a key"}, DropKey},
    {{"sender block SENDER [mac MAC] [port PORT] [--force]", "drop adverts of an IP or MAC address until the restart"},
     BlockSender,
     NeedsMasters,
     true},
    {{"sender unblock SENDER [mac MAC] [port PORT]", "remove a block; same arguments as for the block"}, UnblockSender},
    {{"sender allow NAME ADDRESS [--force]", "add a router to the allow-list; only listed ones are accepted"},
     AllowSender,
     NeedsOne,
     true},
    {{"sender disallow NAME ADDRESS [--force]", "remove a router from the allow-list; an empty list accepts all"},
     DisallowSender,
     NeedsOne,
     true},
    {{"handover [for SECONDS]", "end now, and let the next start continue as master"}, HandOver},
    {{"reload [--dry-run]", "read the configuration file again and apply the differences"}, ReloadCommand},
    {{"help", "this list; `help show` shows a part of it"}, Help},
});

constexpr std::array<CommandSpec, kCommands.size()> MakeSpecs() {
  std::array<CommandSpec, kCommands.size()> specs;
  for (size_t i = 0; i < kCommands.size(); ++i) specs[i] = kCommands[i].spec;
  return specs;
}
constexpr std::array<CommandSpec, kCommands.size()> kSpecs = MakeSpecs();

}  // namespace

std::span<const Command> internal::CommandTable() { return kCommands; }

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
  DPVRRP_ASSIGN_OR_RETURN(call.parsed, ParseCommand(kSpecs, line));
  return call;
}

}  // namespace dpvrrp
