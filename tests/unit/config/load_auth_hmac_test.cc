// SPDX-License-Identifier: BSD-3-Clause
//
// authentication of type "auth-hmac".
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kKey32 = "pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo";
const std::string kKey = absl::StrCat("key = \"", kKey32, "\"\n");

// `body` starts in line 22 of the good file.
LoadResult LoadTrailer(absl::string_view body, absl::string_view instance_keys = "") {
  return Load(absl::StrCat(kGoodFile, instance_keys, "[instance.authentication]\ntype = \"auth-hmac\"\n", body));
}

std::vector<std::string> TrailerFaults(const std::vector<ConfigFault>& faults) {
  std::vector<std::string> lines;
  for (const std::string& line : Lines(faults)) lines.emplace_back(absl::StripPrefix(line, "/etc/c.toml:"));
  return lines;
}

TrailerRules RulesOf(const LoadResult& result) {
  EXPECT_THAT(TrailerFaults(result.errors), IsEmpty());
  return result.errors.empty() ? result.config.instances[0].auth.trailer : TrailerRules{};
}

TEST(LoadAuthHmacTest, AKeyIsEnough) {
  const LoadResult result = LoadTrailer(kKey);
  ASSERT_THAT(TrailerFaults(result.errors), IsEmpty());
  EXPECT_THAT(TrailerFaults(result.warnings), IsEmpty());
  const AuthConfig& auth = result.config.instances[0].auth;
  EXPECT_EQ(auth.kind, AuthKind::kAuthHmac);
  EXPECT_EQ(auth.algorithm, MacAlgorithm::kHmacSha256_128);
  EXPECT_EQ(*auth.keyring, *OwnKey(SecretBytes({kKey32.begin(), kKey32.end()})));
  EXPECT_EQ(auth.trailer, (TrailerRules{TrailerMode::kEnforce, AntiReplay::kTime, 5}));
}

TEST(LoadAuthHmacTest, EveryRuleIsRead) {
  EXPECT_EQ(RulesOf(LoadTrailer(kKey + "mode = \"permissive\"\nanti_replay = \"time\"\ntime_window = \"300s\"\n")),
            (TrailerRules{TrailerMode::kPermissive, AntiReplay::kTime, 300}));
  EXPECT_EQ(RulesOf(LoadTrailer(kKey + "mode = \"receive-only\"\ntime_window = 1\n")),
            (TrailerRules{TrailerMode::kReceiveOnly, AntiReplay::kTime, 1}));
  EXPECT_EQ(RulesOf(LoadTrailer(kKey + "mode = \"enforce\"\nanti_replay = \"monotonic\"\n")).anti_replay,
            AntiReplay::kMonotonic);
}

// keepalived's: three intervals, at least 5 s and at most 300.
TEST(LoadAuthHmacTest, TheWindowFollowsTheInterval) {
  const auto window_at = [](absl::string_view interval) {
    const std::string file =
        absl::StrCat(Changed("\"1s\"", interval), "[instance.authentication]\ntype = \"auth-hmac\"\n", kKey);
    return RulesOf(Load(file)).time_window;
  };
  EXPECT_EQ(window_at("1"), 5);
  EXPECT_EQ(window_at("2"), 6);
  EXPECT_EQ(window_at("255"), 300);
}

TEST(LoadAuthHmacTest, RolloutModesAreWarnedAbout) {
  EXPECT_THAT(
      TrailerFaults(LoadTrailer(kKey + "mode = \"permissive\"\n").warnings),
      ElementsAre(
          "23:8: mode 'permissive': adverts without a trailer are obeyed; use this mode only during a roll-out"));
}

TEST(LoadAuthHmacTest, FaultsNameTheRule) {
  const struct {
    std::string body;
    std::string error;
  } cases[] = {
      {"", "20:1: key: one of key, key_hex, key_file, keyring is required"},
      {"key = \"pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgA\"\n", "22:7: key: must be 32..64 bytes for type 'auth-hmac', got 31"},
      {absl::StrCat("key = \"", kKey32, kKey32, "x\"\n"),
       "22:7: key: must be 32..64 bytes for type 'auth-hmac', got 65"},
      {kKey + "mode = \"strict\"\n", "23:8: mode 'strict': must be one of enforce, permissive, receive-only"},
      {kKey + "time_window = 301\n", "23:15: time_window '301': must be 1..300 whole seconds"},
      {kKey + "time_window = \"1500ms\"\n", "23:15: time_window '1500ms': must be 1..300 whole seconds"},
      {kKey + "anti_replay = \"monotonic\"\ntime_window = 5\n",
       "24:15: time_window: is not allowed with anti_replay 'monotonic'"},
      {kKey + "icv_rule = \"rfc4302\"\n", "23:12: icv_rule: is not allowed with type 'auth-hmac'"},
      {kKey + "password = \"x\"\n", "23:12: password: is not allowed with type 'auth-hmac'"},
  };
  for (const auto& c : cases) EXPECT_THAT(TrailerFaults(LoadTrailer(c.body).errors), ElementsAre(c.error)) << c.body;
}

TEST(LoadAuthHmacTest, ItsKeysAreRefusedWithOtherTypes) {
  const LoadResult result =
      Load(absl::StrCat(kGoodFile, "[instance.authentication]\ntype = \"none\"\nmode = \"enforce\"\n"));
  EXPECT_THAT(TrailerFaults(result.errors), ElementsAre("22:8: mode: is not allowed with type 'none'"));
}

TEST(LoadAuthHmacTest, StrictMeansEnforce) {
  EXPECT_THAT(TrailerFaults(LoadTrailer(kKey + "mode = \"permissive\"\n", "strict = true\n").errors),
              ElementsAre("20:10: strict: authentication of type 'auth-hmac' requires mode 'enforce'"));
}

TEST(LoadAuthHmacTest, ItGoesWithVrrpV3) {
  const auto load = [](absl::string_view more) {
    return Load(absl::StrCat(Changed("version = 2", "version = 3"), more,
                             "[instance.authentication]\ntype = \"auth-hmac\"\n", kKey));
  };
  EXPECT_THAT(TrailerFaults(load("").errors), IsEmpty());
  EXPECT_THAT(TrailerFaults(load("v2_coexistence = true\n").errors),
              ElementsAre("20:18: v2_coexistence: is not allowed with authentication of type 'auth-hmac'"));
}

}  // namespace
}  // namespace dpvrrp
