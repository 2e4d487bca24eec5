// SPDX-License-Identifier: BSD-3-Clause
//
// The part alone: which instances get other keys, and when.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control/keys/keys.h"
#include "unit/control/part_desk.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SecretBytes Secret(const std::string& text) { return SecretBytes({text.begin(), text.end()}); }

class KeysPartTest : public testing::Test {
 protected:
  KeysPartTest() {
    Put({{.id = 1, .secret = Secret("one"), .not_before = {}, .not_after = {}}});
    keys_.Look(desk_.Time());
  }
  void Put(std::vector<KeyConfig> ring_keys) {
    KeyringConfig ring;
    ring.name = "group-a";
    ring.sign = 1;
    ring.keys = std::move(ring_keys);
    keys_.Configure({std::make_shared<const KeyringConfig>(ring)}, desk_.Time());
  }
  ManagedInstance& AddUser(const std::string& name, uint8_t vrid) {
    InstanceConfig config = AhInstance(name, vrid);
    config.auth.keyring = keys_.rings().Find("group-a")->whole;
    return desk_.Add(config);
  }
  KeyringConfig Ring() const { return *keys_.rings().Find("group-a")->whole; }
  static std::vector<InstanceId> Ids(const std::vector<KeysChanged>& changes) {
    std::vector<InstanceId> ids;
    for (const KeysChanged& change : changes) ids.push_back(change.instance);
    return ids;
  }

  PartDesk desk_;
  Keys keys_{desk_.Context()};
};

TEST_F(KeysPartTest, AChangedRingConcernsItsUsersOnly) {
  const InstanceId user = AddUser("gw", 51).id;
  desk_.Add(AhInstance("own-key", 52));
  AddUser("going", 53).removing = true;
  KeyringConfig ring = Ring();
  ring.keys.push_back({.id = 2, .secret = Secret("two"), .not_before = {}, .not_after = {}});
  EXPECT_EQ(keys_.ChangeRing(ring, "key 2 added", desk_.Time()), 1u);
  const std::vector<KeysChanged> changed = keys_.TakeChanged();
  EXPECT_THAT(Ids(changed), ElementsAre(user));
  EXPECT_EQ(changed[0].ring->keys.size(), 2u);
  EXPECT_THAT(keys_.TakeChanged(), IsEmpty());
  EXPECT_THAT(desk_.Recorded("keys"), ElementsAre("keyring group-a: key 2 added, 1 instance re-keyed"));
}

TEST_F(KeysPartTest, AKeyIsAcceptedWhenItsPeriodBegins) {
  Put({{.id = 1, .secret = Secret("one"), .not_before = {}, .not_after = {}},
       {.id = 2, .secret = Secret("two"), .not_before = desk_.Time().unix_ms / 1000 + 30, .not_after = {}}});
  keys_.Look(desk_.Time());
  const InstanceId user = AddUser("gw", 51).id;
  keys_.TakeChanged();
  ASSERT_NE(keys_.NextDeadline(), kNever);
  keys_.OnTime(desk_.Time());
  EXPECT_THAT(keys_.TakeChanged(), IsEmpty());
  for (int looks = 0; looks < 3 && keys_.NextDeadline() <= desk_.now + std::chrono::seconds(60); ++looks) {
    desk_.now = keys_.NextDeadline();
    keys_.OnTime(desk_.Time());
    if (std::vector<KeysChanged> changed = keys_.TakeChanged(); !changed.empty()) {
      EXPECT_THAT(Ids(changed), ElementsAre(user));
      EXPECT_EQ(changed[0].ring->keys.size(), 2u);
      return;
    }
  }
  FAIL() << "the key was not accepted";
}

TEST_F(KeysPartTest, WithoutValidityPeriodsNothingIsDue) { EXPECT_EQ(keys_.NextDeadline(), kNever); }

TEST_F(KeysPartTest, TheSetInUseIsKeptByInstance) {
  const InstanceId id = AddUser("gw", 51).id;
  EXPECT_EQ(keys_.InUse(id), nullptr);
  const std::shared_ptr<const KeySet> set = *BuildKeys(AhInstance().auth);
  keys_.SetInUse(id, set);
  EXPECT_EQ(keys_.InUse(id), set);
  keys_.Forget(id);
  EXPECT_EQ(keys_.InUse(id), nullptr);
}

}  // namespace
}  // namespace dpvrrp
