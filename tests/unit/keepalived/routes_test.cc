// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_routes and virtual_rules that the daemon would refuse.
#include <gmock/gmock.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Pair {
  const char* first;
  const char* second;
};

ImportResult OfLines(const std::string& word, const std::string& lines) {
  return Import(AnInstance(absl::StrCat(word, " {\n", lines, "\n}")));
}

TEST(RoutesTest, TheSameRouteInOtherWordsIsLeftOut) {
  for (const Pair& pair : {Pair{"default via 192.0.2.254", "0.0.0.0/0 via 192.0.2.253"},
                           Pair{"10.4.0.5 via 192.0.2.254", "10.4.0.5/32 via 192.0.2.254"},
                           Pair{"2001:0db8:1::/48 dev eth0", "2001:db8:1:0::/48 dev eth0"},
                           Pair{"default via 2001:db8::1", "::/0 via 2001:db8::2"},
                           Pair{"2001:db8::/48 dev eth0 metric 1024", "2001:db8:0::/48 dev eth0"}}) {
    const ImportResult result = OfLines("virtual_routes", absl::StrCat(pair.first, "\n", pair.second));
    EXPECT_THAT(VerdictOf(result, pair.second), StartsWith("unsupported: another route")) << pair.second;
    EXPECT_THAT(LoadedInstance(result).virtual_routes, SizeIs(1));
  }
}

TEST(RoutesTest, AddressesOfARouteAreHostsOfItsFamily) {
  for (const char* line : {"10.0.0.0/8 via 192.0.2.254 src 2001:db8::1", "10.0.0.0/8 via 224.0.0.1",
                           "10.0.0.0/8 via 0.0.0.0", "10.0.0.0/8 via 255.255.255.255", "10.0.0.0/8 via 127.0.0.1",
                           "default via 192.0.2.254 src 2001:db8::1", "::/0 via 192.0.2.1"}) {
    const ImportResult result = OfLines("virtual_routes", line);
    EXPECT_THAT(VerdictOf(result, line), StartsWith("unsupported: ")) << line;
    EXPECT_THAT(LoadedInstance(result).virtual_routes, SizeIs(0)) << line;
  }
}

TEST(RoutesTest, TheSameRuleIsLeftOut) {
  for (const Pair& pair : {Pair{"from 10.0.0.0/8 table 9", "from 10.0.0.0/8 lookup 9"},
                           Pair{"from 10.0.0.1 table 9", "from 10.0.0.1/32 table 9 priority 1000"}}) {
    const ImportResult result = OfLines("virtual_rules", absl::StrCat(pair.first, "\n", pair.second));
    EXPECT_EQ(VerdictOf(result, pair.second), "unsupported: another rule is the same");
    EXPECT_THAT(LoadedInstance(result).virtual_rules, SizeIs(1));
  }
}

TEST(RoutesTest, RulesAreChecked) {
  for (const Pair& pair : {Pair{"from 10.0.0.1 table 9 priority 0", "priority must be 1 or more"},
                           Pair{"from 10.0.0.1 to 2001:db8::1 table 9", "not of one family"},
                           Pair{"iif abcdefghijklmnop table 9", "must be an interface"},
                           Pair{"from 10.0.0.7 inet6 table 9", "not of the family that it names"},
                           Pair{"from 0.0.0.0/0 table 9", "needs from, to or iif"}}) {
    const ImportResult result = OfLines("virtual_rules", pair.first);
    EXPECT_THAT(VerdictOf(result, pair.first), StartsWith("unsupported: ")) << pair.first;
    EXPECT_THAT(VerdictOf(result, pair.first), HasSubstr(pair.second));
    EXPECT_THAT(LoadedInstance(result).virtual_rules, SizeIs(0)) << pair.first;
  }
}

}  // namespace
}  // namespace dpvrrp::keepalived
