// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_socket.h"

#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>

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

void NetlinkSocket::ListStrictly() {
  const int on = 1;
  setsockopt(fd_, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
}

// The filter sees one whole message. Types of rtnetlink are below 256, so one byte of the type is enough.
absl::Status NetlinkSocket::IgnoreOtherRoutes(uint8_t protocol) {
  constexpr uint32_t kType =
      offsetof(nlmsghdr, nlmsg_type) + (std::endian::native == std::endian::little ? 0 : sizeof(uint16_t) - 1);
  constexpr uint32_t kProtocol = NLMSG_HDRLEN + offsetof(rtmsg, rtm_protocol);
  constexpr uint32_t kWhole = UINT32_MAX;
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kType),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_NEWROUTE, 4, 0),  // refuse
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_DELROUTE, 0, 2),  // otherwise: accept
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kProtocol),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, protocol, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, kWhole),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(steps)), steps};
  if (setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0) return absl::OkStatus();
  return ToStatus({errno, ""}, "cannot filter notifications of routes");
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
