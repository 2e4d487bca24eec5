// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/announcement_socket.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "wire/arp.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

// What the kernel needs besides the frame.
sockaddr_ll DestinationOf(const uint8_t* frame, int ifindex) {
  const auto& header = *reinterpret_cast<const EthernetHeader*>(frame);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(header.ether_type.host());
  to.sll_ifindex = ifindex;
  to.sll_halen = sizeof header.destination;
  std::copy(header.destination.bytes.begin(), header.destination.bytes.end(), to.sll_addr);
  return to;
}

}  // namespace

AnnouncementSocket AnnouncementSocket::Open() {
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return AnnouncementSocket(fd, fd < 0 ? errno : 0);
}

AnnouncementSocket::~AnnouncementSocket() {
  if (fd_ >= 0) close(fd_);
}

AnnouncementSocket::AnnouncementSocket(AnnouncementSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), error_(other.error_) {}

NetlinkAnswer AnnouncementSocket::Send(const std::string& device, const IpAddress& address) {
  if (fd_ < 0) return {error_, "the daemon could not open a packet socket at its start: it needs CAP_NET_RAW"};
  ifreq request{};
  if (device.empty() || device.size() >= sizeof request.ifr_name) return {ENODEV, ""};
  std::memcpy(request.ifr_name, device.c_str(), device.size() + 1);
  if (ioctl(fd_, SIOCGIFINDEX, &request) != 0) return {errno, ""};
  const int ifindex = request.ifr_ifindex;  // the two share memory
  if (ioctl(fd_, SIOCGIFHWADDR, &request) != 0) return {errno, ""};
  if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) return {};
  MacAddress mac;
  std::copy_n(reinterpret_cast<const uint8_t*>(request.ifr_hwaddr.sa_data), mac.bytes.size(), mac.bytes.begin());

  std::array<uint8_t, std::max(kMaxArpFrameBytes, kMaxNdFrameBytes)> frame{};
  const auto write = address.is_v4() ? WriteGratuitousArp : WriteUnsolicitedNa;
  const size_t size = write(mac, VlanStack{}, address, frame.data());
  const sockaddr_ll to = DestinationOf(frame.data(), ifindex);
  ssize_t sent;
  do {
    sent = sendto(fd_, frame.data(), size, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? NetlinkAnswer{errno, ""} : NetlinkAnswer{};
}

}  // namespace dpvrrp
