// SPDX-License-Identifier: BSD-3-Clause
#include "gen/command_line.h"

#include <gmock/gmock.h>

#include "unit/gen/gen_testing.h"

namespace dpvrrp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<GenCommandLine> ParseWords(std::vector<std::string> words) {
  words.insert(words.begin(), "dpvrrp-gen");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return ParseGenCommandLine(static_cast<int>(argv.size()), argv.data());
}

std::string RefusalOf(std::vector<std::string> words) {
  return std::string(ParseWords(std::move(words)).status().message());
}

// What a user of the command line sees of the first fault.
std::string FaultOf(std::vector<std::string> words) {
  const absl::StatusOr<GenCommandLine> line = ParseWords(std::move(words));
  if (!line.ok()) return std::string(line.status().message());
  const GenProfileResult result = ReadProfileText("", line->options);
  return result.errors.empty() ? "" : GenFaultText(result.errors.front());
}

TEST(GenCommandLineTest, TakesOptionsThenThoseOfEal) {
  const auto line = ParseWords({"-d", "net_null0", "--kind=valid", "--json", "--", "-m", "64"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_TRUE(line->json);
  EXPECT_EQ(line->options.size(), 2u);
  EXPECT_THAT(line->eal_arguments, ElementsAre("-m", "64"));
}

TEST(GenCommandLineTest, TakesTheOrderOfTestpmdToo) {
  const auto line = ParseWords({"-l", "0", "--no-huge", "--", "--kind", "valid", "--vrid", "5"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->options.size(), 2u);
  EXPECT_THAT(line->eal_arguments, ElementsAre("-l", "0", "--no-huge"));
}

TEST(GenCommandLineTest, NamesTheBadWord) {
  EXPECT_THAT(RefusalOf({"--kid", "valid"}), HasSubstr("unknown option '--kid'"));
  EXPECT_THAT(RefusalOf({"--no-huge"}), HasSubstr("EAL options go after --"));
  EXPECT_THAT(RefusalOf({"--kind"}), HasSubstr("--kind needs a value"));
  EXPECT_THAT(RefusalOf({"--json=1"}), HasSubstr("--json takes no value"));
  EXPECT_THAT(RefusalOf({"--poll=yes"}), HasSubstr("--poll takes no value"));
  EXPECT_THAT(RefusalOf({"--svg="}), HasSubstr("--svg needs a file"));
  EXPECT_THAT(RefusalOf({"valid"}), HasSubstr("unknown option 'valid'"));
  EXPECT_THAT(RefusalOf({"--keyring", "x"}), HasSubstr("unknown option '--keyring'"));
  EXPECT_THAT(RefusalOf({"--vrid", "1", "--vrid", "2"}), HasSubstr("--vrid is given twice"));
  EXPECT_THAT(RefusalOf({}), HasSubstr("nothing to send"));
}

TEST(GenCommandLineTest, NamesTheOptionOfAFault) {
  const std::vector<std::string> good = {"-d", "net_null0",        "--kind",   "valid",     "--vrid",
                                         "5",  "--source-address", "10.0.0.9", "--address", "10.0.0.1"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = good;
    words.insert(words.end(), more.begin(), more.end());
    return FaultOf(words);
  };
  EXPECT_EQ(with({}), "");
  EXPECT_EQ(with({"--rate", "1e6"}), "--rate '1e6': must be an integer");
  EXPECT_EQ(with({"--lcore", "x"}), "--lcore 'x': must be an integer");
  EXPECT_EQ(with({"--vlan", "1", "--vlan", "2"}), "");
  EXPECT_EQ(with({"--vrrp", "4"}), "--vrrp '4': must be 2..3");
  EXPECT_THAT(with({"--interval", "1500ms"}), HasSubstr("--interval '1500ms': must be 1..255 whole seconds"));
  EXPECT_THAT(with({"--auth", "md5"}), HasSubstr("--auth 'md5': must be one of none, simple, ah, auth-hmac"));
  EXPECT_EQ(with({"--key", "x"}), "--auth: is required");
  EXPECT_THAT(with({"--duration", "never"}), HasSubstr("--duration 'never': "));
  EXPECT_EQ(FaultOf({"--kind", "valid", "--vrid", "5", "--source-address", "10.0.0.9", "--address", "10.0.0.1"}),
            "--device: is required");
  EXPECT_THAT(FaultOf({"-d", "net_null0"}), HasSubstr("nothing to send"));
  EXPECT_THAT(FaultOf({"-d", "net_null0", "--kind", "valid"}), HasSubstr("--vrid: is required"));
}

TEST(GenCommandLineTest, UsageNamesEveryOption) {
  const std::string usage = kGenUsage;
  for (const char* option :
       {"--profile",   "--device",    "--duration",       "--lcore",      "--poll",         "--i-own-this-network",
        "--check",     "--kind",      "--vrid",           "--vlan",       "--vrrp",         "--priority",
        "--interval",  "--checksum",  "--source-address", "--source-mac", "--address",      "--per-vrid",
        "--per-vlan",  "--auth",      "--algorithm",      "--icv-rule",   "--spi",          "--key",
        "--key-hex",   "--key-file",  "--password",       "--rate",       "--frames",       "--start-at",
        "--silent-at", "--resign-at", "--resume-at",      "--sequence",   "--clock-offset", "--json",
        "--instances", "--svg",       "--list-kinds",     "--version",    "--help"}) {
    EXPECT_THAT(usage, HasSubstr(option));
  }
}

}  // namespace
}  // namespace dpvrrp
