// SPDX-License-Identifier: BSD-3-Clause
//
// Plays a capture file to the gateway that a configuration describes, and reports the verdict of every frame.
// Controller and shard are the daemon's own. The clock is the capture's: it starts with the first frame and ends with
// the last, and nothing waits for it. The same capture and configuration give the same output, byte for byte.
//
// A replay knows no kernel, no state of an earlier run and no tracks: interfaces are up, addresses can be added,
// tracked conditions are met, and no program runs.
//
// Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/drop_reason.h"
#include "capture/capture_reader.h"
#include "config/model.h"
#include "control/instances/registry.h"
#include "control/journal/event_log.h"
#include "pipeline/receive/disposition.h"
#include "pipeline/receive/frame_copy.h"

namespace dpvrrp {

// A frame of the capture, and how it ended.
struct ReplayedFrame {
  size_t number = 0;  // 1, 2, 3 ..., by time: as Wireshark counts the frames of a sorted capture
  const CapturePacket* packet = nullptr;
  std::string port;      // of the configuration; if the frame was skipped, its interface of the capture
  bool skipped = false;  // the interface belongs to no port
  std::string instance;  // that it was sent to; empty: not known
  Disposition how;       // without its router
};

// What a replay reports, in the order of time. `at`: since 1970-01-01 UTC.
class ReplaySink {
 public:
  virtual ~ReplaySink() = default;
  virtual void OnFrame(const ReplayedFrame& frame) = 0;
  virtual void OnSent(Nanoseconds at, PortId port, std::span<const uint8_t> frame) = 0;
  virtual void OnEvent(Nanoseconds at, const LogEvent& event) = 0;
  // OnTrace() is to be called for the frame of this number: a copy of it as it was captured, and the instances in their
  // states before it. `unix_ms`: of its arrival.
  virtual bool Traces(size_t /*number*/) const { return false; }
  virtual void OnTrace(const FrameCopy& /*copy*/, const std::string& /*port*/, const Registry& /*registry*/,
                       int64_t /*unix_ms*/) {}
};

// The ports of the capture's interfaces. `port`: the one for all of them, or empty: the only port, or the one with the
// interface's name or whose device stands on it. Nothing: the interface belongs to no port, and its frames are skipped.
// NotFound: there is no such port. InvalidArgument: no interface belongs to a port.
using CapturePorts = std::vector<std::optional<PortId>>;
absl::StatusOr<CapturePorts> PortsOfCapture(const Capture& capture, const Config& config, const std::string& port);

// The MAC from which a port of the captured host sent: the source of the first advert from a source address of its
// instances. If there is none, 02:00:00:00:00:0N for port N.
MacAddress MacOfPort(const Capture& capture, const CapturePorts& ports, const Config& config, PortId port);

// `ports`: of the capture's interfaces. InvalidArgument: the capture has no frames, or spans more than a year.
absl::Status Replay(Config config, const Capture& capture, const CapturePorts& ports, ReplaySink& sink);

}  // namespace dpvrrp
