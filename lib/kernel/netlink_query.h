// SPDX-License-Identifier: BSD-3-Clause
//
// Requests whose answer is waited for: dumps, and the few requests of start-up.
//
// Thread: control. Blocks for at most kAnswerWait. In practice it does not block, because the kernel answers within the
// call.
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
  static constexpr int kMaxDumps = 16;  // tries to list objects that change meanwhile; then EAGAIN

  static absl::StatusOr<NetlinkQuery> Open();
  void ListStrictly() { socket_.ListStrictly(); }

  struct Result {
    NetlinkAnswer answer;
    std::vector<uint8_t> messages;  // for ForEachMessage; without acks and the end of a dump
  };
  // Sends one request and collects the kernel's answers, up to its ack or the end of the dump. If the kernel marks a
  // dump as interrupted (NLM_F_DUMP_INTR), entries may be missing, so the request is repeated.
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
