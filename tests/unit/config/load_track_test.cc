// SPDX-License-Identifier: BSD-3-Clause
//
// [[track]], and `track` of instances, templates and groups.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The good file with more lines after it, from line 20 on.
std::string WithTrack(absl::string_view lines) { return absl::StrCat(kGoodFile, lines); }

// A valid track that the instance uses: `lines` say its kind.
TrackConfig TrackOf(absl::string_view lines) {
  const LoadResult result = Load(WithTrack(absl::StrCat("track = [\"t\"]\n[[track]]\nname = \"t\"\n", lines)));
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());
  return result.config.tracks.empty() ? TrackConfig() : result.config.tracks.front();
}

TEST(LoadTrackTest, AScriptIsACommandWithTimes) {
  TrackConfig expected;
  expected.name = "t";
  expected.kind = TrackKind::kScript;
  expected.command = {"/usr/bin/killall", "-0", "haproxy"};
  expected.timeout = seconds(1);  // the interval
  EXPECT_EQ(TrackOf("kind = \"script\"\ncommand = \"/usr/bin/killall -0 haproxy\"\n"), expected);
  EXPECT_EQ(TrackOf("kind = \"script\"\ncommand = [\"/usr/bin/killall\", \"-0\", \"haproxy\"]\n"), expected);

  expected.rise = 3;
  expected.fall = 65535;
  expected.up_delay = seconds(5);
  expected.down_delay = milliseconds(20);
  expected.initial = false;
  expected.interval = seconds(2);
  expected.timeout = seconds(7);  // longer than the interval, as keepalived allows
  expected.user = "nobody";
  EXPECT_EQ(TrackOf("kind = \"script\"\ncommand = \"/usr/bin/killall -0 haproxy\"\nrise = 3\nfall = 65535\n"
                    "up_delay = 5\ndown_delay = \"20ms\"\ninitial = \"down\"\ninterval = 2\ntimeout = \"7s\"\n"
                    "user = \"nobody\"\n"),
            expected);
}

TEST(LoadTrackTest, TheTimeoutOfAScriptIsItsInterval) {
  EXPECT_EQ(TrackOf("kind = \"script\"\ncommand = \"/a\"\ninterval = \"20s\"\n").timeout, seconds(20));
}

TEST(LoadTrackTest, AnInterfaceMayNeedAnAddress) {
  TrackConfig expected;
  expected.name = "t";
  expected.kind = TrackKind::kInterface;
  expected.interface = "eth1";
  EXPECT_EQ(TrackOf("kind = \"interface\"\ninterface = \"eth1\"\n"), expected);
  expected.address = *ParseIpAddress("2001:db8::1");
  EXPECT_EQ(TrackOf("kind = \"interface\"\ninterface = \"eth1\"\naddress = \"2001:db8::1\"\n"), expected);
}

TEST(LoadTrackTest, APortAndAManualTrack) {
  TrackConfig port;
  port.name = "t";
  port.kind = TrackKind::kPort;
  port.port = "lan";
  EXPECT_EQ(TrackOf("kind = \"port\"\nport = \"lan\"\n"), port);
  TrackConfig manual;
  manual.name = "t";
  EXPECT_EQ(TrackOf("kind = \"manual\"\n"), manual);
  manual.initial = true;
  EXPECT_EQ(TrackOf("kind = \"manual\"\ninitial = \"up\"\n"), manual);
}

// A second instance, which tracks the state of the first.
std::string Following(absl::string_view lines) {
  return WithTrack(
      absl::StrCat("[[instance]]\nname = \"b\"\nport = \"lan\"\nvrid = 52\nsource_address = \"10.99.0.2\"\n"
                   "virtual_addresses = [\"10.99.0.101/24\"]\ntrack = [\"t\"]\n"
                   "[[track]]\nname = \"t\"\nkind = \"instance\"\ninstance = \"gw\"\n",
                   lines));
}

TEST(LoadTrackTest, AnInstanceMustBeMasterOrRun) {
  for (const absl::string_view lines : {"", "state = \"master\"\n", "state = \"running\"\n"}) {
    const LoadResult result = Load(Following(lines));
    ASSERT_THAT(Lines(result.errors), IsEmpty());
    ASSERT_THAT(result.config.tracks, SizeIs(1));
    EXPECT_EQ(result.config.tracks[0].instance, "gw");
    EXPECT_EQ(result.config.tracks[0].must_be_master, lines != "state = \"running\"\n");
  }
}

constexpr char kThreeTracks[] =
    "[[track]]\nname = \"uplink\"\nkind = \"interface\"\ninterface = \"eth1\"\n"
    "[[track]]\nname = \"haproxy\"\nkind = \"script\"\ncommand = \"/a\"\n"
    "[[track]]\nname = \"bfd\"\nkind = \"manual\"\n";

TEST(LoadTrackUseTest, IsANameOrATable) {
  const LoadResult result = Load(WithTrack(absl::StrCat(
      "track = [{ name = \"uplink\", weight = -30 }, { name = \"haproxy\", weight = 253, reverse = true }, "
      "\"bfd\"]\n",
      kThreeTracks)));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());
  EXPECT_THAT(result.config.instances[0].tracks,
              ElementsAre(TrackUse{"uplink", -30, false}, TrackUse{"haproxy", 253, true}, TrackUse{"bfd", {}, false}));
}

TEST(LoadTrackUseTest, OfATemplateMayNameATrackForEachInstance) {
  const LoadResult result = Load(R"(
[[port]]
name = "lan"
device = "net_null0"
[[template]]
name = "gw-{vlan}"
port = "lan"
vlan = ["10-11"]
vrid = 51
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
track = ["all", { name = "up-{outer}-{vrid}", weight = -5 }]
[[track]]
name = "all"
kind = "manual"
[[track]]
name = "up-10-51"
kind = "manual"
[[track]]
name = "up-11-51"
kind = "manual"
)");
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(Lines(result.warnings), IsEmpty());
  EXPECT_THAT(result.config.instances[0].tracks, ElementsAre(TrackUse{"all"}, TrackUse{"up-10-51", -5}));
  EXPECT_THAT(result.config.instances[1].tracks, ElementsAre(TrackUse{"all"}, TrackUse{"up-11-51", -5}));
}

// ---- Faults ----

// Errors of a track that the instance uses. Its table is in line 21, and `lines` begin in line 23.
std::vector<std::string> TrackErrors(absl::string_view lines) {
  return Errors(WithTrack(absl::StrCat("track = [\"t\"]\n[[track]]\nname = \"t\"\n", lines)));
}

TEST(LoadTrackFaultsTest, AKeyMustFitTheKind) {
  EXPECT_THAT(TrackErrors(""), ElementsAre("21:1: kind: is required in [[track]]"));
  EXPECT_THAT(TrackErrors("kind = \"file\"\n"),
              ElementsAre("23:8: kind 'file': must be one of script, interface, port, instance, manual"));
  EXPECT_THAT(TrackErrors("kind = \"script\"\n"), ElementsAre("21:1: command: is required with kind 'script'"));
  EXPECT_THAT(TrackErrors("kind = \"interface\"\n"), ElementsAre("21:1: interface: is required with kind 'interface'"));
  EXPECT_THAT(TrackErrors("kind = \"port\"\n"), ElementsAre("21:1: port: is required with kind 'port'"));
  EXPECT_THAT(TrackErrors("kind = \"instance\"\n"), ElementsAre("21:1: instance: is required with kind 'instance'"));
  EXPECT_THAT(TrackErrors("kind = \"script\"\ncommand = \"/a\"\ninterface = \"eth0\"\n"),
              ElementsAre("25:13: interface: is not allowed with kind 'script'"));
  EXPECT_THAT(TrackErrors("kind = \"interface\"\ninterface = \"eth0\"\ninitial = \"up\"\nrise = 2\n"),
              ElementsAre("25:11: initial: is not allowed with kind 'interface'",
                          "26:8: rise: is not allowed with kind 'interface'"));
  EXPECT_THAT(
      TrackErrors("kind = \"manual\"\nstate = \"master\"\nport = \"lan\"\n"),
      ElementsAre("24:9: state: is not allowed with kind 'manual'", "25:8: port: is not allowed with kind 'manual'"));
}

TEST(LoadTrackFaultsTest, ValuesHaveRanges) {
  const auto script = [](absl::string_view line) {
    return TrackErrors(absl::StrCat("kind = \"script\"\ncommand = \"/a\"\n", line, "\n"));
  };
  EXPECT_THAT(script("interval = \"99ms\""), ElementsAre("25:12: interval '99ms': must be 100ms..3600s"));
  EXPECT_THAT(script("interval = 3601"), ElementsAre("25:12: interval '3601': must be 100ms..3600s"));
  EXPECT_THAT(script("interval = \"2\""),
              ElementsAre("25:12: interval '2': must be a whole number and a unit, ns, us, ms or s"));
  EXPECT_THAT(script("timeout = \"9ms\""), ElementsAre("25:11: timeout '9ms': must be 10ms..3600s"));
  EXPECT_THAT(script("rise = 0"), ElementsAre("25:8: rise '0': must be 1..65535"));
  EXPECT_THAT(script("fall = 65536"), ElementsAre("25:8: fall '65536': must be 1..65535"));
  EXPECT_THAT(script("up_delay = 3601"), ElementsAre("25:12: up_delay '3601': must be at most 3600s"));
  EXPECT_THAT(script("down_delay = \"-1s\""),
              ElementsAre("25:14: down_delay '-1s': must be a whole number and a unit, ns, us, ms or s"));
  EXPECT_THAT(script("initial = \"good\""), ElementsAre("25:11: initial 'good': must be one of up, down"));
  EXPECT_THAT(script("user = \"-x\""),
              ElementsAre("25:8: user '-x': must be 1 to 32 of A-Z a-z 0-9 . _ -, not beginning with -"));
  EXPECT_THAT(TrackErrors("kind = \"interface\"\ninterface = \"a/b\"\n"),
              ElementsAre("24:13: interface 'a/b': must be an interface name: 1..15 bytes without '/', ':' or white "
                          "space"));
  EXPECT_THAT(TrackErrors("kind = \"interface\"\ninterface = \"eth0\"\naddress = \"10.0.0.1/8\"\n"),
              ElementsAre("25:11: address '10.0.0.1/8': must be an IPv4 or IPv6 address, without a prefix length"));
  EXPECT_THAT(TrackErrors("kind = \"interface\"\ninterface = \"eth0\"\naddress = \"224.0.0.1\"\n"),
              ElementsAre("25:11: address '224.0.0.1': must be a unicast address"));
  EXPECT_THAT(Errors(Following("state = \"backup\"\n")),
              ElementsAre("31:9: state 'backup': must be one of master, running"));
}

TEST(LoadTrackFaultsTest, NamesMustExistAndDiffer) {
  EXPECT_THAT(TrackErrors("kind = \"manual\"\n[[track]]\nname = \"t\"\nkind = \"manual\"\n"),
              ElementsAre("25:8: name 't': the track in line 22 already has this name"));
  EXPECT_THAT(Errors(WithTrack("track = [\"a b\"]\n[[track]]\nname = \"a b\"\nkind = \"manual\"\n")),
              ElementsAre("22:8: name 'a b': must be 1..63 of the characters A-Z a-z 0-9 . _ -"));
  EXPECT_THAT(TrackErrors("kind = \"port\"\nport = \"lam\"\n"),
              ElementsAre("24:8: port 'lam': no [[port]] has this name (did you mean 'lan'?)"));
  EXPECT_THAT(TrackErrors("kind = \"instance\"\ninstance = \"gx\"\n"),
              ElementsAre("24:12: instance 'gx': no instance has this name (did you mean 'gw'?)"));
  EXPECT_THAT(
      Errors(WithTrack("track = [\"uplnk\", { name = \"zzz\" }]\n[[track]]\nname = \"uplink\"\nkind = \"manual\"\n")),
      ElementsAre("20:10: track 'uplnk': no [[track]] has this name (did you mean 'uplink'?)",
                  "20:28: track 'zzz': no [[track]] has this name"));
}

TEST(LoadTrackUseTest, FaultsAreNamed) {
  const auto uses = [](absl::string_view list) {
    return Errors(WithTrack(absl::StrCat("track = ", list, "\n", kThreeTracks)));
  };
  EXPECT_THAT(uses("\"uplink\""), ElementsAre("20:9: track: must be a list of names and tables, got a string"));
  EXPECT_THAT(uses("[7]"), ElementsAre("20:10: track: must be a list of strings or tables, got an integer"));
  EXPECT_THAT(uses("[{ weight = 7 }]"), ElementsAre("20:10: name: is required in track"));
  EXPECT_THAT(uses("[\"uplink\", { name = \"uplink\", weight = 3 }]"),
              ElementsAre("20:29: track 'uplink': is already in the list"));
  EXPECT_THAT(uses("[{ name = \"uplink\", weight = 0 }]"),
              ElementsAre("20:38: weight '0': leave weight out: failure is then a fault"));
  EXPECT_THAT(uses("[{ name = \"uplink\", weight = 254 }]"),
              ElementsAre("20:38: weight '254': must be -253..253, and not 0"));
  EXPECT_THAT(uses("[{ name = \"uplink\", weight = -254 }]"),
              ElementsAre("20:38: weight '-254': must be -253..253, and not 0"));
  EXPECT_THAT(uses("[{ name = \"uplink\", wieght = 2 }]"),
              ElementsAre("20:29: unknown key 'wieght' in track: did you mean 'weight'?"));
  std::string many = "[";
  for (int i = 0; i < 65; ++i) absl::StrAppend(&many, "\"uplink\",");
  EXPECT_THAT(uses(many + "]"), ElementsAre("20:9: track: must be at most 64 tracks, got 65"));
}

TEST(LoadTrackUseTest, OfATemplateIsReportedOnce) {
  const auto with_track = [](absl::string_view name) {
    return Errors(
        absl::StrCat("[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n[[template]]\nname = \"gw-{vrid}\"\n"
                     "port = \"lan\"\nvrid = \"1-200\"\nsource_address = \"10.99.0.2\"\n"
                     "virtual_addresses = [\"10.99.0.100/24\"]\ntrack = [\"",
                     name, "\"]\n"));
  };
  EXPECT_THAT(with_track("up"), ElementsAre("10:10: instance 'gw-1': track 'up': no [[track]] has this name"));
  EXPECT_THAT(with_track("up-{vrid}"), ElementsAre("10:10: instance 'gw-1': track 'up-1': no [[track]] has this name"));
  EXPECT_THAT(with_track("up-{id}"),
              ElementsAre("10:10: track 'up-{id}': the placeholders are {vlan}, {outer}, {inner} and {vrid}, got "
                          "'{id}'"));
  EXPECT_THAT(with_track("up-{vlan}"), ElementsAre("10:10: track 'up-{vlan}': {vlan} needs 1 tag in vlan"));
}

// ---- Circles ----

struct Watcher {
  std::string name;
  std::string watches;  // instances, by blanks
};

// Instances that track each other, and a track "s-NAME" for each. The list `track` of the first is in line 5.
std::string Watching(const std::vector<Watcher>& watchers, absl::string_view groups = "") {
  std::string file = "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n";
  std::string tracks;
  int vrid = 0;
  for (const Watcher& watcher : watchers) {
    ++vrid;
    std::vector<std::string> list;
    for (const absl::string_view name : absl::StrSplit(watcher.watches, ' ', absl::SkipEmpty())) {
      list.push_back(absl::StrCat("\"s-", name, "\""));
    }
    absl::StrAppend(&file, "[[instance]]\ntrack = [", absl::StrJoin(list, ", "), "]\nname = \"", watcher.name,
                    "\"\nport = \"lan\"\nvrid = ", vrid,
                    "\nsource_address = \"10.99.0.2\"\nvirtual_addresses = [\"10.99.1.", vrid, "/24\"]\n");
    absl::StrAppend(&tracks, "[[track]]\nname = \"s-", watcher.name, "\"\nkind = \"instance\"\ninstance = \"",
                    watcher.name, "\"\n");
  }
  return absl::StrCat(file, tracks, groups);
}

TEST(TrackCircleTest, ChainsAreGood) {
  EXPECT_THAT(Errors(Watching({{"a", "b c"}, {"b", "c"}, {"c", ""}})), IsEmpty());
  EXPECT_THAT(
      Errors(Watching({{"a", "c"}, {"b", "c"}, {"c", ""}}, "[[group]]\nname = \"g\"\nmembers = [\"a\", \"b\"]\n")),
      IsEmpty());
}

TEST(TrackCircleTest, AnInstanceMustNotTrackItself) {
  EXPECT_THAT(Errors(Watching({{"a", "a"}})),
              ElementsAre("5:10: track 's-a': a state would depend on itself: instance 'a' -> instance 'a'"));
}

TEST(TrackCircleTest, SeveralInstancesMustNotTrackEachOther) {
  EXPECT_THAT(Errors(Watching({{"a", "b"}, {"b", "a"}})),
              ElementsAre("12:10: track 's-a': a state would depend on itself: instance 'a' -> instance 'b' -> "
                          "instance 'a'"));
  EXPECT_THAT(Errors(Watching({{"x", "a"}, {"a", "b"}, {"b", "c"}, {"c", "a"}})),
              ElementsAre("26:10: track 's-a': a state would depend on itself: instance 'a' -> instance 'b' -> "
                          "instance 'c' -> instance 'a'"));
}

TEST(TrackCircleTest, AGroupCountsAsOne) {
  const absl::string_view together = "[[group]]\nname = \"g\"\nmembers = [\"a\", \"b\"]\n";
  EXPECT_THAT(Errors(Watching({{"a", "b"}, {"b", ""}}, together)),
              ElementsAre("5:10: track 's-b': a state would depend on itself: group 'g' -> group 'g'"));
  EXPECT_THAT(Errors(Watching({{"a", "c"}, {"b", ""}, {"c", "b"}}, together)),
              ElementsAre("5:10: track 's-c': a state would depend on itself: instance 'c' -> group 'g' -> instance "
                          "'c'"));
  EXPECT_THAT(Errors(Watching({{"a", ""}, {"b", ""}}, absl::StrCat(together, "track = [\"s-a\"]\n"))),
              ElementsAre("29:10: track 's-a': a state would depend on itself: group 'g' -> group 'g'"));
}

TEST(TrackCircleTest, ALongChainIsSearchedWithoutRecursion) {
  std::vector<Watcher> chain;
  for (int i = 0; i < 250; ++i) chain.push_back({absl::StrCat("i", i), absl::StrCat("i", (i + 1) % 250)});
  const std::vector<std::string> errors = Errors(Watching(chain));
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], ::testing::EndsWith("instance 'i7' -> ... -> instance 'i0'"));
}

// ---- Warnings ----

TEST(TrackAdviceTest, ATrackThatNothingUses) {
  EXPECT_THAT(WarningLines(WithTrack("[[track]]\nname = \"t\"\nkind = \"manual\"\n")),
              ElementsAre("21:8: track 't': no instance and no group uses it"));
}

TEST(TrackAdviceTest, AnOwnersPriorityNeverChanges) {  // V3-23
  const std::string owner = Changed("priority = 100", "priority = 255");
  EXPECT_THAT(WarningLines(absl::StrCat(owner, "track = [\"bfd\", { name = \"uplink\", weight = 2 }, \"haproxy\"]\n",
                                        kThreeTracks)),
              ElementsAre("20:26: track 'uplink': weight has no effect on an owner, whose priority is always 255 (RFC "
                          "9568 5.2.4)"));
}

}  // namespace
}  // namespace dpvrrp
