// SPDX-License-Identifier: BSD-3-Clause
//
// Words and files of other VRRP programs: the error names the equivalent here.
#include "config/foreign_words.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "config/schema.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using config_internal::AllForeignWords;
using config_internal::AllTableRules;
using config_internal::ForeignWord;
using config_internal::KeyRule;
using config_internal::kTrackRule;
using config_internal::TableRule;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The first error of the good file with this line in its [[instance]].
std::string ErrorOf(absl::string_view line) {
  const std::vector<std::string> errors = Errors(Changed("priority = 100", line));
  return errors.empty() ? "" : errors.front();
}

TEST(ForeignWordTest, IsAnsweredWithItsKeyHere) {
  EXPECT_EQ(ErrorOf("advert_int = 1"),
            "14:1: unknown key 'advert_int' in [[instance]]: keepalived's advert_int is advertisement_interval here");
  EXPECT_EQ(ErrorOf("virtual_router_id = 51"),
            "14:1: unknown key 'virtual_router_id' in [[instance]]: keepalived's virtual_router_id is vrid here");
  EXPECT_EQ(ErrorOf("auth_pass = \"Xk3vQ9z\""),
            "14:1: unknown key 'auth_pass' in [[instance]]: keepalived's auth_pass is key (type \"ah\") or password "
            "(type \"simple\") in [instance.authentication] here");
  EXPECT_EQ(ErrorOf("nopreempt = true"),
            "14:1: unknown key 'nopreempt' in [[instance]]: keepalived's nopreempt is preempt = false here");
}

TEST(ForeignWordTest, ThatHasNoEquivalentSaysSo) {
  EXPECT_EQ(
      ErrorOf("state = \"MASTER\""),
      "14:1: unknown key 'state' in [[instance]]: keepalived's state has no equivalent: there is no initial state, "
      "priority decides");
}

TEST(ForeignWordTest, OfTrackingAndGroupsNamesTheTables) {
  const auto file_error = [](absl::string_view table) { return Errors(absl::StrCat(kGoodFile, table)).front(); };
  EXPECT_EQ(file_error("[[vrrp_sync_group]]\nname = \"G\"\n"),
            "20:3: unknown key 'vrrp_sync_group' in the file: keepalived's vrrp_sync_group is [[group]] here");
  EXPECT_EQ(file_error("[[vrrp_script]]\nname = \"G\"\n"),
            "20:3: unknown key 'vrrp_script' in the file: keepalived's vrrp_script is [[track]] with kind = \"script\" "
            "here");
  EXPECT_EQ(ErrorOf("track_script = [\"a\"]"),
            "14:1: unknown key 'track_script' in [[instance]]: keepalived's track_script is track here, which names a "
            "[[track]] with kind = \"script\"");
  EXPECT_EQ(ErrorOf("track_interface = [\"a\"]"),
            "14:1: unknown key 'track_interface' in [[instance]]: keepalived's track_interface is track here, which "
            "names a [[track]] with kind = \"interface\"");
  EXPECT_EQ(ErrorOf("notify_fifo = \"/a\""),
            "14:1: unknown key 'notify_fifo' in [[instance]]: keepalived's notify_fifo is fifo in [scripts] here");
  EXPECT_THAT(Errors(absl::StrCat(kGoodFile, "[[track]]\nname = \"t\"\nkind = \"script\"\nscript = \"/a\"\n")),
              ElementsAre("20:1: command: is required with kind 'script'",
                          "23:1: unknown key 'script' in [[track]]: keepalived's script is command of a [[track]] "
                          "here"));
}

TEST(ForeignWordTest, OfARoutersCommandLineIsKnownWithItsHyphens) {
  EXPECT_EQ(
      ErrorOf("authentication-key = \"a\""),
      "14:1: unknown key 'authentication-key' in [[instance]]: Junos's authentication-key is key (type \"ah\") or "
      "password (type \"simple\") in [instance.authentication] here");
  EXPECT_THAT(ErrorOf("virtual-address = \"10.0.0.1\""),
              HasSubstr("Junos's virtual-address is virtual_addresses here"));
}

// `interface` and `state` are keys of a [[track]], and words of keepalived in every other table.
TEST(ForeignWordTest, IsNeverOneOfOursAndStandsOnce) {
  std::set<absl::string_view> words;
  for (const ForeignWord& foreign : AllForeignWords()) {
    EXPECT_TRUE(words.insert(foreign.word).second) << foreign.word;
    for (const TableRule* rule : AllTableRules()) {
      if (rule == &kTrackRule) continue;
      for (const KeyRule& key : rule->keys) EXPECT_NE(key.name, foreign.word);
    }
  }
}

// "is repeats in [garp] here, such as …": a key that an advice names must exist.
TEST(ForeignWordTest, ItsAdviceNamesKeysThatExist) {
  std::set<std::string> keys;
  for (const TableRule* rule : AllTableRules()) {
    for (const KeyRule& key : rule->keys) keys.insert(std::string(key.name));
  }
  for (const ForeignWord& foreign : AllForeignWords()) {
    if (!absl::StartsWith(foreign.advice, "is ")) continue;
    const absl::string_view rest = foreign.advice.substr(3);
    const std::string first(rest.substr(0, rest.find_first_of(" ,")));
    if (first[0] == '[' || first == "the" || first == "HSRP") continue;
    EXPECT_TRUE(keys.contains(first)) << foreign.word << ": " << first;
  }
}

TEST(ForeignWordTest, StandsInTheDocumentation) {
  std::ifstream file(DPVRRP_DOCS_DIRECTORY "/config.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const size_t begin = page.find("## Words of other programs");
  ASSERT_NE(begin, std::string::npos);
  const std::string section = page.substr(begin);
  for (const ForeignWord& foreign : AllForeignWords()) {
    EXPECT_THAT(section, HasSubstr(absl::StrCat("`", foreign.word, "`")));
  }
}

// ---- Whole files ----

constexpr char kKeepalivedConf[] =
    "! Configuration File for keepalived\n"
    "\n"
    "global_defs {\n"
    "   router_id LVS_DEVEL\n"
    "}\n"
    "vrrp_instance VI_1 {\n"
    "    state MASTER\n"
    "    authentication {\n"
    "        auth_type PASS\n"
    "        auth_pass s3cr3tXY\n"
    "    }\n"
    "}\n";

TEST(ForeignFileTest, AKeepalivedConfIsRecognised) {
  const std::vector<std::string> errors = Errors(kKeepalivedConf);
  EXPECT_THAT(errors,
              ElementsAre(StartsWith(
                  "3:1: this is a keepalived.conf, and dpvrrpd reads TOML: `dpvrrpctl import FILE` translates it")));
  EXPECT_THAT(errors[0], Not(HasSubstr("s3cr3tXY")));
  EXPECT_THAT(Errors("vrrp_instance VI_1\n{\n  state BACKUP\n}\n"),
              ElementsAre(StartsWith("1:1: this is a keepalived.conf")));
  EXPECT_THAT(Errors("include /etc/keepalived/conf.d/*.conf\n\tvrrp_script chk{\r\n}\r\n"),
              ElementsAre(StartsWith("2:2: this is a keepalived.conf")));
}

TEST(ForeignFileTest, ARoutersConfigurationIsRecognised) {
  EXPECT_THAT(Errors("interface eth0\n vrrp 5 version 3\n vrrp 5 priority 200\n"),
              ElementsAre(StartsWith("2:2: this is a configuration of FRR or of a router, and dpvrrpd reads TOML")));
  EXPECT_THAT(Errors("frr version 8.4.4\nfrr defaults traditional\n"), ElementsAre(StartsWith("1:1: this is a conf")));
  EXPECT_THAT(Errors("interface GigabitEthernet0/1\n vrrp 10 ip 10.0.0.1\n"),
              ElementsAre(StartsWith("2:2: this is a conf")));
  EXPECT_THAT(Errors("set high-availability vrrp group lan vrid '10'\n"),
              ElementsAre(StartsWith("1:1: this is a router's configuration")));
  EXPECT_THAT(Errors("address 10.0.0.2/24 {\n  vrrp-group 5 {\n    priority 200;\n"),
              ElementsAre(StartsWith("2:3: this is a router's configuration")));
}

TEST(ForeignFileTest, AFaultyFileOfOursIsNotTakenForOne) {
  EXPECT_THAT(Errors(absl::StrCat("vrrp_instance VI_1 {\n", kGoodFile)), ElementsAre(HasSubstr("not valid TOML")));
  EXPECT_THAT(Errors("# vrrp_instance VI_1 {\n[[port]\n"), ElementsAre(HasSubstr("not valid TOML")));
  EXPECT_THAT(Errors("name = \n"), ElementsAre(HasSubstr("not valid TOML")));
}

}  // namespace
}  // namespace dpvrrp
