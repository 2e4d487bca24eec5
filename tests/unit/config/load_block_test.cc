// SPDX-License-Identifier: BSD-3-Clause
//
// [[block]] and allowed_senders.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The good file, and lines from its 20th on.
std::string WithBlock(absl::string_view more) { return absl::StrCat(kGoodFile, more); }
// WithBlock allowed_senders in its instance, on line 19.
std::string Allowing(absl::string_view list) {
  return Changed("virtual_addresses =", absl::StrCat("allowed_senders = ", list, "\nvirtual_addresses ="));
}

TEST(LoadBlockTest, ByAddressMacAndPort) {
  const LoadResult result =
      Load(WithBlock("[[block]]\n"
                     "address = \"10.99.0.9\"\n"
                     "[[block]]\n"
                     "address = \"10.99.0.9\"\n"
                     "mac = \"02:00:0a:63:00:09\"\n"
                     "port = \"lan\"\n"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_EQ(result.config.blocks.size(), 2u);
  EXPECT_EQ(ToString(result.config.blocks[0]), "10.99.0.9");
  EXPECT_EQ(ToString(result.config.blocks[1]), "10.99.0.9 mac 02:00:0a:63:00:09 port lan");
}

TEST(LoadBlockTest, FaultsAreNamed) {
  const auto block = [](absl::string_view lines) { return Errors(WithBlock(absl::StrCat("[[block]]\n", lines))); };
  EXPECT_THAT(block("port = \"lan\"\n"), ElementsAre("20:1: [[block]]: needs address, mac, or both"));
  EXPECT_THAT(block("address = \"10.99.0.2\"\n"),
              ElementsAre("21:11: address '10.99.0.2': is our own, source_address of instance 'gw'"));
  EXPECT_THAT(block("address = \"224.0.0.18\"\n"),
              ElementsAre("21:11: address '224.0.0.18': must be a unicast address"));
  EXPECT_THAT(block("address = \"10.99.0.9/24\"\n"),
              ElementsAre("21:11: address '10.99.0.9/24': must be an IPv4 or IPv6 address, without a prefix length"));
  EXPECT_THAT(block("mac = \"02:00\"\n"),
              ElementsAre("21:7: mac '02:00': must be six pairs of hex digits such as 02:00:0a:63:00:01"));
  EXPECT_THAT(block("mac = \"01:00:5e:00:00:12\"\n"),
              ElementsAre("21:7: mac '01:00:5e:00:00:12': must be a unicast MAC address other than zero"));
  EXPECT_THAT(block("mac = \"00:00:5e:00:01:33\"\n"),
              ElementsAre("21:7: mac '00:00:5e:00:01:33': is a virtual MAC address, from which every master of the "
                          "VRID sends: give the address too"));
  EXPECT_THAT(block("mac = \"00:00:5e:00:01:33\"\naddress = \"10.99.0.9\"\n"), IsEmpty());
  EXPECT_THAT(block("address = \"10.99.0.9\"\nport = \"wan\"\n"),
              ElementsAre("22:8: port 'wan': no [[port]] has this name"));
  EXPECT_THAT(block("address = \"10.99.0.9\"\n[[block]]\naddress = \"10.99.0.9\"\n"),
              ElementsAre("22:1: [[block]]: is already given in line 20"));
}

TEST(LoadBlockTest, NoMoreThanTheTableHolds) {
  std::string file = kGoodFile;
  for (size_t i = 0; i < kMaxBlockedSenders; ++i) absl::StrAppend(&file, "[[block]]\naddress = \"10.99.1.", i, "\"\n");
  EXPECT_THAT(Errors(file), IsEmpty());
  absl::StrAppend(&file, "[[block]]\naddress = \"10.99.2.1\"\n");
  EXPECT_THAT(Errors(file), ElementsAre("148:1: [[block]]: at most 64 are supported, got 65"));
}

TEST(LoadAllowedSendersTest, AListOfAddresses) {
  const LoadResult result = Load(Allowing("[\"10.99.0.1\", \"10.99.0.3\"]"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(result.config.instances[0].allowed_senders, testing::SizeIs(2));
}

TEST(LoadAllowedSendersTest, FaultsAreNamed) {
  EXPECT_THAT(Errors(Allowing("[]")), ElementsAre("19:19: allowed_senders: must be 1..8 addresses, got 0"));
  EXPECT_THAT(Errors(Allowing("[\"10.99.0.2\"]")),
              ElementsAre("19:20: allowed_senders '10.99.0.2': is our own, source_address"));
  EXPECT_THAT(Errors(Allowing("[\"10.99.0.1\", \"10.99.0.1\"]")),
              ElementsAre("19:33: allowed_senders '10.99.0.1': is already in the list"));
  EXPECT_THAT(Errors(Allowing("[\"fe80::1\"]")),
              ElementsAre("19:20: allowed_senders 'fe80::1': must be IPv4, as source_address is (RFC 9568 5.2.9)"));
  EXPECT_THAT(Errors(Allowing("[\"10.99.0.1\"]\nunicast_peers = [\"10.99.0.1\"]")),
              ElementsAre("20:17: unicast_peers: is not allowed with allowed_senders: adverts of other senders than "
                          "the peers are dropped anyway"));
}

}  // namespace
}  // namespace dpvrrp
