// SPDX-License-Identifier: BSD-3-Clause
//
// Routers that hear each other: an answer to a lower priority must not cause answers without end (conformance V3-93).
#include <gtest/gtest.h>

#include <deque>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

// A segment that delivers every frame to all routers within a millisecond.
class Lan : public testing::TestWithParam<Family> {
 protected:
  struct Node {
    TestShard shard;
    VirtualRouter* router = nullptr;
    size_t sent = 0;
    bool deaf = false;
  };

  Node& Add(int last_byte, int priority) {
    VirtualRouterConfig config = V3Config(GetParam());
    const std::string address = (GetParam() == Family::kIpv4 ? "10.99.0." : "fe80::") + std::to_string(last_byte);
    config.machine.source = Ip(address);
    config.machine.priority = Priority(static_cast<uint8_t>(priority));
    Node& node = nodes_.emplace_back();
    node.router = &node.shard.Add(std::move(config));
    if (priority < 255) node.shard.Apply(command::Takeover{node.router});
    return node;
  }

  void RunFor(Nanoseconds time) {
    for (Nanoseconds passed{0}; passed < time; passed += 1ms) {
      std::vector<Bytes> frames;
      std::vector<const Node*> senders;
      for (Node& node : nodes_) {
        for (const Sent& sent : node.shard.RunFor(1ms)) {
          frames.push_back(sent.frame);
          senders.push_back(&node);
          ++node.sent;
        }
      }
      for (size_t i = 0; i < frames.size(); ++i) {
        for (Node& node : nodes_) {
          if (node.deaf || (&node == senders[i] && !looped)) continue;
          for (int copy = 0; copy < copies; ++copy) node.shard.Receive(frames[i]);
        }
      }
    }
  }

  int copies = 1;
  bool looped = false;  // senders hear themselves

 private:
  std::deque<Node> nodes_;
};

INSTANTIATE_TEST_SUITE_P(Families, Lan, testing::Values(Family::kIpv4, Family::kIpv6));

TEST_P(Lan, TwoMastersWithEqualDataSendNoExtraAdverts) {
  Node& a = Add(2, 100);
  Node& b = Add(2, 100);
  RunFor(10500ms);
  for (const Node* node : {&a, &b}) {
    EXPECT_EQ(node->sent, 11u);
    EXPECT_EQ(node->router->machine.state, State::kMaster);
    EXPECT_EQ(Drops(*node->router, DropReason::kOwnEcho), 11u);
  }
}

TEST_P(Lan, LoopedFramesCauseNoAnswer) {
  looped = true;
  copies = 3;
  Node& a = Add(2, 100);
  RunFor(10500ms);
  EXPECT_EQ(a.sent, 11u);
  EXPECT_EQ(a.router->machine.state, State::kMaster);
  EXPECT_EQ(Drops(*a.router, DropReason::kOwnEcho), 33u);
}

TEST_P(Lan, OfTwoMastersWithEqualPriorityTheGreaterAddressStays) {
  Node& lower = Add(2, 100);
  Node& greater = Add(3, 100);
  RunFor(10500ms);
  EXPECT_EQ(lower.router->machine.state, State::kBackup);
  EXPECT_EQ(greater.router->machine.state, State::kMaster);
  EXPECT_LE(lower.sent, 2u);
  EXPECT_LE(greater.sent, 12u);
}

TEST_P(Lan, OfThreeMastersOnALoopedSegmentTheHighestStays) {
  looped = true;
  copies = 2;
  Node& low = Add(9, 50);
  Node& middle = Add(8, 100);
  Node& high = Add(7, 150);
  RunFor(10500ms);
  EXPECT_EQ(low.router->machine.state, State::kBackup);
  EXPECT_EQ(middle.router->machine.state, State::kBackup);
  EXPECT_EQ(high.router->machine.state, State::kMaster);
  EXPECT_LE(low.sent + middle.sent, 4u);
  EXPECT_LE(high.sent, 12u);
}

// A one-way link: the lower master never hears the other, and causes one answer in an interval at most.
TEST_P(Lan, ADeafLowerMasterCausesOneAnswerAnInterval) {
  Node& high = Add(2, 100);
  Node& low = Add(1, 50);
  low.deaf = true;
  copies = 4;
  RunFor(10500ms);
  EXPECT_EQ(high.router->machine.state, State::kMaster);
  EXPECT_EQ(low.router->machine.state, State::kMaster);
  EXPECT_EQ(low.sent, 11u);
  EXPECT_LE(high.sent, 22u);
  EXPECT_GE(high.sent, 20u);
}

TEST_P(Lan, TwoOwnersKeepTheirRhythm) {
  Node& a = Add(2, 255);
  Node& b = Add(3, 255);
  RunFor(10500ms);
  for (const Node* node : {&a, &b}) {
    EXPECT_EQ(node->sent, 11u);
    EXPECT_EQ(node->router->machine.state, State::kMaster);
    EXPECT_EQ(Drops(*node->router, DropReason::kDuplicateOwner), 11u);
  }
}

}  // namespace
}  // namespace dpvrrp
