// SPDX-License-Identifier: BSD-3-Clause
//
// [metrics].
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "config/diff.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kListenRule =
    "must be a loopback address and a port, such as 127.0.0.1:9650 or [::1]:9650, or empty for none: HTTP readers are "
    "not authenticated";

MetricsConfig Read(absl::string_view table) {
  const LoadResult result = Load(table);
  EXPECT_THAT(result.errors, IsEmpty()) << std::string(table);
  return result.config.metrics;
}

TEST(LoadMetricsTest, WithoutTheTableThereIsNoListener) {
  EXPECT_EQ(Read(""), MetricsConfig());
  EXPECT_EQ(Read("").port, 0);
}

TEST(LoadMetricsTest, AnEmptyTableListensOnTheDefaultPort) {
  const MetricsConfig metrics = Read("[metrics]\n");
  EXPECT_EQ(ToString(metrics.address), "127.0.0.1");
  EXPECT_EQ(metrics.port, 9650);
  EXPECT_EQ(metrics.socket, "");
  EXPECT_FALSE(metrics.per_instance);
}

TEST(LoadMetricsTest, WithASocketTcpIsOnlyOnRequest) {
  EXPECT_EQ(Read("[metrics]\nsocket = \"/run/m.sock\"\n").port, 0);
  const MetricsConfig both = Read("[metrics]\nsocket = \"/run/m.sock\"\nlisten = \"[::1]:1\"\nper_instance = true\n");
  EXPECT_EQ(ToString(both.address), "::1");
  EXPECT_EQ(both.port, 1);
  EXPECT_EQ(both.socket, "/run/m.sock");
  EXPECT_TRUE(both.per_instance);
  EXPECT_EQ(Read("[metrics]\nlisten = \"127.9.9.9:65535\"\n").port, 65535);
  EXPECT_EQ(Read("[metrics]\nlisten = \"\"\n").port, 0);
}

TEST(LoadMetricsTest, OtherEndpointsAreRefused) {
  for (const char* listen : {"0.0.0.0:9650",
                             "10.0.0.1:9650",
                             "[::]:9650",
                             "[2001:db8::1]:9650",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:0",
                             "127.0.0.1:65536",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1: 1",
                             ":9650",
                             "9650",
                             "localhost:9650",
                             "::1:9650",
                             "[127.0.0.1]:9650",
                             "[::1]",
                             "127.0.0.1:9650 ",
                             "*:9650",
                             "http://127.0.0.1:9650",
                             "127.0.0.1:9650/metrics"}) {
    const LoadResult result = Load(absl::StrCat("[metrics]\nlisten = \"", listen, "\"\n"));
    ASSERT_EQ(result.errors.size(), 1u) << listen;
    EXPECT_EQ(ToString(result.errors[0]), absl::StrCat("/etc/c.toml:2:10: listen '", listen, "': ", kListenRule));
  }
}

TEST(LoadMetricsTest, TheSocketIsAPathOfItsOwn) {
  const auto error = [](absl::string_view text) {
    const LoadResult result = Load(text);
    return result.errors.size() == 1 ? ToString(result.errors[0]) : "";
  };
  EXPECT_EQ(error("[metrics]\nsocket = \"m.sock\"\n"), "/etc/c.toml:2:10: socket 'm.sock': must be an absolute path");
  EXPECT_THAT(error(absl::StrCat("[metrics]\nsocket = \"/", std::string(107, 'x'), "\"\n")),
              HasSubstr("must be at most 107 bytes"));
  EXPECT_EQ(
      error("[metrics]\nsocket = \"/run/dpvrrp/dpvrrpd.sock\"\n"),
      "/etc/c.toml:2:10: socket '/run/dpvrrp/dpvrrpd.sock': is a control socket of [daemon], which speaks another "
      "protocol");
  EXPECT_THAT(error("[metrics]\nport = 9650\n"),
              HasSubstr("unknown key 'port' in [metrics]: known keys are listen, socket, per_instance"));
}

TEST(LoadMetricsTest, AListenerNeedsARestartAndPerInstanceDoesNot) {
  Config running, wanted;
  wanted.metrics.per_instance = true;
  EXPECT_THAT(Diff(running, wanted).needs_restart, IsEmpty());
  wanted.metrics.port = 9650;
  wanted.metrics.socket = "/run/m.sock";
  EXPECT_THAT(Diff(running, wanted).needs_restart, ElementsAre("metrics.listen", "metrics.socket"));
}

}  // namespace
}  // namespace dpvrrp
