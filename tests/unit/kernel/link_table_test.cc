// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/link_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LinkInfo Link(const std::string& name, uint32_t index, bool up = true) {
  LinkInfo info;
  info.link = {name, index, MacAddress{{2, 0, 0, 0, 0, 1}}, up, up};
  return info;
}

class KnownLinkTest : public testing::Test {
 protected:
  std::vector<HostEvent::Kind> Set(const LinkInfo& info) {
    std::vector<HostEvent> events;
    table_.Set(info, events);
    std::vector<HostEvent::Kind> kinds;
    for (const HostEvent& event : events) kinds.push_back(event.kind);
    return kinds;
  }
  void Remove(uint32_t index) {
    std::vector<HostEvent> events;
    table_.Remove(index, events);
  }

  LinkTable table_;
};

TEST_F(KnownLinkTest, KnowsALinkByItsNames) {
  LinkInfo info = Link("eth0", 2);
  info.other_names = {"enp3s0"};
  Set(info);
  ASSERT_NE(table_.Find("eth0"), nullptr);
  EXPECT_EQ(table_.Find("eth0")->link, info.link);
  EXPECT_EQ(table_.Find("enp3s0"), table_.Find("eth0"));
  EXPECT_EQ(table_.Find("eth1"), nullptr);
}

TEST_F(KnownLinkTest, AnotherMacIsAChangeAndAnEvent) {
  Set(Link("eth0", 2));
  EXPECT_TRUE(table_.TakeChanged());
  EXPECT_THAT(Set(Link("eth0", 2)), IsEmpty());
  EXPECT_FALSE(table_.TakeChanged());
  LinkInfo info = Link("eth0", 2);
  info.link.mac = MacAddress{{2, 0, 0, 0, 0, 9}};
  EXPECT_THAT(Set(info), ElementsAre(HostEvent::Kind::kMacChanged));
  EXPECT_TRUE(table_.TakeChanged());
  EXPECT_EQ(table_.Find("eth0")->link.mac, info.link.mac);
}

// Also with the same index: it has been in another network namespace.
TEST_F(KnownLinkTest, ALinkThatComesBackIsAnotherAppearance) {
  Set(Link("eth0", 2));
  const uint64_t first = table_.Find("eth0")->appearance;
  EXPECT_THAT(Set(Link("eth0", 2, false)), ElementsAre(HostEvent::Kind::kLinkDown));
  EXPECT_EQ(table_.Find("eth0")->appearance, first);
  Remove(2);
  EXPECT_EQ(table_.Find("eth0"), nullptr);
  Set(Link("eth0", 2));
  EXPECT_NE(table_.Find("eth0")->appearance, first);
}

TEST_F(KnownLinkTest, ARenamedLinkIsTheSameAppearance) {
  Set(Link("eth0", 2));
  const uint64_t first = table_.Find("eth0")->appearance;
  EXPECT_THAT(Set(Link("lan", 2)), ElementsAre(HostEvent::Kind::kLinkDown, HostEvent::Kind::kLinkUp));
  EXPECT_EQ(table_.Find("eth0"), nullptr);
  EXPECT_EQ(table_.Find("lan")->appearance, first);
}

}  // namespace
}  // namespace dpvrrp
