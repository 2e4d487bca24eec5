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

using Run = absl::StatusOr<Report> (*)(const CommandContext&);
using NeedsOf = Needs (*)(View&, const CommandCall&);

// A command that shows something. What it needs from the lcores is the last argument.
constexpr Command Shows(absl::string_view pattern, absl::string_view help, Run run, NeedsOf needs = nullptr) {
  return {{pattern, help}, run, needs, false, false};
}
// The same, if it is one table.
constexpr Command Lists(absl::string_view pattern, absl::string_view help, Run run, NeedsOf needs = nullptr) {
  return {{pattern, help, true}, run, needs, false, false};
}
// A command that changes something; if it needs something from the lcores, it decides by that.
constexpr Command Changes(absl::string_view pattern, absl::string_view help, Run run, NeedsOf needs = nullptr) {
  return {{pattern, help}, run, needs, needs != nullptr, true};
}

// A command whose answer continues until the client leaves, or until a frame is received that may never come.
constexpr Command Streams(absl::string_view pattern, absl::string_view help, Run run) {
  return {{pattern, help}, run, nullptr, false, false, true};
}

constexpr auto kCommands = std::to_array<Command>({
    Shows("show status", "the daemon at a glance", ShowStatus),
    Shows("show overview", "states, rates, drops, verdicts, events; watch shows it live", ShowOverview, NeedsWatch),
    Lists("show instances [name GLOB] [state STATE] [port PORT] [vlan VLAN]", "virtual routers, one line each",
          ShowInstances, NeedsFiltered),
    Lists("show segments", "LAN segments, with a summary of their virtual routers", ShowSegments),
    Shows("show instance NAME", "one virtual router in detail", ShowInstance, NeedsOne),
    Lists("show ports", "the DPDK ports", ShowPorts),
    Lists("show workers", "the poll-mode workers, one line each", ShowWorkers),
    Shows("show port stats PORT", "frames and bytes of a port (number, name or all) since `clear port stats`",
          ShowPortStats),
    Shows("show port info PORT", "one port (number, name or all) in detail", ShowPortInfo),
    Lists("show port summary PORT", "ports (number, name or all), one line each", ShowPortSummary),
    Lists("show twin", "the kernel interfaces that are twins of ports, one line each", ShowTwin),
    {{"show vrrp [--yang]", "the state by the model of RFC 8347, as JSON"},
     ShowVrrp,
     NeedsFiltered,
     false,
     false,
     false,
     true},
    Shows("show metrics [--openmetrics]", "all figures, as Prometheus reads them", ShowMetrics),
    Shows("show config", "what differs: the file and what runs, and what operators have set", ShowConfig),
    Shows("show memory", "the memory of the daemon", ShowMemory),
    Lists("show clients", "the clients of the control sockets, with their idle time", ShowClients),
    Lists("show responder", "answers of the data plane to hosts, for each worker", ShowResponder),
    Lists("show drops", "frames not accepted, by reason, nonzero counts first", ShowDrops),
    Lists("show senders [instance NAME] [port PORT] [vlan VLAN]", "the other senders of VRRP, one line each",
          ShowSenders, NeedsWatch),
    Lists("show rogues", "senders that misbehave, one line each", ShowRogues, NeedsWatch),
    Shows("diagnose [instance NAME] [port PORT] [vlan VLAN]", "faults, with the culprit and the remedy",
          DiagnoseCommand, NeedsWatch),
    Streams("monitor [port PORT] [vlan VLAN] [vrid VRID] [sender ADDRESS] [--refused]",
            "each received advert, and whether it was accepted; until interrupted", MonitorFrames),
    Streams("capture [port PORT] [vlan VLAN] [vrid VRID] [sender ADDRESS] [--refused]",
            "each received advert as pcapng, with its verdict as comment; until interrupted", CaptureFrames),
    Streams("trace [port PORT] [vlan VLAN] [vrid VRID] [sender ADDRESS] [--refused]",
            "the next received advert, with the result of each check", TraceFrame),
    Lists("show keyrings", "shared keys: signing, accepted, still received", ShowKeyrings),
    Lists("show blocks", "blocked senders, with their dropped frames", ShowBlocks),
    Lists("show events [last N] [since NUMBER] [--follow]", "the latest events; --follow continues until interrupted",
          ShowEvents),
    Lists("show tracks", "tracked conditions, one line each", ShowTracks),
    Lists("show groups", "groups of instances that move together, one line each", ShowGroups),
    Lists("show drain", "instances that are master although the gateway is drained", ShowDrain),
    Changes("track set NAME VALUE", "set a manual track to up, down or a number; kept over reload and restart",
            SetTrack),
    Changes("set instance NAME priority N [--yes]",
            "priority 1..254 until the next reload or restart; NAME may be a glob", SetInstancePriority),
    Changes("set promisc PORT SWITCH", "on: a port receives every frame; off: those that it needs", SetPromiscuous),
    Changes("clear port stats PORT", "`show port stats` counts from now on", ClearPortStats),
    Changes("port stop PORT", "masters of a port resign; its instances are in Fault until `port start`", StopPort),
    Changes("port start PORT", "instances of a stopped port take part again", StartPort),
    Changes("stop", "`port stop all`", StopAllPorts),
    Changes("start", "`port start all`", StartAllPorts),
    Changes("resign NAME [--yes]", "make a master resign now; NAME may be a glob", Resign),
    Changes("takeover NAME [--yes]", "make a backup master now; NAME may be a glob", Takeover, NeedsOne),
    Changes("drain [rate N] [--yes]", "hand every master over to its peers, N a second, and do not preempt",
            DrainCommand),
    Changes("undrain", "end the drain: instances preempt again, by priority", UndrainCommand),
    Shows("vrid suggest PORT [vlan VLAN]", "VRIDs without a known user on the segment", SuggestVrid, NeedsWatch),
    Changes("vrid migrate NAME NEW", "use VRID NEW too, so that a pair can move to it", MigrateVrid),
    Changes("vrid finish NAME", "stop using the old VRID, after all peers use the new one", FinishVrid, NeedsOne),
    Changes("vrid abort NAME", "cancel the move and keep the old VRID", AbortVrid),
    Changes("key add RING ID file PATH", "accept another key, read from a file", AddKey),
    Changes("key sign RING ID", "sign with another key of the ring", SignWithKey),
    Changes("key drop RING ID", "stop accepting a key", DropKey),
    Changes("sender block SENDER [mac MAC] [port PORT] [--force]",
            "drop adverts of an IP or MAC address until the restart", BlockSender, NeedsMasters),
    Changes("sender unblock SENDER [mac MAC] [port PORT]", "remove a block; same arguments as for the block",
            UnblockSender),
    Changes("sender allow NAME ADDRESS [--force]", "add a router to the allow-list; only listed ones are accepted",
            AllowSender, NeedsOne),
    Changes("sender disallow NAME ADDRESS [--force]", "remove a router from the allow-list; an empty list accepts all",
            DisallowSender, NeedsOne),
    Changes("clear counters", "count from now on; telemetry and metrics count on", ClearCounters),
    Changes("log level LEVEL", "log only error, warning, notice or info and more severe, until the restart",
            SetLogLevel),
    Changes("handover [for SECONDS]", "end now, and let the next start continue as master", HandOver),
    Changes("reload [--dry-run]", "read the configuration file again and apply the differences", ReloadCommand),
    Shows("version", "the version of the daemon", ShowVersion),
    Shows("help", "this list; `help show` shows a part of it", Help),
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

bool MayNotEnd(const CommandCall& call) {
  return kCommands[call.parsed.index].continues || call.parsed.HasFlag("--follow");
}

absl::StatusOr<CommandCall> ParseCall(absl::string_view line) {
  // `help` takes any words after it, which no pattern says.
  std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipWhitespace());
  CommandCall call;
  if (!words.empty() && words.back() == "?") {  // "show ?"
    words.pop_back();
    words.insert(words.begin(), "help");
  }
  if (!words.empty() && words[0] == "help") {
    const bool json = words.back() == "--json";
    if (json) words.pop_back();
    call.help_words.assign(words.begin() + 1, words.end());
    line = json ? "help --json" : "help";
  }
  DPVRRP_ASSIGN_OR_RETURN(call.parsed, ParseCommand(kSpecs, line));
  return call;
}

}  // namespace dpvrrp
