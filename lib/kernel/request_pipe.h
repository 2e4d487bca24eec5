// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/time.h"
#include "host/host.h"
#include "kernel/netlink_error.h"
#include "kernel/netlink_socket.h"

namespace dpvrrp {

// The requests on their way to the kernel, and its answers. All except kAnnounce, which is no netlink message.
//
//   waiting_ --(Pump: batches of whole messages)--> in_flight_ --(acks, by sequence number)--> answers
//
// The kernel acknowledges in the order of the requests, within sendmsg(). So if an ack has a later number than the
// oldest request in flight, or if an empty socket follows ENOBUFS, acks were lost. Their requests are answered with
// ENOBUFS, because it is unknown whether they were executed.
//
// Thread: control. Never waits.
class RequestPipe {
 public:
  static constexpr size_t kMaxInFlight = 512;        // the others wait
  static constexpr size_t kMaxBatchBytes = 1 << 11;  // of one sendmsg(): about thirty requests
  // The kernel does the work inside sendmsg(). A request takes 6 us on a device with few addresses, and over 1 ms with
  // 16,000. So after this time the thread does other work; the acks that have arrived by then cause the next call.
  static constexpr Nanoseconds kLongestPump = std::chrono::milliseconds(2);
  // For kMaxInFlight acks. A small ack takes under 1 KiB of buffer, one with a reason somewhat more.
  static constexpr int kReceiveBytes = 1 << 21;

  explicit RequestPipe(NetlinkSocket socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.fd(); }

  void Send(std::span<const HostRequest> requests);

  struct Answered {
    HostRequest request;
    NetlinkAnswer answer;
  };
  // Appends the answers and sends the requests that waited for room.
  void Receive(std::vector<Answered>& out);

 private:
  struct InFlight {
    uint32_t sequence;
    HostRequest request;
  };

  void Pump();
  void Take(const nlmsghdr& message, std::vector<Answered>& out);
  void FailInFlight(std::vector<Answered>& out);

  NetlinkSocket socket_;
  uint32_t sequence_ = 0;
  std::deque<HostRequest> waiting_;
  std::deque<InFlight> in_flight_;  // oldest first; at most kMaxInFlight
  std::vector<Answered> unsent_;    // sendmsg() refused them; the next Receive answers them
};

}  // namespace dpvrrp
