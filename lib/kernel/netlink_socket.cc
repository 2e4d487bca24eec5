// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_socket.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernel/netlink_error.h"

namespace dpvrrp {
namespace {

// The kernel fills at most 32 KiB in a datagram of a dump; a single notification is far smaller.
constexpr size_t kDatagramBytes = 65536;

}  // namespace

NetlinkSocket::NetlinkSocket(int fd) : fd_(fd), buffer_(kDatagramBytes) {}

NetlinkSocket::~NetlinkSocket() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<NetlinkSocket> NetlinkSocket::Open(std::initializer_list<uint32_t> groups, int receive_bytes) {
  const auto failure = [] { return ToStatus({errno, ""}, "cannot open a netlink socket"); };
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return failure();
  NetlinkSocket result(fd);

  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&self), sizeof self) < 0) return failure();
  for (const uint32_t group : groups) {
    if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) return failure();
  }
  // All three are optional: an older or stricter kernel works without them.
  const int on = 1;
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);  // an error does not echo the request: small acks
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes, sizeof receive_bytes) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  }
  return result;
}

int NetlinkSocket::Send(std::span<const uint8_t> messages) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = sendto(fd_, messages.data(), messages.size(), 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

NetlinkSocket::Datagram NetlinkSocket::Receive() {
  while (true) {
    sockaddr_nl sender{};
    iovec place{buffer_.data(), buffer_.size()};
    msghdr header{};
    header.msg_name = &sender;
    header.msg_namelen = sizeof sender;
    header.msg_iov = &place;
    header.msg_iovlen = 1;
    const ssize_t size = recvmsg(fd_, &header, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {errno, {}};
    if (sender.nl_pid != 0) continue;  // not from the kernel, but from a process that knows our port
    if ((header.msg_flags & MSG_TRUNC) != 0) return {ENOBUFS, {}};
    return {0, std::span(buffer_).first(static_cast<size_t>(size))};
  }
}

uint32_t NetlinkSocket::FindIndex(const std::string& device) const {
  ifreq request{};
  if (device.empty() || device.size() >= sizeof request.ifr_name) return kNoDevice;
  std::memcpy(request.ifr_name, device.c_str(), device.size() + 1);
  return ioctl(fd_, SIOCGIFINDEX, &request) == 0 ? static_cast<uint32_t>(request.ifr_ifindex) : kNoDevice;
}

std::string NetlinkSocket::FindName(uint32_t index) const {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  if (ioctl(fd_, SIOCGIFNAME, &request) < 0) return "";
  return std::string(request.ifr_name, strnlen(request.ifr_name, sizeof request.ifr_name));
}

}  // namespace dpvrrp
