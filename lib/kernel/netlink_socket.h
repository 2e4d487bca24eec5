// SPDX-License-Identifier: BSD-3-Clause
//
// One rtnetlink socket, non-blocking.
//
// Thread: control.
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

class NetlinkSocket {
 public:
  // Joins the multicast groups (RTNLGRP_*). Requests `receive_bytes` beyond the system's limit if the process is
  // permitted to.
  static absl::StatusOr<NetlinkSocket> Open(std::initializer_list<uint32_t> groups, int receive_bytes);

  NetlinkSocket(NetlinkSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  NetlinkSocket& operator=(NetlinkSocket&&) = delete;
  ~NetlinkSocket();

  int fd() const { return fd_; }

  // Lets the kernel leave out routes that a list does not ask for, and check requests for lists strictly. Without it, a
  // list of few routes takes as long as a list of all. Optional: Linux 4.20.
  void ListStrictly();
  // Receives no notification of routes except the removal of routes of this protocol (rtm_protocol). On a router that
  // has the routes of the Internet, the others would displace notifications of links and addresses.
  absl::Status IgnoreOtherRoutes(uint8_t protocol);

  // One datagram of one or more whole messages to the kernel. Returns 0 or an errno.
  int Send(std::span<const uint8_t> messages);

  struct Datagram {
    int error = 0;                      // EAGAIN: no datagram. ENOBUFS: the kernel dropped some; more may follow
    std::span<const uint8_t> messages;  // valid until the next Receive
  };
  Datagram Receive();

  // The ifindex of a device in the socket's namespace, or kNoDevice. Asks the kernel each time (one ioctl), because
  // devices are added, removed and renamed between two readings of the notifications.
  uint32_t FindIndex(const std::string& device) const;
  // The name, or empty if unknown.
  std::string FindName(uint32_t index) const;

  // An ifindex that no device has: the kernel answers a request for it, in order, with ENODEV.
  static constexpr uint32_t kNoDevice = 0x7fffffff;

 private:
  explicit NetlinkSocket(int fd);

  int fd_;
  std::vector<uint8_t> buffer_;
};

// Calls `visit` with each message of a datagram, or of several concatenated datagrams.
template <typename Visit>
void ForEachMessage(std::span<const uint8_t> messages, Visit visit) {
  int left = static_cast<int>(messages.size());
  const auto* message = reinterpret_cast<const nlmsghdr*>(messages.data());
  for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) visit(*message);
}

}  // namespace dpvrrp
