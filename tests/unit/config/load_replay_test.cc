// SPDX-License-Identifier: BSD-3-Clause
//
// replay_window and restart_policy of AH.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LoadResult LoadAh(absl::string_view body, absl::string_view type = "ah\"\nkey = \"k7Qw2ZpX") {
  return Load(absl::StrCat(kGoodFile, "[instance.authentication]\n", body, "type = \"", type, "\"\n"));
}

std::vector<std::string> Errors(const LoadResult& result) {
  std::vector<std::string> lines;
  for (const std::string& line : Lines(result.errors)) lines.emplace_back(absl::StripPrefix(line, "/etc/c.toml:"));
  return lines;
}

TEST(LoadReplayTest, TheDefaultsAre64AndRefuse) {
  const LoadResult result = LoadAh("");
  ASSERT_THAT(Errors(result), IsEmpty());
  EXPECT_EQ(result.config.instances[0].auth.replay_window, 64);
  EXPECT_EQ(result.config.instances[0].auth.restart_policy, RestartPolicy::kRefuse);
}

TEST(LoadReplayTest, BothAreRead) {
  const LoadResult result = LoadAh("replay_window = 4096\nrestart_policy = \"readmit\"\n");
  ASSERT_THAT(Errors(result), IsEmpty());
  EXPECT_EQ(result.config.instances[0].auth.replay_window, 4096);
  EXPECT_EQ(result.config.instances[0].auth.restart_policy, RestartPolicy::kReadmit);
}

TEST(LoadReplayTest, FaultsNameTheRule) {
  EXPECT_THAT(Errors(LoadAh("replay_window = 63\n")), ElementsAre("21:17: replay_window '63': must be 64..4096"));
  EXPECT_THAT(Errors(LoadAh("replay_window = 4160\n")), ElementsAre("21:17: replay_window '4160': must be 64..4096"));
  EXPECT_THAT(Errors(LoadAh("replay_window = 100\n")),
              ElementsAre("21:17: replay_window '100': must be a multiple of 64"));
  EXPECT_THAT(Errors(LoadAh("restart_policy = \"allow\"\n")),
              ElementsAre("21:18: restart_policy 'allow': must be one of refuse, readmit"));
  EXPECT_THAT(Errors(LoadAh("replay_window = 128\n", "none")),
              ElementsAre("21:17: replay_window: is not allowed with type 'none'"));
}

}  // namespace
}  // namespace dpvrrp
