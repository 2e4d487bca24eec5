// SPDX-License-Identifier: BSD-3-Clause
//
// The handlers of all commands, by the file in which they stand.
//
// Thread: control.
#pragma once

#include "control/commands/command.h"

namespace dpvrrp::internal {

using Handler = absl::StatusOr<Report>(const CommandContext&);

// daemon_commands.cc
Handler ShowStatus, ShowClients, ShowEvents, HandOver, ReloadCommand, Help, ShowVersion, ShowMemory, SetLogLevel,
    ShowConfig;
// instance_commands.cc
Handler ShowInstances, ShowSegments, ShowInstance, ShowVrrp;
// instance_orders.cc
Handler SetInstancePriority, Resign, Takeover;
// gateway_commands.cc
Handler ShowOverview, ShowDrain, DrainCommand, UndrainCommand, ClearCounters;
// port_commands.cc
Handler ShowPorts, ShowTwin, ShowWorkers, ShowResponder, ShowDrops, ShowMetrics, ShowPortStats, ShowPortInfo,
    ShowPortSummary;
Handler SetPromiscuous, ClearPortStats, StopPort, StartPort, StopAllPorts, StartAllPorts;
// watch_commands.cc
Handler ShowSenders, ShowRogues, DiagnoseCommand;
// monitor_command.cc
Handler MonitorFrames, TraceFrame, CaptureFrames;
// sender_commands.cc
Handler ShowBlocks, BlockSender, UnblockSender, AllowSender, DisallowSender;
// key_commands.cc
Handler ShowKeyrings, AddKey, SignWithKey, DropKey;
// track_commands.cc
Handler ShowTracks, ShowGroups, SetTrack;
// vrid_commands.cc
Handler SuggestVrid, MigrateVrid, FinishVrid, AbortVrid;

}  // namespace dpvrrp::internal
