// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "dataplane/traffic_filter.h"

namespace dpvrrp {

// The packet sockets of a net_af_packet port: their filter, and the frames that they had no room for. The driver owns
// the sockets.
//
// Thread: control.
class PortSockets {
 public:
  // Finds the sockets of the driver's `queues` queue pairs. Call it when the driver has opened them.
  // FailedPrecondition: the process has another number of packet sockets on the interface, so it is not known which are
  // the port's; then no filter is ever set.
  absl::Status Find(uint32_t ifindex, size_t queues);
  // Before the driver closes them. The drops stay.
  void Forget();

  // Sets the filter of all sockets. The kernel then delivers the frames of `selection` that the interface receives. It
  // delivers no frame that this host sends. If the program is in force already, nothing happens. If it cannot be set,
  // all frames are delivered, and the error says so. The error of Find() is returned too.
  absl::Status Select(const TrafficSelection& selection);

  // The length of the program in force; 0: none, so every frame is received.
  size_t instructions() const { return program_.size(); }
  // Kinds of which every frame is selected because their list is too long.
  const std::vector<std::string>& widened() const { return widened_; }

  // Selected frames that found no room in the rings, since Find().
  uint64_t ReadDrops();

 private:
  std::vector<int> sockets_;
  absl::Status fault_;  // of Find()
  std::vector<sock_filter> program_;
  std::vector<std::string> widened_;
  uint64_t drops_ = 0;
};

}  // namespace dpvrrp
