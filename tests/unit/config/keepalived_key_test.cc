// SPDX-License-Identifier: BSD-3-Clause
//
// A key that keepalived reads as a shorter one. The cases were tried on keepalived 2.2.7.
#include "config/keepalived_key.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

size_t Reads(const std::string& key) { return KeepalivedReads(Bytes(key).bytes); }

TEST(KeepalivedKeyTest, EndsAtACommentABlankAQuoteOrABrace) {
  EXPECT_EQ(Reads("Xk3!vQ9z"), 3u);
  EXPECT_EQ(Reads("Xk3#vQ9z"), 3u);
  EXPECT_EQ(Reads("ab\"cd"), 2u);
  EXPECT_EQ(Reads("ab cd"), 2u);
  EXPECT_EQ(Reads("ab\tcd"), 2u);
  EXPECT_EQ(Reads("ab{c}"), 2u);
  EXPECT_EQ(Reads("ab}c"), 2u);
  EXPECT_EQ(Reads("abc   "), 3u);
  EXPECT_EQ(Reads("!abc"), 0u);
}

TEST(KeepalivedKeyTest, TakesEveryOtherPrintableCharacter) {
  const std::string others = "azAZ09'$%&()*+,-./:;<=>?@[\\]^_`|~";
  EXPECT_EQ(Reads(others), others.size());
}

std::vector<std::string> WarningsOf(absl::string_view authentication,
                                    const std::map<std::string, std::string>& files = {},
                                    absl::string_view before = "") {
  const LoadResult result = Load(absl::StrCat(before, kGoodFile, "[instance.authentication]\n", authentication), files);
  EXPECT_EQ(WithoutFile(result.errors), std::vector<std::string>());
  return WithoutFile(result.warnings);
}

constexpr absl::string_view kWarning = "has a character that ends an unquoted word in keepalived.conf";

TEST(KeepalivedKeyTest, IsWarnedOfAtItsPlaceAndNeverShown) {
  for (const std::string key : {"Xk3!vQ9z", "Xk3#vQ9z", "Xk3}vQ9z", "Xk3 vQ9z", "Xk3vQ9z "}) {
    const auto ah = WarningsOf(absl::StrCat("type = \"ah\"\nkey = \"", key, "\"\n"));
    EXPECT_THAT(ah, Contains(HasSubstr(absl::StrCat("22:7: key: ", kWarning)))) << key;
    EXPECT_THAT(ah, Each(Not(HasSubstr("vQ9z"))));
    const auto file = WarningsOf("type = \"ah\"\nkey_file = \"/k\"\n", {{"/k", key + "\n"}});
    EXPECT_THAT(file, Contains(HasSubstr(absl::StrCat("22:12: key_file: ", kWarning))));
    const auto simple = WarningsOf(absl::StrCat("type = \"simple\"\npassword = \"", key, "\"\n"));
    EXPECT_THAT(simple, Contains(HasSubstr(absl::StrCat("22:12: password: ", kWarning))));
    EXPECT_THAT(simple, Each(Not(HasSubstr("vQ9z"))));
  }
}

TEST(KeepalivedKeyTest, IsWarnedOfInAKeyringToo) {
  const auto warnings = WarningsOf("type = \"ah\"\nkeyring = \"core\"\n", {},
                                   "keyring = [ { name = \"core\", key = [ { id = 7, key = \"Xk3!vQ9z\" } ] } ]\n");
  EXPECT_THAT(warnings, Contains(HasSubstr(absl::StrCat("23:11: keyring 'core': key 7 ", kWarning))));
}

TEST(KeepalivedKeyTest, IsNoConcernOfPeersThatAreNotKeepalived) {
  const std::string rfc = "type = \"ah\"\nicv_rule = \"rfc4302\"\nspi = 256\n";
  EXPECT_THAT(WarningsOf(rfc + "key = \"Xk3!vQ9zWm5#bT7r\"\n"), Each(Not(HasSubstr("without quotes"))));
  EXPECT_THAT(WarningsOf("type = \"auth-hmac\"\nkey_file = \"/k\"\n",
                         {{"/k", "hex:21704a34764e71385a73315766586536547559643348633052624c6b394d6741\n"}}),
              Each(Not(HasSubstr("without quotes"))));
}

TEST(KeepalivedKeyTest, IsCutAtEightBytesAnyway) {
  EXPECT_THAT(WarningsOf("type = \"ah\"\nkey = \"Xk37vQ9z!and more\"\n"), Each(Not(HasSubstr("without quotes"))));
}

TEST(KeepalivedKeyTest, TheTrailersTextIsReadTheSameWay) {
  EXPECT_THAT(WarningsOf("type = \"auth-hmac\"\nkey = \"pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo!q\"\n"),
              Contains(HasSubstr(absl::StrCat("22:7: key: ", kWarning))));
}

}  // namespace
}  // namespace dpvrrp
