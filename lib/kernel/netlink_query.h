// SPDX-License-Identifier: BSD-3-Clause
//
// Questions that are waited for: dumps, and the few requests of start-up.
//
// Thread: control. Blocks, for kAnswerWait at the most; the kernel answers within the call, so it does not in practice.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "kernel/netlink_error.h"
#include "kernel/netlink_socket.h"

namespace dpvrrp {

// Room for one request while it is built. Ours are under 200 bytes: names are bounded by IFNAMSIZ.
struct MessageBuffer {
  alignas(nlmsghdr) std::array<uint8_t, 512> bytes;
};

class NetlinkQuery {
 public:
  static constexpr std::chrono::seconds kAnswerWait{5};
  static constexpr int kMaxDumps = 16;  // tries to list something that changes meanwhile; then EAGAIN

  static absl::StatusOr<NetlinkQuery> Open();

  struct Result {
    NetlinkAnswer answer;
    std::vector<uint8_t> messages;  // for ForEachMessage; acks and the end of a dump are left out
  };
  // Sends one request and collects what the kernel answers, up to its ack or the end of the dump. A dump that the
  // kernel marks as interrupted (NLM_F_DUMP_INTR) may lack entries, so it is asked for again.
  Result Ask(nlmsghdr& request);

  uint32_t FindIndex(const std::string& device) const { return socket_.FindIndex(device); }
  std::string FindName(uint32_t index) const { return socket_.FindName(index); }

 private:
  explicit NetlinkQuery(NetlinkSocket socket) : socket_(std::move(socket)) {}

  struct Progress;
  void AskOnce(nlmsghdr& request, Progress& progress);

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
};

}  // namespace dpvrrp
