// SPDX-License-Identifier: BSD-3-Clause
//
// [[group]]: its members, and what they share.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Instances of these names, one to a line: the first is in line 4.
std::string Instances(const std::vector<std::string>& names) {
  std::string file = "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n";
  int vrid = 0;
  for (const std::string& name : names) {
    ++vrid;
    absl::StrAppend(&file, "[[instance]]\nname = \"", name, "\"\nport = \"lan\"\nvrid = ", vrid,
                    "\nsource_address = \"10.99.0.2\"\nvirtual_addresses = [\"10.99.0.", 100 + vrid, "/24\"]\n");
  }
  return file;
}

const std::string kThree = Instances({"b", "a", "c-1"});  // 3 + 3 * 6 lines

TEST(LoadGroupTest, MembersMoveTogether) {
  const LoadResult result = Load(absl::StrCat(kThree, R"([[group]]
name = "g"
members = ["a", "b"]
track = [{ name = "t", weight = -10 }]
notify_master = "/usr/local/sbin/ct-sync primary"
[[track]]
name = "t"
kind = "manual"
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());
  ASSERT_THAT(result.config.groups, SizeIs(1));
  const GroupConfig& group = result.config.groups[0];
  EXPECT_EQ(group.name, "g");
  EXPECT_EQ(group.kind, GroupKind::kTogether);
  EXPECT_THAT(group.members, ElementsAre("a", "b"));
  EXPECT_THAT(group.tracks, ElementsAre(TrackUse{"t", -10}));
  ASSERT_NE(group.notify.get(), nullptr);
  EXPECT_THAT(group.notify.get()->master, ElementsAre("/usr/local/sbin/ct-sync", "primary"));
}

TEST(LoadGroupTest, APatternTakesInstancesInTheOrderOfTheFile) {
  const LoadResult result = Load(absl::StrCat(Instances({"gw-2", "x", "gw-10", "gw-1"}), R"([[group]]
name = "g"
pattern = "gw-*"
)"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.config.groups[0].members, ElementsAre("gw-2", "gw-10", "gw-1"));
}

// Errors of a group of three instances. Its table is in line 22.
std::vector<std::string> GroupErrors(absl::string_view lines) {
  return Errors(absl::StrCat(kThree, "[[group]]\nname = \"g\"\n", lines));
}

TEST(LoadGroupFaultsTest, MembersMustBeInstances) {
  EXPECT_THAT(GroupErrors(""), ElementsAre("22:1: [[group]]: needs members or pattern"));
  EXPECT_THAT(GroupErrors("members = []\n"), ElementsAre("24:11: members: must name an instance"));
  EXPECT_THAT(GroupErrors("members = [\"a\", 7]\n"),
              ElementsAre("24:17: members: must be a list of strings, got an integer"));
  EXPECT_THAT(GroupErrors("members = [\"a\", \"c-2\"]\n"),
              ElementsAre("24:17: members 'c-2': no instance has this name (did you mean 'c-1'?)"));
  EXPECT_THAT(GroupErrors("members = [\"a\", \"b\", \"a\"]\n"),
              ElementsAre("24:22: members 'a': is already in the list"));
  EXPECT_THAT(GroupErrors("members = [\"a\"]\npattern = \"b\"\n"),
              ElementsAre("22:1: [[group]]: members and pattern are not allowed together: choose one"));
  EXPECT_THAT(GroupErrors("pattern = \"gw-*\"\n"), ElementsAre("24:11: pattern 'gw-*': fits no instance"));
  EXPECT_THAT(GroupErrors("pattern = \"[a-c]\"\n"),
              ElementsAre("24:11: pattern '[a-c]': must be 1..63 of the characters A-Z a-z 0-9 . _ - * ?"));
  EXPECT_THAT(GroupErrors("kind = \"sync\"\nmembers = [\"a\", \"b\"]\n"),
              ElementsAre("24:8: kind 'sync': must be one of together, follow"));
}

TEST(LoadGroupFaultsTest, AnInstanceIsInOneGroupOnly) {
  EXPECT_THAT(GroupErrors("members = [\"a\", \"b\"]\n[[group]]\nname = \"h\"\nmembers = [\"c-1\", \"b\"]\n"),
              ElementsAre("27:19: members 'b': is already in group 'g' (line 22)"));
  EXPECT_THAT(GroupErrors("members = [\"a\", \"b\"]\n[[group]]\nname = \"h\"\npattern = \"*\"\n"),
              ElementsAre("27:11: pattern '*': instance 'b' is already in group 'g' (line 22)"));
  EXPECT_THAT(GroupErrors("members = [\"a\", \"b\"]\n[[group]]\nname = \"g\"\nmembers = [\"c-1\"]\n"),
              ElementsAre("26:8: name 'g': the group in line 23 already has this name"));
}

TEST(LoadGroupFaultsTest, OwnersMoveWithOwnersOnly) {
  const std::string owner = absl::StrReplaceAll(kThree, {{"name = \"b\"\n", "name = \"b\"\npriority = 255\n"}});
  EXPECT_THAT(Errors(absl::StrCat(owner, "[[group]]\nname = \"g\"\nmembers = [\"a\", \"b\"]\n")),
              ElementsAre("25:17: members 'b': is an owner (priority 255), which is always master, and 'a' is not: "
                          "they cannot move together"));
  EXPECT_THAT(
      Errors(absl::StrCat(owner, "[[group]]\nname = \"g\"\npattern = \"?\"\n")),
      ElementsAre("25:11: pattern '?': instance 'b' is an owner (priority 255), which is always master, and 'a' "
                  "is not: they cannot move together"));
}

// ---- Followers ----

std::string FollowGroup(absl::string_view lines) {
  return absl::StrCat(kThree, "[[group]]\nname = \"g\"\nkind = \"follow\"\n", lines);
}

TEST(LoadFollowersTest, EachMemberKnowsItsLeader) {
  const LoadResult result = Load(FollowGroup("leader = \"a\"\nmembers = [\"b\"]\n"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_EQ(result.config.groups[0].kind, GroupKind::kFollow);
  EXPECT_EQ(result.config.groups[0].leader, "a");
  for (const InstanceConfig& instance : result.config.instances) {
    EXPECT_EQ(instance.leader, instance.name == "b" ? "a" : "") << instance.name;
  }
}

TEST(LoadFollowersTest, APatternLeavesTheLeaderOut) {
  const LoadResult result = Load(FollowGroup("leader = \"a\"\npattern = \"*\"\n"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.config.groups[0].members, testing::Not(testing::Contains("a")));
  EXPECT_THAT(result.config.groups[0].members, testing::Contains("b"));
}

TEST(LoadFollowersTest, TheLeaderMustBeAnInstanceThatFollowsNoOther) {
  const auto errors = [](absl::string_view lines) { return Errors(FollowGroup(lines)); };
  EXPECT_THAT(errors("members = [\"a\"]\n"),
              ElementsAre("22:1: [[group]]: kind = \"follow\" needs leader, the name of the instance to follow"));
  EXPECT_THAT(errors("leader = \"c-2\"\nmembers = [\"a\"]\n"),
              ElementsAre("25:10: leader 'c-2': no instance has this name (did you mean 'c-1'?)"));
  EXPECT_THAT(errors("leader = \"\"\nmembers = [\"a\"]\n"),
              ElementsAre("25:10: leader '': must be the name of an instance"));
  EXPECT_THAT(errors("leader = \"a\"\nmembers = [\"b\", \"a\"]\n"),
              ElementsAre("25:10: leader 'a': is a member of the group itself"));
  EXPECT_THAT(errors("leader = \"a\"\nmembers = [\"b\"]\n"
                     "[[group]]\nname = \"h\"\nkind = \"follow\"\nleader = \"b\"\nmembers = [\"c-1\"]\n"),
              ElementsAre("30:10: leader 'b': follows 'a' itself, by group 'g' (line 22)"));
  EXPECT_THAT(GroupErrors("leader = \"a\"\nmembers = [\"b\"]\n"),
              ElementsAre("24:10: leader: allowed only with kind = \"follow\""));
}

TEST(LoadFollowersTest, AFollowerCanBeSilent) {
  const std::string owner = absl::StrReplaceAll(kThree, {{"name = \"b\"\n", "name = \"b\"\npriority = 255\n"}});
  const std::string group = "[[group]]\nname = \"g\"\nkind = \"follow\"\nleader = \"a\"\nmembers = [\"b\"]\n";
  EXPECT_THAT(Errors(absl::StrCat(owner, group)),
              ElementsAre("27:12: members 'b': is an owner (priority 255), which is always master: it cannot follow"));
  const std::string unicast =
      absl::StrReplaceAll(kThree, {{"name = \"b\"\n", "name = \"b\"\nunicast_peers = [\"10.99.0.3\"]\n"}});
  EXPECT_THAT(
      Errors(absl::StrCat(unicast, group)),
      ElementsAre("27:12: members 'b': has unicast_peers, but a follower sends no adverts: remove unicast_peers"));
  EXPECT_THAT(Errors(FollowGroup("leader = \"a\"\nmembers = [\"b\"]\ntrack = [\"t\"]\n"
                                 "[[track]]\nname = \"t\"\nkind = \"manual\"\n")),
              ElementsAre("27:10: track: not allowed with kind = \"follow\": the members follow the tracks of the "
                          "leader"));
}

TEST(LoadFollowersTest, ALeaderMustNotDependOnItsFollower) {
  const std::string file = absl::StrReplaceAll(kThree, {{"name = \"a\"\n", "name = \"a\"\ntrack = [\"t\"]\n"}});
  EXPECT_THAT(Errors(absl::StrCat(file,
                                  "[[group]]\nname = \"g\"\nkind = \"follow\"\nleader = \"a\"\nmembers = "
                                  "[\"b\"]\n[[track]]\nname = \"t\"\nkind = \"instance\"\ninstance = \"b\"\n")),
              SizeIs(1));
}

// More VLANs than the tables of received adverts have room for.
TEST(LoadFollowersTest, AHundredThousandVlans) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[instance]]
name = "gw"
port = "lan"
vrid = 1
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.1/24"]
[[template]]
name = "sub-{vlan}"
port = "lan"
vlan = ["100-124", "1-4000"]
vrid = "1"
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
[[group]]
name = "subscribers"
kind = "follow"
leader = "gw"
pattern = "sub-*"
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.config.groups[0].members, SizeIs(100'000));
  EXPECT_EQ(result.config.instances.back().leader, "gw");
}

TEST(LoadGroupFaultsTest, TracksMustExist) {
  EXPECT_THAT(GroupErrors("members = [\"a\", \"b\"]\ntrack = [\"t\"]\n"),
              ElementsAre("25:10: track 't': no [[track]] has this name"));
}

// The template may have had the members.
TEST(LoadGroupFaultsTest, OfInstancesOfAFaultyTemplateAreNotReported) {
  EXPECT_THAT(Errors(R"([[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "gw-{vrid}"
port = "lan"
vrid = "1-300"
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
[[group]]
name = "g"
members = ["gw-1", "gw-2"]
[[group]]
name = "h"
pattern = "gw-1*"
)"),
              SizeIs(1));
}

TEST(GroupAdviceTest, OneMemberMakesNoGroup) {
  EXPECT_THAT(WarningLines(absl::StrCat(kThree, "[[group]]\nname = \"g\"\nmembers = [\"a\"]\n")),
              ElementsAre("23:8: group 'g': has one member, 'a', so it has no effect beside its track and its notify "
                          "keys"));
}

TEST(GroupAdviceTest, AnOwnersPriorityNeverChanges) {  // V3-23
  const std::string owners = absl::StrReplaceAll(kThree, {{"name = \"b\"\n", "name = \"b\"\npriority = 255\n"},
                                                          {"name = \"a\"\n", "name = \"a\"\npriority = 255\n"}});
  EXPECT_THAT(WarningLines(absl::StrCat(owners, "[[group]]\nname = \"g\"\nmembers = [\"b\", \"a\"]\n",
                                        "track = [{ name = \"t\", weight = 2 }]\n",
                                        "[[track]]\nname = \"t\"\nkind = \"manual\"\n")),
              ElementsAre("27:19: track 't': weight has no effect on an owner, whose priority is always 255 (RFC 9568 "
                          "5.2.4)"));
}

TEST(LoadGroupTest, ThousandsOfMembersByPattern) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "gw-{vlan}-{vrid}"
port = "lan"
vlan = ["100-179"]
vrid = "1-250"
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
track = ["t", { name = "up-{vlan}", weight = -10 }]
notify = "/etc/n.sh"
[[track]]
name = "t"
kind = "manual"
[[group]]
name = "all"
pattern = "gw-*"
track = ["t"]
)" + [] {
    std::string tracks;
    for (int vlan = 100; vlan < 180; ++vlan) {
      absl::StrAppend(&tracks, "[[track]]\nname = \"up-", vlan, "\"\nkind = \"manual\"\n");
    }
    return tracks;
  }());
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.config.groups[0].members, SizeIs(80 * 250));
  EXPECT_THAT(result.config.instances.back().tracks, ElementsAre(TrackUse{"t"}, TrackUse{"up-179", -10}));
}

}  // namespace
}  // namespace dpvrrp
