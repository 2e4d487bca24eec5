// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using namespace std::chrono_literals;

TEST(TranslationTest, ALaterValueReplacesAnEarlierOne) {
  const ImportResult result = Import(AnInstance("priority 50\npriority 60"));
  EXPECT_EQ(LoadedInstance(result).priority, Priority(60));
  EXPECT_EQ(VerdictOf(result, "priority 50"), "dropped: line 8 replaces it");
}

TEST(TranslationTest, StrictModeHasThreeAdvertsAndNoDelay) {
  const InstanceConfig instance =
      LoadedInstance(Import(AnInstance("strict_mode\ndown_timer_adverts 5\npreempt_delay 5")));
  EXPECT_EQ(instance.down_timer_adverts, 3);
  EXPECT_EQ(instance.preempt_delay, 0s);
}

TEST(TranslationTest, Version2OverIpv6IsNotSupported) {
  const ImportResult result = Import(AnInstance("version 2", "fe80::9/64"));
  EXPECT_THAT(VerdictOf(result, "version"), StartsWith("unsupported: "));
  EXPECT_EQ(LoadedInstance(result).version, VrrpVersion::kV3);
}

TEST(TranslationTest, AScriptIsATrackWithItsTimes) {
  const ImportResult result = Import(
      "vrrp_script s {\nscript \"/bin/test -e '/a b'\"\ninterval 3\ntimeout 2\nrise 4\nfall 5\nuser "
      "nobody\ninit_fail\nweight -9 reverse\n}\n" +
      AnInstance("track_script {\ns\n}"));
  const TrackConfig track = Loaded(result).tracks[0];
  EXPECT_THAT(track.command, ElementsAre("/bin/test", "-e", "/a b"));
  EXPECT_EQ(track.interval, 3s);
  EXPECT_EQ(track.timeout, 2s);
  EXPECT_EQ(track.rise, 4u);
  EXPECT_EQ(track.fall, 5u);
  EXPECT_EQ(track.user, "nobody");
  EXPECT_EQ(track.initial, false);
  const TrackUse use = LoadedInstance(result).tracks[0];
  EXPECT_EQ(use.weight, -9);
  EXPECT_TRUE(use.reverse);
}

TEST(TranslationTest, TheWeightWhereItIsTrackedReplacesThatOfTheScript) {
  const auto use = [](const std::string& words) {
    return LoadedInstance(Import("vrrp_script s {\nscript /bin/true\nweight 5\n}\n" +
                                 AnInstance("track_script {\n" + words + "\n}")))
        .tracks[0]
        .weight;
  };
  EXPECT_EQ(use("s"), 5);
  EXPECT_EQ(use("s weight -7"), -7);
  EXPECT_EQ(use("s weight 0"), std::nullopt);  // a failure is FAULT
}

// keepalived 2.2.7 logs "ignoring tracked script s with weights due to SYNC group".
TEST(TranslationTest, WeightsOfGroupMembersAreIgnoredAsKeepalivedDoes) {
  const std::string script = "vrrp_script s {\nscript /bin/true\nweight 5\n}\n" + AnInstance("track_script {\ns\n}");
  const ImportResult result = Import(script + "vrrp_sync_group G {\ngroup {\nVI_1\n}\n}\n");
  EXPECT_THAT(LoadedInstance(result).tracks, IsEmpty());
  EXPECT_THAT(Loaded(result).tracks, IsEmpty());
  const ImportResult kept = Import(script + "vrrp_sync_group G {\nsync_group_tracking_weight\ngroup {\nVI_1\n}\n}\n");
  EXPECT_EQ(LoadedInstance(kept).tracks[0].weight, 5);
}

TEST(TranslationTest, ProgramsAreFoundAsKeepalivedFindsThem) {
  const auto command = [](const std::string& line, const HostKnowledge& host) {
    return LoadedInstance(Import(AnInstance(line), host)).notify.get()->master;
  };
  EXPECT_THAT(command("notify_master \"pidof x\"", AHost()), ElementsAre("/usr/bin/pidof", "x"));
  EXPECT_THAT(command("notify_master \"pidof x\"", HostKnowledge()), ElementsAre("/usr/bin/env", "pidof", "x"));
  EXPECT_THAT(command("notify_master \"/a/b x\" nobody", AHost()),
              ElementsAre("/usr/sbin/runuser", "-u", "nobody", "--", "/a/b", "x"));
  EXPECT_THAT(command("notify_master /a/b root root", AHost()), ElementsAre("/a/b"));
}

TEST(TranslationTest, AWordThatIsNoUserIsAsked) {
  const ImportResult result = Import(AnInstance("notify_master /a/b eth0"));
  EXPECT_THAT(VerdictOf(result, "notify_master"), StartsWith("decide: keepalived takes 'eth0' for a user"));
  EXPECT_EQ(LoadedInstance(result).notify.get(), nullptr);
}

TEST(TranslationTest, ProgramsRunAsTheUserOfKeepalived) {
  const std::string file = AnInstance("notify /a/b");
  HostKnowledge host = AHost();
  EXPECT_EQ(Loaded(Import(file, host)).scripts.user, "root");
  host.has_user = [](const std::string& user) { return user == "keepalived_script"; };
  EXPECT_EQ(Loaded(Import(file, host)).scripts.user, "keepalived_script");
  EXPECT_EQ(Loaded(Import("global_defs {\nscript_user web web\n}\n" + file, host)).scripts.user, "web");
}

TEST(TranslationTest, UnicastPeersAreNotCheckedForTheirTtlIfKeepalivedMaySendAnother) {
  const auto peer = [](const std::string& lines) {
    return LoadedInstance(Import(AnInstance("unicast_src_ip 192.0.2.2\n" + lines))).unicast_peers[0];
  };
  EXPECT_EQ(peer("unicast_peer {\n192.0.2.3\n}").min_ttl, 255);
  EXPECT_EQ(peer("unicast_ttl 64\nunicast_peer {\n192.0.2.3\n}").min_ttl, 1);
  EXPECT_EQ(peer("unicast_peer {\n192.0.2.3 min_ttl 250 max_ttl 254\n}").min_ttl, 250);
  EXPECT_EQ(peer("unicast_peer {\n192.0.2.3 min_ttl 250 max_ttl 254\n}").max_ttl, 254);
  const ImportResult routed = Import(AnInstance("unicast_peer {\n203.0.113.9\n}"));
  EXPECT_THAT(VerdictOf(routed, "203.0.113.9"), HasSubstr("next_hop"));
}

TEST(TranslationTest, AnnouncementsOfAllInstancesAreOneTable) {
  const std::string two = absl::StrReplaceAll(AnInstance(""), {{"VI_1", "B"}, {"eth0", "eth1"}});
  const GarpConfig garp = Loaded(Import(AnInstance("garp_master_delay 8\ngarp_master_refresh 60") + two)).garp;
  EXPECT_THAT(garp.repeats, ElementsAre(5s, 8s));  // 5 s is keepalived's for the other
  EXPECT_EQ(garp.refresh, 60s);
  EXPECT_THAT(Loaded(Import("global_defs {\nvrrp_min_garp\n}\n" + two)).garp.repeats, IsEmpty());
  EXPECT_THAT(Loaded(Import(two)).garp, GarpConfig());  // ours, if the file does not say
}

TEST(TranslationTest, KeysOfOddBytesAreWrittenInHex) {
  const auto key = [](const std::string& pass) {
    const std::vector<uint8_t> bytes =
        LoadedInstance(Import(AnInstance("authentication {\nauth_type AH\nauth_pass " + pass + "\n}")))
            .auth.keyring->keys[0]
            .secret.bytes;
    return std::string(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(key("hex:6162"), "hex:6162");
  EXPECT_EQ(key("\xe9t\xe9"
                "4567Q")
                .substr(0, 8),
            "\xe9t\xe9"
            "4567Q");
}

TEST(TranslationTest, LeftOutInstancesAreInNoGroup) {
  const ImportResult result = Import(
      AnInstance("") +
      "vrrp_instance B {\ninterface eth1\nvirtual_router_id 3\n}\nvrrp_sync_group G {\ngroup {\nVI_1\nB\n}\n}\n");
  EXPECT_THAT(Loaded(result).groups[0].members, ElementsAre("VI_1"));
  EXPECT_THAT(VerdictOf(result, "B"), StartsWith("decide: "));
}

TEST(TranslationTest, BytesThatAreNotUtf8BecomeIt) {
  const ImportResult result = Import("# caf\xe9\n" + AnInstance(""));
  EXPECT_THAT(result.toml, HasSubstr("# caf\xc3\xa9\n"));
  EXPECT_THAT(ErrorsOf(result.toml), IsEmpty());
}

TEST(TranslationTest, CommentsStandWhereTheyStood) {
  const ImportResult result = Import("# the head\nglobal_defs {\n# nothing\n}\n# the router\n" +
                                     AnInstance("# low\npriority 50 # very\n# the end"));
  EXPECT_THAT(result.toml, HasSubstr("import.\n\n# the head\n# nothing\n\n"));
  EXPECT_THAT(result.toml, HasSubstr("\n# the router\n[[instance]]\n"));
  EXPECT_THAT(result.toml, HasSubstr("\n# low\npriority = 50  # very\n"));
  EXPECT_THAT(result.toml, HasSubstr("\n# the end\n"));
}

}  // namespace
}  // namespace dpvrrp::keepalived
