// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/limits.h"
#include "config/keyring.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kRing[] =
    "[instance.authentication]\n"              // 20
    "type = \"ah\"\n"                          // 21
    "keyring = \"core\"\n"                     // 22
    "[[keyring]]\n"                            // 23
    "name = \"core\"\n"                        // 24
    "sign = 2\n"                               // 25
    "[[keyring.key]]\n"                        // 26
    "id = 1\n"                                 // 27
    "key = \"k7Qw2ZpX\"\n"                     // 28
    "not_after = 2026-12-01T01:00:00+01:00\n"  // 29
    "[[keyring.key]]\n"                        // 30
    "id = 2\n"                                 // 31
    "key_file = \"two\"\n"                     // 32
    "not_before = 2026-11-01T00:00:00Z\n";     // 33

LoadResult LoadRing(absl::string_view piece = "", absl::string_view instead = "") {
  EXPECT_TRUE(absl::StrContains(kRing, piece)) << piece;
  const std::string ring = piece.empty() ? kRing : absl::StrReplaceAll(kRing, {{piece, instead}});
  return Load(absl::StrCat(kGoodFile, ring), {{"/etc/two", "hex:8d1fc05a9be47723\n"},
                                              {"/etc/one", "k7Qw2ZpX\n"},
                                              {"/etc/long", "hex:8d1fc05a9be477231f60aa29c4d7eb53\n"},
                                              {"/etc/empty", "\n"}});
}

TEST(LoadKeyringTest, KeysOfAllFormsWithTheirTimes) {
  const LoadResult result = LoadRing();
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_EQ(result.config.keyrings.size(), 1u);
  const KeyringConfig& ring = *result.config.keyrings[0];
  EXPECT_EQ(ring.name, "core");
  EXPECT_EQ(ring.sign, 2);
  ASSERT_EQ(ring.keys.size(), 2u);
  EXPECT_EQ(ring.keys[0].id, 1);
  EXPECT_EQ(ring.keys[0].secret, Bytes("k7Qw2ZpX"));
  EXPECT_EQ(ring.keys[0].not_before, std::nullopt);
  EXPECT_EQ(ring.keys[0].not_after, 1796083200);  // 2026-12-01T00:00:00Z
  EXPECT_EQ(ring.keys[1].secret, Bytes("\x8d\x1f\xc0\x5a\x9b\xe4\x77\x23"));
  EXPECT_EQ(ring.keys[1].not_before, 1793491200);  // 2026-11-01T00:00:00Z
  EXPECT_EQ(result.config.instances[0].auth.keyring, result.config.keyrings[0]);
}

TEST(LoadKeyringTest, AllInstancesOfATemplateShareOneRing) {
  const LoadResult result = Load(absl::StrCat(
      "[[port]]\nname = \"lan\"\ndevice = \"net_null0\"\n[[keyring]]\nname = \"core\"\n[[keyring.key]]\nid = 7\n"
      "key = \"k7Qw2ZpX\"\n[[template]]\nname = \"t{vrid}\"\nport = \"lan\"\nvrid = \"1-3\"\n"
      "source_address = \"10.0.0.2\"\nvirtual_addresses = [ \"10.0.0.1/24\" ]\n"
      "authentication = { type = \"ah\", keyring = \"core\" }\n"));
  ASSERT_THAT(Lines(result.errors), IsEmpty());
  ASSERT_EQ(result.config.instances.size(), 3u);
  EXPECT_EQ(result.config.keyrings[0]->sign, 7);  // there is no other
  for (const InstanceConfig& instance : result.config.instances) {
    EXPECT_EQ(instance.auth.keyring, result.config.keyrings[0]);
  }
}

struct KeyringFault {
  absl::string_view piece, instead;
  std::vector<absl::string_view> errors;
};

TEST(LoadKeyringTest, Faults) {
  const std::vector<KeyringFault> cases = {
      {"keyring = \"core\"", "keyring = \"cor\"", {"22:11: keyring 'cor': no [[keyring]] has this name"}},
      {"keyring = \"core\"",
       "keyring = \"core\"\nkey = \"k7Qw2ZpX\"\nallow_weak_keys = true",
       {"23:7: key: is not allowed together with keyring",
        "24:19: allow_weak_keys: is not allowed together with keyring"}},
      {"sign = 2", "sign = 3", {"25:8: sign '3': no key of the ring has this id"}},
      {"sign = 2\n", "", {"23:1: sign: is required in a [[keyring]] of several keys"}},
      {"sign = 2", "sign = 0", {"25:8: sign '0': must be 1..255"}},
      {"name = \"core\"",
       "name = \"co re\"",
       {"22:11: keyring 'core': no [[keyring]] has this name",
        "24:8: name 'co re': must be 1..63 of the characters A-Z a-z 0-9 . _ -"}},
      {"id = 2",
       "id = 1",
       {"25:8: sign '2': no key of the ring has this id", "31:6: id '1': is already given in line 27"}},
      {"id = 1", "id = 256", {"27:6: id '256': must be 1..255"}},
      {"id = 1\n", "", {"26:1: id: is required in [[keyring.key]]"}},
      {"key = \"k7Qw2ZpX\"\n", "", {"26:1: key: one of key, key_hex, key_file is required"}},
      {"\"two\"", "\"one\"", {"32:12: key_file: is the same as key 1"}},
      {"\"two\"", "\"gone\"", {"32:12: key_file: /etc/gone: no such file"}},
      {"\"two\"", "\"empty\"", {"32:12: key_file: must not be empty"}},
      {"\"two\"", "\"long\"", {"22:11: keyring 'core': key 2: must be 1..8 bytes for icv_rule 'keepalived', got 16"}},
      {"keyring = \"core\"",
       "keyring = \"core\"\nalgorithm = \"hmac-sha1-96\"\nicv_rule = \"rfc4302\"",
       {"22:11: keyring 'core': key 1: hmac-sha1-96 takes a key of exactly 20 bytes, got 8 (RFC 2404)",
        "22:11: keyring 'core': key 2: hmac-sha1-96 takes a key of exactly 20 bytes, got 8 (RFC 2404)"}},
      {"k7Qw2ZpX",
       "s3cr3t",
       {"28:7: key: is weak: it has 6 bytes, but at least 8 are required; allow_weak_keys = true permits it"}},
      {"2026-11-01T00:00:00Z",
       "2026-11-01T00:00:00",
       {"33:14: not_before: must be a date and time with its offset, such as 2026-12-01T00:00:00Z, got a float, date "
        "or "
        "time"}},
      {"not_before = 2026-11-01T00:00:00Z",
       "not_before = 2026-11-01T00:00:00Z\nnot_after = 2026-11-01T01:00:00+01:00",
       {"34:13: not_after: must be later than not_before"}},
  };
  for (const KeyringFault& c : cases) {
    EXPECT_THAT(WithoutFile(LoadRing(c.piece, c.instead).errors), ElementsAreArray(c.errors)) << c.instead;
  }
}

TEST(LoadKeyringTest, NamesDiffer) {
  EXPECT_THAT(Errors(absl::StrCat(kGoodFile, absl::StrReplaceAll(kRing, {{"key_file = \"two\"", "key = \"x8fj2qpz\""}}),
                                  "[[keyring]]\nname = \"core\"\n[[keyring.key]]\nid = 1\nkey = \"k7Qw2ZpX\"\n")),
              ElementsAre("35:8: name 'core': the keyring in line 24 already has this name"));
}

TEST(LoadKeyringTest, OneKeyAtLeastAndKMaxKeysAtMost) {
  const std::string start = absl::StrCat(kGoodFile, "[[keyring]]\nname = \"core\"\nsign = 1\n");
  EXPECT_THAT(Errors(start + "key = []\n"),
              ElementsAre("22:8: sign '1': no key of the ring has this id", "23:7: key: must be 1..16 keys, got 0"));
  std::string keys;
  for (size_t i = 1; i <= kMaxKeys + 1; ++i) {
    absl::StrAppend(&keys, "[[keyring.key]]\nid = ", i, "\nkey = \"k7Qw2Zp", std::string(1, static_cast<char>('A' + i)),
                    "\"\n");
  }
  EXPECT_THAT(Errors(start + keys), ElementsAre("23:1: key: must be 1..16 keys, got 17"));
}

TEST(LoadKeyringTest, WeakKeysAreAllowedByTheRing) {
  const LoadResult result = Load(
      absl::StrCat(kGoodFile, absl::StrReplaceAll(
                                  kRing, {{"k7Qw2ZpX", "s3cr3t"}, {"sign = 2", "sign = 2\nallow_weak_keys = true"}})),
      {{"/etc/two", "12345678"}});
  EXPECT_THAT(Lines(result.errors), IsEmpty());
}

TEST(LoadKeyringTest, AnUnusedRingIsAWarning) {
  const LoadResult result =
      Load(absl::StrCat(kGoodFile, "[[keyring]]\nname = \"core\"\n[[keyring.key]]\nid = 1\nkey = \"k7Qw2ZpX\"\n"));
  EXPECT_THAT(Lines(result.errors), IsEmpty());
  EXPECT_THAT(WithoutFile(result.warnings), ElementsAre("21:8: keyring 'core': no instance uses it"));
}

// A faulty ring is reported once, and not again for its users.
TEST(LoadKeyringTest, NoMessageShowsAKey) {
  for (const std::string& instead : {std::string("QjXv"), std::string("QjXvZwQjX")}) {
    const LoadResult result = LoadRing("k7Qw2ZpX", instead);
    ASSERT_EQ(result.errors.size(), 1u);
    EXPECT_THAT(result.errors[0].message, Not(HasSubstr("Qj")));
  }
}

TEST(KeyringTest, ValidityIsFromNotBeforeUntilNotAfter) {
  KeyConfig key;
  EXPECT_EQ(ValidityAt(key, 0), KeyValidity::kValid);
  key.not_before = 100;
  key.not_after = 200;
  EXPECT_EQ(ValidityAt(key, 99), KeyValidity::kNotYet);
  EXPECT_EQ(ValidityAt(key, 100), KeyValidity::kValid);
  EXPECT_EQ(ValidityAt(key, 199), KeyValidity::kValid);
  EXPECT_EQ(ValidityAt(key, 200), KeyValidity::kExpired);
}

TEST(KeyringTest, AKeyFileHoldsTextOrHexDigits) {
  EXPECT_EQ(*ParseKeyFile(Bytes("k7Qw2ZpX\n")), Bytes("k7Qw2ZpX"));
  EXPECT_EQ(*ParseKeyFile(Bytes("hex:6b37\r\n")), Bytes("k7"));
  EXPECT_FALSE(ParseKeyFile(Bytes("hex:6b3")).ok());
}

}  // namespace
}  // namespace dpvrrp
