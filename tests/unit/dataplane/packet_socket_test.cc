// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/packet_socket.h"

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

UniqueFd Bound(uint32_t ifindex) {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW, 0));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(ifindex);
  if (fd.get() < 0 || bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return UniqueFd();
  return fd;
}

TEST(PacketSocketTest, IsTheOneOfTheInterfaceAndQueue) {
  const uint32_t lo = if_nametoindex("lo");
  const UniqueFd unbound(socket(AF_PACKET, SOCK_RAW, 0)), other(socket(AF_INET, SOCK_DGRAM, 0));
  const UniqueFd first = Bound(lo), second = Bound(lo);
  if (second.get() < 0) GTEST_SKIP() << "packet sockets need CAP_NET_RAW";
  EXPECT_EQ(FindPacketSocket(lo, 0), first.get());
  EXPECT_EQ(FindPacketSocket(lo, 1), second.get());
  EXPECT_EQ(FindPacketSocket(lo, 2), std::nullopt);
  EXPECT_EQ(FindPacketSocket(lo + 4711, 0), std::nullopt);
}

}  // namespace
}  // namespace dpvrrp
