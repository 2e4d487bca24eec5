// SPDX-License-Identifier: BSD-3-Clause
//
// unicast_peer: lists that are the same on every router.
#include <gmock/gmock.h>

#include "import_text.h"

namespace dpvrrp::keepalived {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(PeersTest, TheRoutersOwnAddressIsNoPeer) {
  const ImportResult named =
      Import(AnInstance("unicast_src_ip 192.0.2.7\nunicast_peer {\n192.0.2.3\n192.0.2.7\n}"), HostKnowledge());
  EXPECT_EQ(VerdictOf(named, "192.0.2.7"), "dropped: it is this router's own address");
  EXPECT_THAT(LoadedInstance(named).unicast_peers, SizeIs(1));
  EXPECT_EQ(named.report.ExitStatus(), 0);
  // The source is the first address of the interface.
  const ImportResult found = Import(AnInstance("unicast_peer {\n192.0.2.2\n192.0.2.3\n}"));
  EXPECT_EQ(VerdictOf(found, "192.0.2.2"), "dropped: it is this router's own address");
  EXPECT_THAT(LoadedInstance(found).unicast_peers, SizeIs(1));
}

TEST(PeersTest, AListWithoutAnotherRouterIsAsked) {
  for (const char* list : {"192.0.2.2", "", "x"}) {
    const ImportResult result = Import(AnInstance(absl::StrCat("unicast_peer {\n", list, "\n}")));
    EXPECT_THAT(VerdictOf(result, "unicast_peer"), StartsWith("decide: ")) << list;
    EXPECT_THAT(VerdictOf(result, "unicast_peer"), HasSubstr("the instance uses multicast"));
    EXPECT_THAT(LoadedInstance(result).unicast_peers, IsEmpty());
    EXPECT_EQ(result.report.ExitStatus(), 3);
  }
}

}  // namespace
}  // namespace dpvrrp::keepalived
