// SPDX-License-Identifier: BSD-3-Clause
//
// `monitor`, `capture` and `trace`.
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "control/commands/handlers.h"

namespace dpvrrp::internal {
namespace {

absl::StatusOr<FrameSelection> ReadSelection(const CommandContext& c) {
  FrameSelection wanted{.only_refused = c.HasFlag("--refused")};
  for (const auto& [option, value] : c.call.parsed.options) {
    if (option == "port") {
      DPVRRP_ASSIGN_OR_RETURN(const PortBinding* port, PortNamed(c.view, value));
      wanted.any_port = false;
      wanted.port = port->id;
    } else if (option == "vlan") {
      DPVRRP_ASSIGN_OR_RETURN(wanted.vlan, ParseVlan(value));
      wanted.any_vlan = false;
    } else if (option == "vrid") {
      DPVRRP_ASSIGN_OR_RETURN(const int vrid, NumberIn(value, 1, 255, "vrid"));
      wanted.vrid = Vrid(static_cast<uint8_t>(vrid));
    } else {
      const absl::StatusOr<IpAddress> sender = ParseIpAddress(value);
      if (!sender.ok()) return absl::InvalidArgumentError(absl::StrCat("sender: ", sender.status().message()));
      wanted.any_sender = false;
      wanted.sender = *sender;
    }
  }
  return wanted;
}

}  // namespace

absl::StatusOr<Report> MonitorFrames(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const FrameSelection wanted, ReadSelection(c));
  const FrameFormat format = c.call.parsed.json ? FrameFormat::kJson : FrameFormat::kText;
  c.orders.Monitor(c.from, wanted, {format, c.width}, c.t);
  return Report{};
}

absl::StatusOr<Report> TraceFrame(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const FrameSelection wanted, ReadSelection(c));
  const FrameFormat format = c.call.parsed.json ? FrameFormat::kTraceJson : FrameFormat::kTrace;
  c.orders.Monitor(c.from, wanted, {format, c.width}, c.t);
  return Report{};
}

absl::StatusOr<Report> CaptureFrames(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(const FrameSelection wanted, ReadSelection(c));
  if (IsReadOnly(c.from)) {
    return absl::PermissionDeniedError("capture shows the passwords of adverts, so the read-only socket refuses it");
  }
  if (c.call.parsed.json) return absl::InvalidArgumentError("capture has no --json: its answer is a pcapng file");
  c.orders.Monitor(c.from, wanted, {FrameFormat::kPcapng}, c.t);
  return Report{};
}

}  // namespace dpvrrp::internal
