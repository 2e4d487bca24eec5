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

// Requests on their way to the kernel and back.
//
//   waiting_ --(Pump: batches of whole messages)--> in_flight_ --(acks, by sequence number)--> answers
//
// The kernel acknowledges in the order of the requests, within sendmsg(). So an ack with a later number than the oldest
// in flight, or ENOBUFS followed by an empty socket, proves that acks were lost; their requests are answered with
// ENOBUFS, because nobody can know whether they were carried out.
//
// Thread: control. Never waits.
class RequestPipe {
 public:
  static constexpr size_t kMaxInFlight = 512;        // the rest waits
  static constexpr size_t kMaxBatchBytes = 1 << 11;  // of one sendmsg(): some thirty requests
  // The kernel does the work inside sendmsg(), the slower the more addresses the device has: 6 us with a few, over 1 ms
  // with 16,000. So others get their turn after as long; the acks that are there then bring us back.
  static constexpr Nanoseconds kLongestPump = std::chrono::milliseconds(2);
  // For kMaxInFlight acks. A small one costs under 1 KiB of buffer, one with a reason somewhat more.
  static constexpr int kReceiveBytes = 1 << 21;

  explicit RequestPipe(NetlinkSocket socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.fd(); }

  void Send(std::span<const HostRequest> requests);

  struct Answered {
    HostRequest request;
    NetlinkAnswer answer;
  };
  // Appends what has been answered and sends what waited for room.
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
  std::vector<Answered> unsent_;    // sendmsg() refused them; for the next Receive
};

}  // namespace dpvrrp
