// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "base/address.h"
#include "kernel/netlink_error.h"

namespace dpvrrp {

// Announces addresses on the kernel's devices, with the frames that an lcore sends on a port: gratuitous ARP (RFC 9568
// 6.4.1, V3-51) and unsolicited neighbour advertisements (V3-52). The MAC is the one that the device has at this
// moment. So a virtual-MAC device announces the virtual MAC. The frames have no VLAN tag; a VLAN device adds its own.
//
// It is one packet socket for all devices, without a protocol, so that it receives nothing. To open it needs
// CAP_NET_RAW; to send needs none, so the socket still works after the daemon has dropped its capabilities.
//
// Thread: control. Never waits.
class AnnouncementSocket {
 public:
  // Never fails. If the kernel gives no socket, every Send() answers with the reason.
  static AnnouncementSocket Open();
  ~AnnouncementSocket();
  AnnouncementSocket(AnnouncementSocket&& other) noexcept;
  AnnouncementSocket& operator=(AnnouncementSocket&&) = delete;

  // Success if the kernel has taken the frame, or if the device is no Ethernet device, so that no host learns its MAC.
  // ENODEV: no such device. ENETDOWN: it is down. EAGAIN, ENOBUFS: its queue is full.
  NetlinkAnswer Send(const std::string& device, const IpAddress& address);

 private:
  AnnouncementSocket(int fd, int error) : fd_(fd), error_(error) {}

  int fd_;     // -1: none
  int error_;  // errno, why there is none
};

}  // namespace dpvrrp
