// SPDX-License-Identifier: BSD-3-Clause
//
// Every frame that a responder answers, with every byte changed and cut at every length. Buffers are as long as their
// frames, so a sanitizer detects one byte too far. The answer must not grow, and no virtual router may change.
#include <gtest/gtest.h>

#include "host_testing.h"
#include "traffic/host_frames.h"

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
    for (const auto& router : t_.routers) t_.Apply(command::Takeover{router.get()});
    t_.RunFor(10ms);
  }
  std::string Machines() const {
    std::string out;
    for (const auto& router : t_.routers) out += MachineOf(*router);
    return out;
  }
  // Returns the number of answers.
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
  const TrafficHost host{kHostMac, Ip("10.99.0.10")}, host6{kHostMac, Ip("2001:db8:51::10")};
  const IpAddress vip = Ip("10.99.0.100"), vip6 = Ip("2001:db8:51::254");
  const Bytes data = FromHex("6162");
  const std::vector<Bytes> frames = {ArpRequest(host, vip),
                                     ArpReply({kHostMac, Ip("10.99.0.1")}, {kPortMac, Ip("10.99.0.2")}),
                                     EchoRequest(host, {kVmac, vip}, data),
                                     MembershipQuery(host, {3, Ip("0.0.0.0"), 100ms}),
                                     NeighbourSolicitation(host6, vip6),
                                     EchoRequest(host6, {kVmac6, vip6}, data),
                                     MembershipQuery({kHostMac, Ip("fe80::10")}, {2, Ip("::"), 1s})};
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
  EXPECT_EQ(answers, 4u) << "the unchanged frames are answered";
}

}  // namespace
}  // namespace dpvrrp
