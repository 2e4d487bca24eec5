// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "control/control_time.h"
#include "control/outbox.h"
#include "control/part.h"
#include "pipeline/receive/frame_copy.h"
#include "pipeline/receive/frame_selection.h"

namespace dpvrrp {

// The clients of `monitor`: each receives a line for every received frame of VRRP that it has selected. While there is
// none, the lcores copy nothing.
//
// A monitor must not slow the routers down. So the lcores select the frames, and at most kMost frames in kEvery are
// shown. Each client receives the number of the others.
//
// Pure: time is an argument. Thread: control.
class Monitor final : public Part {
 public:
  static constexpr Nanoseconds kEvery = std::chrono::milliseconds(50);
  static constexpr size_t kMost = 500;

  // A frame as a line with its newline; `port` is the name of its port, `unix_ms` the time of its arrival.
  using Render = std::string (*)(const FrameCopy& copy, absl::string_view port, int64_t unix_ms);

  Monitor(const PartContext& context, Render as_text, Render as_json)
      : context_(context), as_text_(as_text), as_json_(as_json) {}

  // Replaces what the client has selected before.
  void Follow(RequesterId client, const FrameSelection& wanted, bool json, ControlTime t);
  void Unfollow(RequesterId client);  // no effect if it does not follow

  void OnTime(ControlTime t) override;
  Instant NextDeadline() const override { return clients_.empty() ? kNever : due_; }

 private:
  struct Client {
    FrameSelection wanted;
    bool json = false;
  };

  void Select();
  void Show(const FrameCopy& copy, ControlTime t);

  PartContext context_;
  Render as_text_;
  Render as_json_;
  std::map<RequesterId, Client> clients_;
  FrameSelection selected_;  // by the lcores, if there are clients
  bool on_ = false;
  Instant due_{};
  uint64_t not_shown_ = 0;  // as the services had it last
  std::vector<FrameCopy> frames_;
};

}  // namespace dpvrrp
