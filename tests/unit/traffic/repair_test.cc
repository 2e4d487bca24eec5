// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/repair.h"

#include <gtest/gtest.h>

#include "support/bytes.h"
#include "traffic/advert_frame.h"
#include "traffic/host_frames.h"

namespace dpvrrp {
namespace {

// Every checksum of a frame is set wrong; then the repaired frame is the first one again.
TEST(RepairTest, MakesEveryChecksumRight) {
  const TrafficHost host{{{0x02, 0, 0, 0, 0, 1}}, Ip("10.99.0.10")}, host6{host.mac, Ip("fe80::10")};
  const Bytes key(32, 0x5a);
  const Bytes data = {1, 2, 3};
  const struct {
    const char* name;
    Bytes frame;
    size_t ip_at;  // of the IPv4 header's checksum; 0: none
    size_t at;     // of the message's
  } rows[] = {
      {"VRRPv2", AdvertFrame{}.Build(), 24, 40},
      {"VRRPv2 behind AH", AdvertFrame{.key = key}.Build(), 24, 64},
      {"VRRPv3, tagged", AdvertFrame{.vlan_tags = {7, 8}, .version = 3}.Build(), 32, 48},
      {"VRRPv3 over IPv6", AdvertFrame{.source = Ip("fe80::1"), .version = 3}.Build(), 0, 60},
      {"a trailer over IPv4", AdvertFrame{.version = 3, .trailer_key = key}.Build(), 24, 40},
      {"a trailer over IPv6",
       AdvertFrame{.source = Ip("fe80::1"), .version = 3, .addresses = {Ip("fe80::2")}, .trailer_key = key}.Build(), 0,
       60},
      {"ICMP", EchoRequest(host, host, data), 24, 36},
      {"ICMPv6", EchoRequest(host6, host6, data), 0, 56},
      {"IGMP, with an option", MembershipQuery(host, {2, Ip("224.0.0.18"), {}}), 24, 40},
      {"MLD, behind hop-by-hop options", MembershipQuery(host6, {2, Ip("::"), {}}), 0, 64},
  };
  for (const auto& row : rows) {
    Bytes frame = row.frame;
    frame[row.at] ^= 0x55;
    if (row.ip_at != 0) frame[row.ip_at + 1] ^= 0xaa;
    EXPECT_NE(frame, row.frame);
    RepairChecksums(frame);
    EXPECT_EQ(ToHex(frame), ToHex(row.frame)) << row.name;
  }
}

TEST(RepairTest, TheHeaderAlone) {
  const Bytes good = AdvertFrame{}.Build();
  Bytes frame = good;
  frame[24] ^= 1;
  frame[40] ^= 1;
  RepairIpChecksum(frame);
  EXPECT_EQ(frame[24], good[24]);
  EXPECT_NE(frame[40], good[40]);
}

// For a sanitizer: buffers are as long as their frames.
TEST(RepairTest, AnyLengthAndAnyByte) {
  for (const Bytes& good : {AdvertFrame{.key = Bytes(8, 1)}.Build(), AdvertFrame{.source = Ip("fe80::1")}.Build()}) {
    for (size_t length = 0; length <= good.size(); ++length) {
      for (size_t at = 12; at < length; ++at) {
        for (const uint8_t value : {0x00, 0x4f, 0x81, 0xff}) {
          Bytes frame(good.begin(), good.begin() + static_cast<ptrdiff_t>(length));
          frame[at] = value;
          RepairChecksums(frame);
          EXPECT_EQ(frame.size(), length);
        }
      }
      Bytes cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(length));
      RepairChecksums(cut);
    }
  }
}

}  // namespace
}  // namespace dpvrrp
