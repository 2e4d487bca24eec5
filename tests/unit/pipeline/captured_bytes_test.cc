// SPDX-License-Identifier: BSD-3-Clause
//
// With keepalived's configuration we send the same bytes as keepalived.
#include <gtest/gtest.h>

#include "support/captures.h"
#include "support/test_shard.h"

namespace dpvrrp {
namespace {

VirtualRouterConfig LikeKeepalived(VirtualRouterConfig config, uint8_t vrid, uint8_t priority, const char* address) {
  config.vrid = Vrid(vrid);
  config.machine.priority = Priority(priority);
  config.machine.source = Ip("10.99.0.1");
  config.source_mac = Mac("02:00:0a:63:00:01");
  config.addresses = {Ip(address)};
  return config;
}

std::vector<Bytes> AdvertsOf(absl::string_view file) {
  std::vector<Bytes> adverts;
  for (const CapturedFrame& frame : ReadCapture(file)) {
    if (IsVrrpFrame(frame.bytes)) adverts.push_back(frame.bytes);
  }
  return adverts;
}

// From the start as backup to the goodbye, as many adverts as were captured.
std::vector<Bytes> Live(VirtualRouterConfig config, size_t adverts) {
  TestShard t;
  VirtualRouter& router = t.Add(std::move(config));
  t.RunUntil(router.machine.deadline - 1ns);
  std::vector<Sent> sent = t.RunFor((adverts - 2) * 1s + 500ms);
  t.Apply(command::Remove{&router});
  for (Sent& last : t.Transmit()) sent.push_back(std::move(last));
  std::vector<Bytes> frames;
  for (const Sent& s : sent) frames.push_back(s.frame);
  return frames;
}

TEST(CapturedBytesTest, AhWithOneAddress) {
  SequenceRecord record;
  const std::vector<Bytes> captured = AdvertsOf("ah-mcast-1vip.pcap");
  const std::vector<Bytes> sent = Live(LikeKeepalived(AhConfig(record), 51, 150, "10.99.0.100"), captured.size());
  ASSERT_EQ(captured.size(), 8u);
  EXPECT_EQ(sent, captured);
  EXPECT_EQ(Bytes(sent[0].begin() + 14, sent[0].end()), ReadVector("AH multicast, 1 VIP", 1));
  EXPECT_EQ(Bytes(sent[7].begin() + 14, sent[7].end()), ReadVector("AH multicast, priority 0 at shutdown", 1));
}

TEST(CapturedBytesTest, AhWithTwentyAddresses) {
  SequenceRecord record;
  VirtualRouterConfig config =
      LikeKeepalived(AhConfig(record, KeepalivedKey("longerthan8chars")), 52, 200, "10.99.0.101");
  for (uint32_t i = 1; i < 20; ++i) config.addresses.push_back(IpAddress::V4(0x0a630065 + i));
  const std::vector<Bytes> captured = AdvertsOf("ah-mcast-20vip.pcap");
  EXPECT_EQ(Live(std::move(config), captured.size()), captured);
}

TEST(CapturedBytesTest, AhFromTheVirtualMac) {
  SequenceRecord record;
  VirtualRouterConfig config = LikeKeepalived(AhConfig(record), 51, 150, "10.99.0.100");
  config.source_mac = VirtualMac(Family::kIpv4, Vrid(51));
  const std::vector<Bytes> captured = AdvertsOf("ah-vmac.pcap");
  const std::vector<Bytes> sent = Live(std::move(config), captured.size());
  EXPECT_EQ(sent, captured);
  EXPECT_EQ(sent[0], ReadVector("AH Ethernet frame, use_vmac", 1));
}

TEST(CapturedBytesTest, SimplePassword) {
  VirtualRouterConfig config = LikeKeepalived(BackupConfig(), 54, 150, "10.99.0.140");
  config.auth = AuthKind::kSimple;
  config.password = {'p', 'w', '1', '2'};
  const std::vector<Bytes> captured = AdvertsOf("pass.pcap");
  EXPECT_EQ(Live(std::move(config), captured.size()), captured);
}

TEST(CapturedBytesTest, NoAuthentication) {
  const std::vector<Bytes> captured = AdvertsOf("v2-noauth.pcap");
  EXPECT_EQ(Live(LikeKeepalived(BackupConfig(), 55, 150, "10.99.0.150"), captured.size()), captured);
}

// We take over from a keepalived that resigned: the numbers continue (keepalived.md 1.6).
TEST(CapturedBytesTest, AfterATakeoverFromKeepalivedWeSendTheBytesOfItsBackup) {
  SequenceRecord record;
  VirtualRouterConfig config = LikeKeepalived(AhConfig(record), 51, 100, "10.99.0.100");
  config.machine.source = Ip("10.99.0.2");
  config.source_mac = Mac("02:00:0a:63:00:02");
  TestShard t;
  t.now += 1s;  // the first advert of the capture is later than our Master_Down_Interval
  t.Add(std::move(config));
  std::vector<Bytes> captured, sent;
  for (const CapturedFrame& frame : ReadCapture("prio0-shutdown-and-takeover.pcap")) {
    if (kTestStart + frame.at < t.now) continue;
    for (const Sent& s : t.RunUntil(kTestStart + frame.at)) sent.push_back(s.frame);
    if (!IsVrrpFrame(frame.bytes) || SeeAdvert(frame.bytes)->source == Ip("10.99.0.2")) {
      if (IsVrrpFrame(frame.bytes)) captured.push_back(frame.bytes);
      continue;
    }
    EXPECT_EQ(t.Receive(frame.bytes), DropReason::kNone);
  }
  ASSERT_EQ(captured.size(), 11u);
  EXPECT_EQ(sent, captured);
}

}  // namespace
}  // namespace dpvrrp
