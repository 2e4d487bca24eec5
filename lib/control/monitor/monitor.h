// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "capture/pcapng_writer.h"
#include "control/control_time.h"
#include "control/outbox.h"
#include "control/part.h"
#include "pipeline/receive/frame_copy.h"
#include "pipeline/receive/frame_selection.h"

namespace dpvrrp {

// How a client of the monitor gets frames: lines, or the blocks of a pcapng file. The last two: all checks of the next
// frame, which ends the answer.
enum class FrameFormat : uint8_t { kText, kJson, kPcapng, kTrace, kTraceJson };
struct FrameRendering {
  FrameFormat format{};
  size_t width = 0;  // of the screen for lines; 0: no limit

  friend auto operator<=>(const FrameRendering&, const FrameRendering&) = default;
};

// The clients of `monitor`, `capture` and `trace`: each receives every received frame of VRRP that it has selected.
// While there is none, the lcores copy nothing.
//
// A monitor must not slow the routers down. So the lcores select the frames, and at most kMost frames in kEvery are
// shown. Each client receives the number of the others.
//
// Pure: time is an argument. Thread: control.
class Monitor final : public Part {
 public:
  static constexpr Nanoseconds kEvery = std::chrono::milliseconds(50);
  static constexpr size_t kMost = 500;

  struct Rendering {
    // A line with its newline; `port` is the name of the port, `unix_ms` the time of arrival.
    std::string (*text)(const FrameCopy& copy, absl::string_view port, int64_t unix_ms, size_t width);
    std::string (*json)(const FrameCopy& copy, absl::string_view port, int64_t unix_ms);
    std::string (*comment)(const FrameCopy& copy);  // on the frame in a pcapng file
    std::string (*trace)(const FrameCopy& copy, absl::string_view port, const Registry& registry, int64_t unix_ms,
                         bool json, size_t width);
  };

  Monitor(const PartContext& context, const Rendering& rendering) : context_(context), rendering_(rendering) {}

  // Replaces what the client has selected before.
  void Follow(RequesterId client, const FrameSelection& wanted, FrameRendering as, ControlTime t);
  void Unfollow(RequesterId client);  // no effect if it does not follow

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return clients_.empty() ? kNever : due_; }

 private:
  struct Client {
    FrameSelection wanted;
    FrameRendering as;
    bool has_its_frame = false;  // of a trace
  };

  void Select();
  void Show(FrameCopy& copy, ControlTime t);
  void Count(uint64_t lost);
  std::string AsPcapng(const FrameCopy& copy, ControlTime t);
  void EndTraces();
  void Reply(RequesterId client, std::string body) {
    context_.outbox.answers.push_back({client, Answer::Status::kMore, std::move(body)});
  }

  PartContext context_;
  Rendering rendering_;
  PcapngWriter pcapng_{"dpvrrpd"};  // with the interfaces, once a client has their header
  std::map<RequesterId, Client> clients_;
  FrameSelection selected_;  // by the lcores, if there are clients
  bool on_ = false;
  Instant due_{};
  uint64_t not_shown_ = 0;  // as the services had it last
  std::vector<FrameCopy> frames_;
};

}  // namespace dpvrrp
