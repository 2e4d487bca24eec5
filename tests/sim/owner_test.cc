// SPDX-License-Identifier: BSD-3-Clause
//
// An owner (priority 255) that returns: the numbers of the group have advanced, and the group must accept its adverts
// at once (docs/decisions/0012).
#include <gtest/gtest.h>

#include "sim/world.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;
using Kind = Action::Kind;

constexpr int kOwner = 0;
constexpr int kStandIn = 1;

struct Return {
  bool keepalived;
  StateFile file = StateFile::kKept;
  Nanoseconds away = 60s;
  Kind leaves = Kind::kCrash;
  Kind returns = Kind::kStart;
};

// Runs until `after` the owner is back.
class OwnerWorld {
 public:
  OwnerWorld(const Return& r, Nanoseconds after) : world_(Make(r, after), *engine_, nullptr) {
    outcome_ = world_.Run();
  }
  bool OwnerIsMaster() const { return world_.IsMaster(kOwner, 0); }
  bool StandInIsMaster() const { return world_.IsMaster(kStandIn, 0); }
  const std::string& violation() const { return outcome_.violation; }

 private:
  static NodePlan MakeNode(const char* name, uint8_t number, bool keepalived) {
    NodePlan node;
    node.name = name;
    node.keepalived = keepalived;
    node.address = IpAddress::V4(0x0a630000u + number);
    node.mac = MacAddress{{0x02, 0, 0, 0, 0, number}};
    node.poll = 20us;
    node.control = 5ms;
    return node;
  }
  static Scenario Make(const Return& r, Nanoseconds after) {
    Scenario s;
    s.seed = 1;
    s.nodes = {MakeNode("A", 1, false), MakeNode("B", 2, r.keepalived)};
    VirtualRouterPlan router;
    router.vrid = Vrid(51);
    router.auth = AuthKind::kAh;
    router.key = KeepalivedKey("s3cr3t");
    router.interval = 1s;
    router.addresses = {IpAddress::V4(0x0a630064)};
    router.members = {{.priority = kPriorityOwner}, {.priority = Priority(150)}};
    s.routers = {router};
    const SimTime gone = 20s + 300ms;
    const SimTime back = gone + r.away;
    const auto act = [&](SimTime at, Kind kind, int node, StateFile file = StateFile::kKept) {
      Action action{.at = at, .kind = kind};
      action.node = node;
      action.file = file;
      s.actions.push_back(action);
    };
    act(0s, Kind::kStart, kOwner);
    act(0s, Kind::kStart, kStandIn);
    act(15s, Kind::kSnapshot, kOwner);
    act(gone, r.leaves, kOwner);
    act(back, r.returns, kOwner, r.file);
    s.end = back + after;
    return s;
  }

  std::unique_ptr<IcvEngine> engine_ = MakeOpensslEngine();
  World world_;
  Outcome outcome_;
};

class OwnerReturnTest : public testing::TestWithParam<bool> {
 protected:
  static void ExpectObeyed(const Return& r) {
    const OwnerWorld before(r, -1ms);
    EXPECT_TRUE(before.StandInIsMaster());
    EXPECT_FALSE(before.OwnerIsMaster());
    const OwnerWorld after(r, 2s);
    EXPECT_TRUE(after.OwnerIsMaster());
    EXPECT_FALSE(after.StandInIsMaster());
    const OwnerWorld later(r, 60s);
    EXPECT_TRUE(later.OwnerIsMaster());
    EXPECT_FALSE(later.StandInIsMaster());
    EXPECT_EQ(later.violation(), "");
  }
};

TEST_P(OwnerReturnTest, AfterACrash) {
  for (const Nanoseconds away : {8s, 60s, 3600s}) {
    SCOPED_TRACE(away.count());
    ExpectObeyed({.keepalived = GetParam(), .away = away});
  }
}

TEST_P(OwnerReturnTest, AfterAnOrderlyStop) { ExpectObeyed({.keepalived = GetParam(), .leaves = Kind::kStop}); }

TEST_P(OwnerReturnTest, AfterAPowerLoss) { ExpectObeyed({.keepalived = GetParam(), .file = StateFile::kOld}); }

TEST_P(OwnerReturnTest, AfterItsLinkWasDown) {
  ExpectObeyed({.keepalived = GetParam(), .leaves = Kind::kLinkDown, .returns = Kind::kLinkUp});
}

INSTANTIATE_TEST_SUITE_P(BesideDpvrrpAndKeepalived, OwnerReturnTest, testing::Bool());

}  // namespace
}  // namespace dpvrrp::sim
