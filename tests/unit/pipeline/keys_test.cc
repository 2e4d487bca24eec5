// SPDX-License-Identifier: BSD-3-Clause
//
// Several keys: all are accepted, the first signs; and their exchange in place.
#include <gtest/gtest.h>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

const Bytes kOld = KeepalivedKey("k7Qw2ZpX");
const Bytes kNew = KeepalivedKey("x8fj2qpz");
const Bytes kThird = KeepalivedKey("mvwqkzfh");

AdvertFrame Signed(const Bytes& key, uint32_t sequence, absl::string_view source = "10.99.0.1") {
  AdvertFrame frame;
  frame.key = key;
  frame.sequence = sequence;
  frame.source = Ip(source);
  return frame;
}

std::unique_ptr<const KeySet> Keys(const std::vector<Bytes>& keys) {
  auto set = std::make_unique<KeySet>();
  uint8_t id = 0;
  for (const Bytes& key : keys) set->keys.push_back({++id, *MacKey::Create(MacAlgorithm::kHmacMd5_96, key)});
  return set;
}

// Counts the MACs that the shard has computed.
class CountingEngine : public IcvEngine {
 public:
  explicit CountingEngine(uint64_t& verified) : verified_(verified) {}
  absl::string_view name() const override { return engine_->name(); }
  void Sign(std::span<IcvJob> jobs) override { engine_->Sign(jobs); }
  void Verify(std::span<IcvJob> jobs) override {
    verified_ += jobs.size();
    engine_->Verify(jobs);
  }

 private:
  std::unique_ptr<IcvEngine> engine_ = MakeOpensslEngine();
  uint64_t& verified_;
};

class KeysTest : public testing::Test {
 protected:
  VirtualRouter& Add(const std::vector<Bytes>& keys) {
    VirtualRouterConfig config = AhConfig(record_);
    config.keys = Keys(keys);
    return t_.Add(std::move(config));
  }
  void Replace(VirtualRouter& router, const std::vector<Bytes>& keys) {
    VirtualRouterConfig config = router.config;
    config.keys = Keys(keys);
    t_.Replace(router, std::move(config));
  }

  SequenceRecord record_;
  uint64_t verified_ = 0;
  TestShard t_{kTestStart, std::make_unique<CountingEngine>(verified_)};
};

TEST_F(KeysTest, ASenderWithTheOldKeyAndOneWithTheNewAreBothAccepted) {
  VirtualRouter& router = Add({kNew, kOld});
  t_.ReceiveBurst({Signed(kOld, 1, "10.99.0.1").Build(), Signed(kNew, 1, "10.99.0.3").Build(),
                   Signed(kOld, 2, "10.99.0.1").Build(), Signed(kThird, 3, "10.99.0.1").Build()});
  EXPECT_EQ(router.counters.adverts_received.value(), 3u);
  EXPECT_EQ(Drops(router, DropReason::kBadIcv), 1u);
}

TEST_F(KeysTest, AForgedFrameCostsAnIcvForEachKeyAndNoMore) {
  VirtualRouter& router = Add({kNew, kOld, kThird});
  AdvertFrame forged = Signed(kOld, 1);
  forged.forged = true;
  t_.ReceiveBurst(std::vector<Bytes>(10, forged.Build()));
  EXPECT_EQ(Drops(router, DropReason::kBadIcv), 10u);
  EXPECT_EQ(verified_, 30u);
}

TEST_F(KeysTest, TheSigningKeyIsTriedFirst) {
  Add({kNew, kOld});
  EXPECT_EQ(t_.Receive(Signed(kNew, 1).Build()), DropReason::kNone);
  EXPECT_EQ(verified_, 1u);
}

TEST_F(KeysTest, AnotherKeyDoesNotOpenTheReplayWindow) {
  VirtualRouter& router = Add({kNew, kOld});
  t_.Receive(Signed(kNew, 7).Build());
  EXPECT_EQ(t_.Receive(Signed(kOld, 7).Build()), DropReason::kReplayed);
  t_.ReceiveBurst({Signed(kOld, 8).Build(), Signed(kNew, 8).Build()});
  EXPECT_EQ(router.counters.adverts_received.value(), 2u);
  EXPECT_EQ(Drops(router, DropReason::kReplayed), 2u);
}

TEST_F(KeysTest, AdvertsVerifiedByAnotherKeyAreCounted) {
  VirtualRouter& router = Add({kNew, kOld, kThird});
  t_.now += 3s;
  t_.ReceiveBurst({Signed(kOld, 1).Build(), Signed(kNew, 2).Build(), Signed(kOld, 3).Build()});
  const KeySet& keys = *router.config.keys;
  EXPECT_EQ(keys.use[1].adverts.value(), 2u);
  EXPECT_EQ(keys.use[1].last(), t_.now);
  EXPECT_EQ(keys.use[2].adverts.value(), 0u);
  EXPECT_EQ(keys.use[2].last(), Instant{});
}

TEST_F(KeysTest, ReplacedKeysAreReturnedAndNothingElseHappens) {
  VirtualRouter& router = Add({kOld});
  t_.RunFor(5s);
  t_.Events();
  const std::shared_ptr<const KeySet> before = router.config.keys;
  const std::string machine = MachineOf(router);
  Replace(router, {kNew, kOld});
  EXPECT_EQ(MachineOf(router), machine);
  EXPECT_EQ(before.use_count(), 2);
  const std::vector<ShardEvent> events = t_.Events();  // frees the returned objects
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<event::Replaced>(events[0]).instance, router.config.id);
  EXPECT_EQ(before.use_count(), 1) << "the former configuration still has them";
}

// The interval of the adverts, their numbers and their key.
TEST_F(KeysTest, AMasterSignsItsNextAdvertWithTheNewKey) {
  VirtualRouter& router = Add({kOld});
  const std::vector<Sent> before = t_.RunFor(5s);
  Replace(router, {kNew, kOld});
  const std::vector<Sent> after = t_.RunFor(3s);
  ASSERT_FALSE(before.empty());
  ASSERT_EQ(after.size(), 3u);
  EXPECT_NEAR(static_cast<double>((after[0].at - before.back().at) / 1ms), 1000, 10);
  for (const auto& [sent, key] : {std::pair(before.back(), kOld), std::pair(after[0], kNew)}) {
    SequenceRecord record;
    TestShard peer;
    VirtualRouterConfig config = AhConfig(record, key);
    config.machine.source = Ip("10.99.0.9");
    peer.Add(std::move(config));
    EXPECT_EQ(peer.Receive(sent.frame), DropReason::kNone);
  }
}

TEST_F(KeysTest, ADroppedKeyIsRefused) {
  VirtualRouter& router = Add({kNew, kOld});
  EXPECT_EQ(t_.Receive(Signed(kOld, 1).Build()), DropReason::kNone);
  Replace(router, {kNew});
  EXPECT_EQ(t_.Receive(Signed(kOld, 2).Build()), DropReason::kBadIcv);
  EXPECT_EQ(t_.Receive(Signed(kNew, 3).Build()), DropReason::kNone);
}

// The order of the returned objects: the former configuration, the last transition, the router.
TEST_F(KeysTest, ARemovedRouterReturnsItsReplacedKeysFirst) {
  VirtualRouter& router = Add({kOld});
  t_.RunFor(5s);
  t_.Events();
  Replace(router, {kNew});
  t_.Apply(command::Remove{&router});
  t_.RunFor(1s);
  using testing::_;
  using testing::VariantWith;
  EXPECT_THAT(t_.Events(), testing::ElementsAre(VariantWith<event::Replaced>(_), VariantWith<event::Transition>(_),
                                                VariantWith<event::Retired>(_)));
}

}  // namespace
}  // namespace dpvrrp
