// SPDX-License-Identifier: BSD-3-Clause
//
// Every frame that a responder answers, with every byte changed and cut off everywhere. Buffers are as long as their
// frames, so a sanitizer sees one byte too far; what is sent must not grow, and no virtual router must notice.
#include <gtest/gtest.h>

#include "host_testing.h"

namespace dpvrrp {
namespace {

class HostMutationTest : public testing::Test {
 protected:
  HostMutationTest() {
    VirtualRouterConfig v4 = ResponderConfig();
    v4.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
    t_.Add(std::move(v4));
    VirtualRouterConfig v6 = ResponderConfig();
    v6.id = InstanceId(2);
    v6.machine.version = VrrpVersion::kV3;
    v6.machine.source = Ip("fe80::2");
    v6.source_mac = kVmac6;
    v6.addresses = {Ip("fe80::51"), Ip("2001:db8:51::254")};
    t_.Add(std::move(v6));
    for (const auto& router : t_.routers) t_.Apply(ShardCommand::Kind::kTakeover, *router);
    t_.RunFor(10ms);
  }
  std::string Machines() const {
    std::string out;
    for (const auto& router : t_.routers) out += MachineOf(*router);
    return out;
  }
  // How many frames came back.
  size_t Ask(const Bytes& frame) {
    t_.now += 1ms;  // within the rate
    t_.ReceiveBurst({frame});
    t_.Events();
    const std::vector<Sent> sent = t_.Transmit();
    for (const Sent& s : sent) EXPECT_LE(s.frame.size(), std::max<size_t>(frame.size(), 90)) << ToHex(frame);
    return sent.size();
  }
  TestShard t_;
};

TEST_F(HostMutationTest, NoFrameDoesHarm) {
  const std::string v6 = "86dd", host6 = "2001:db8:51::10", vip6 = "2001:db8:51::254";
  const std::string ns = "8700000000000000" + Hex(Ip(vip6)) + "0101" + Hex(kHostMac);
  const std::string mld = "8200000003e80000" + Hex(Ip("::")) + "0a7d0000";
  const std::string mld_pseudo = Hex(Ip("fe80::10")) + Hex(Ip("ff02::1")) + "0000001c0000003a";
  const std::vector<Bytes> frames = {
      Arp(kBroadcastMac, 1, kHostMac, "10.99.0.10", MacAddress{}, "10.99.0.100"),
      Arp(kPortMac, 2, kHostMac, "10.99.0.1", kPortMac, "10.99.0.2"),
      FromHex(Ethernet(kVmac, kHostMac, "0800") + Ipv4("10.99.0.10", "10.99.0.100", 1, EchoV4(8))),
      FromHex(Ethernet(Mac("01:00:5e:00:00:01"), kHostMac, "0800") +
              Ipv4("10.99.0.10", "224.0.0.1", 2, Summed("1101000000000000027d0000", 1), 1)),
      FromHex(Ethernet(Mac("33:33:ff:00:02:54"), kHostMac, v6) + Ipv6(host6, "ff02::1:ff00:254", ns, 255)),
      FromHex(Ethernet(kVmac6, kHostMac, v6) + Ipv6(host6, vip6, "80000000123400016162", 64)),
      FromHex(Ethernet(Mac("33:33:00:00:00:01"), kHostMac, v6) + "6000000000240001" + Hex(Ip("fe80::10")) +
              Hex(Ip("ff02::1")) + "3a00050200000100" + Summed(mld, 1, mld_pseudo))};
  size_t answers = 0;
  for (const Bytes& frame : frames) {
    answers += Ask(frame);
    const std::string before = Machines();
    const Instant now = t_.now;
    for (size_t length = 0; length < frame.size(); ++length) {
      Ask(Bytes(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(length)));
      t_.now = now;
    }
    for (size_t at = 0; at < frame.size(); ++at) {
      for (const uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
        Bytes changed = frame;
        changed[at] = value;
        Ask(changed);
      }
      t_.now = now;
    }
    EXPECT_EQ(Machines(), before) << ToHex(frame);
  }
  EXPECT_EQ(answers, 4u) << "the unspoilt ones are answered";
}

}  // namespace
}  // namespace dpvrrp
