// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "load_text.h"

namespace dpvrrp {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kLegacy = "algorithm 'hmac-md5-96': legacy, for keepalived peers only (RFC 8221 6)";
const std::string kInClear = "type 'simple': the password is sent in clear (RFC 2338 10.2)";
const std::string kText32 = "pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo";

// `body` starts in line 21 of the good file.
LoadResult LoadAuth(absl::string_view body, const std::map<std::string, std::string>& secrets = {}) {
  return Load(absl::StrCat(kGoodFile, "[instance.authentication]\n", body), secrets);
}

std::vector<std::string> Short(const std::vector<ConfigFault>& faults) {
  std::vector<std::string> lines;
  for (const std::string& line : Lines(faults)) lines.emplace_back(absl::StripPrefix(line, "/etc/c.toml:"));
  return lines;
}

AuthConfig SimpleAuth(SecretBytes password) {
  AuthConfig auth;
  auth.kind = AuthKind::kSimple;
  auth.password = std::move(password);
  return auth;
}

AuthConfig AhAuth(MacAlgorithm algorithm, IcvRule rule, SecretBytes key) {
  AuthConfig auth;
  auth.kind = AuthKind::kAh;
  auth.algorithm = algorithm;
  auth.icv_rule = rule;
  auth.keyring = OwnKey(std::move(key));
  return auth;
}

struct GoodCase {
  absl::string_view body;
  AuthConfig auth;
  std::vector<absl::string_view> warnings;
};

void ExpectLoads(const std::vector<GoodCase>& cases, const std::map<std::string, std::string>& secrets) {
  for (const GoodCase& c : cases) {
    const LoadResult result = LoadAuth(c.body, secrets);
    EXPECT_THAT(Short(result.errors), IsEmpty()) << c.body;
    EXPECT_THAT(Short(result.warnings), ElementsAreArray(c.warnings)) << c.body;
    ASSERT_EQ(result.config.instances.size(), 1u) << c.body;
    EXPECT_EQ(result.config.instances[0].auth, c.auth) << c.body;
  }
}

TEST(LoadAuthTest, TakesWhatTheRulesAllow) {
  const auto md5 = MacAlgorithm::kHmacMd5_96;
  ExpectLoads(
      {
          {"type = \"none\"\n", {}, {}},
          {"type = \"simple\"\npassword = \"pw12\"\n", SimpleAuth(Bytes("pw12")), {"21:8: " + kInClear}},
          {"type = \"simple\"\npassword_file = \"hex\"\n",  // text always: "hex:" means nothing in a password
           SimpleAuth(Bytes("hex:7331")),
           {"21:8: " + kInClear}},
          {"type = \"ah\"\nkey = \"s3cr3t\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("s3cr3t")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nalgorithm = \"hmac-md5-96\"\nicv_rule = \"keepalived\"\nkey = \"12345678\"\nallow_weak_keys "
           "= true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("12345678")),
           {"22:13: " + kLegacy}},
          // keepalived cuts auth_pass to 8 bytes, so do we.
          {"type = \"ah\"\nkey = \"longerthan8chars\"\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("longerth")),
           {"20:1: " + kLegacy, "22:7: key: only the first 8 of 16 bytes are used, as in keepalived"}},
          {"type = \"ah\"\nkey_hex = \"7333637233740000\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes(std::string("s3cr3t\0\0", 8))),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nkey_hex = \"fF\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("\xff")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nkey_file = \"/keys/text\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("s3cr3t")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nkey_file = \"hex\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kKeepalived, Bytes("s1")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nkey_file = \"newlines\"\nallow_weak_keys = true\n",  // only the last newline is removed
           AhAuth(md5, IcvRule::kKeepalived, Bytes("a\n")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nicv_rule = \"rfc4302\"\nkey = \"0123456789abcdef\"\nallow_weak_keys = true\n",
           AhAuth(md5, IcvRule::kRfc4302, Bytes("0123456789abcdef")),
           {"20:1: " + kLegacy}},
          {"type = \"ah\"\nalgorithm = \"hmac-sha256-128\"\nicv_rule = \"rfc4302\"\nkey = \"" + kText32 + "\"\n",
           AhAuth(MacAlgorithm::kHmacSha256_128, IcvRule::kRfc4302, Bytes(kText32)),
           {}},
      },
      {{"/keys/text", "s3cr3t\r\n"}, {"/etc/hex", "hex:7331\n"}, {"/etc/newlines", "a\n\n"}});
}

struct BadCase {
  absl::string_view body;
  std::vector<absl::string_view> errors;
};

void ExpectErrors(const std::vector<BadCase>& cases, const std::map<std::string, std::string>& secrets = {}) {
  for (const BadCase& c : cases) {
    EXPECT_THAT(Short(LoadAuth(c.body, secrets).errors), ElementsAreArray(c.errors)) << c.body;
  }
}

TEST(LoadAuthTest, UnknownWordsAreRefused) {
  ExpectErrors({
      {"", {"20:1: type: is required in [instance.authentication]"}},
      {"type = \"AH\"\nkey = \"k7Qw2ZpX\"\n", {"21:8: type 'AH': must be one of none, simple, ah, auth-hmac"}},
      {"type = \"ah\"\nkey = \"k7Qw2ZpX\"\nalgorithm = \"md5\"\n",
       {"23:13: algorithm 'md5': must be one of hmac-md5-96, hmac-sha1-96, hmac-sha256-128, hmac-sha384-192, "
        "hmac-sha512-256, aes-128-cmac-96, aes-128-gmac, aes-256-gmac"}},
      {"type = \"ah\"\nkey = \"k7Qw2ZpX\"\nicv_rule = \"rfc2402\"\n",
       {"23:12: icv_rule 'rfc2402': must be one of keepalived, rfc4302"}},
      {"type = \"ah\"\nkye = \"a\"\n",
       {"20:1: key: one of key, key_hex, key_file, keyring is required",
        "22:1: unknown key 'kye' in [instance.authentication]: did you mean 'key'?"}},
      {"type = \"ah\"\nkey = 12345\n", {"22:7: key: must be a string, got an integer"}},
  });
}

TEST(LoadAuthTest, KeysOfAnotherType) {
  ExpectErrors({
      {"type = \"none\"\nalgorithm = \"hmac-md5-96\"\nicv_rule = \"keepalived\"\nkey = \"k7Qw2ZpX\"\n",
       {"22:13: algorithm: is not allowed with type 'none'", "23:12: icv_rule: is not allowed with type 'none'",
        "24:7: key: is not allowed with type 'none'"}},
      {"type = \"none\"\npassword = \"a\"\n", {"22:12: password: is not allowed with type 'none'"}},
      {"type = \"simple\"\npassword = \"a\"\nkey_hex = \"00\"\nalgorithm = \"hmac-md5-96\"\n",
       {"23:11: key_hex: is not allowed with type 'simple'", "24:13: algorithm: is not allowed with type 'simple'"}},
      {"type = \"ah\"\nkey = \"k7Qw2ZpX\"\npassword = \"a\"\npassword_file = \"a\"\n",
       {"23:12: password: is not allowed with type 'ah'", "24:17: password_file: is not allowed with type 'ah'"}},
  });
}

TEST(LoadAuthTest, ExactlyOneSecret) {
  ExpectErrors(
      {
          {"type = \"ah\"\n", {"20:1: key: one of key, key_hex, key_file, keyring is required"}},
          {"type = \"ah\"\nkey_file = \"k\"\nkey = \"k7Qw2ZpX\"\nkey_hex = \"00\"\n",
           {"22:12: key_file: key is given too, choose one", "24:11: key_hex: key is given too, choose one"}},
          {"type = \"simple\"\n", {"20:1: password: one of password, password_file is required"}},
          {"type = \"simple\"\npassword = \"a\"\npassword_file = \"k\"\n",
           {"23:17: password_file: password is given too, choose one"}},
      },
      {{"/etc/k", "k7Qw2ZpX"}});
}

TEST(LoadAuthTest, SecretFiles) {
  ExpectErrors(
      {
          {"type = \"ah\"\nkey_file = \"gone\"\n", {"22:12: key_file: /etc/gone: no such file"}},
          {"type = \"ah\"\nkey_file = \"\"\n", {"22:12: key_file: must name a file"}},
          {"type = \"ah\"\nkey_file = \"empty\"\n", {"22:12: key_file: must not be empty"}},
          {"type = \"ah\"\nkey_file = \"odd\"\n", {"22:12: key_file: must be pairs of hex digits"}},
          {"type = \"simple\"\npassword_file = \"gone\"\n", {"22:17: password_file: /etc/gone: no such file"}},
          {"type = \"simple\"\npassword_file = \"empty\"\n",
           {"22:17: password_file: must be 1..8 bytes, got 0 (RFC 2338 5.3.6.2)"}},
      },
      {{"/etc/empty", "\n"}, {"/etc/odd", "hex:123"}});
}

// Conformance.
TEST(LoadAuthTest, SecretLengths) {
  ExpectErrors(
      {
          {"type = \"simple\"\npassword = \"\"\n", {"22:12: password: must be 1..8 bytes, got 0 (RFC 2338 5.3.6.2)"}},
          {"type = \"simple\"\npassword = \"123456789\"\n",
           {"22:12: password: must be 1..8 bytes, got 9 (RFC 2338 5.3.6.2)"}},
          {"type = \"ah\"\nkey = \"\"\n", {"22:7: key: must not be empty"}},
          {"type = \"ah\"\nkey_hex = \"\"\n", {"22:11: key_hex: must not be empty"}},
          {"type = \"ah\"\nkey_hex = \"0g\"\n", {"22:11: key_hex: must be pairs of hex digits"}},
          {"type = \"ah\"\nkey_hex = \"001122334455667788\"\n",
           {"22:11: key_hex: must be 1..8 bytes for icv_rule 'keepalived', got 9"}},
          {"type = \"ah\"\nkey_file = \"nine\"\n",
           {"22:12: key_file: must be 1..8 bytes for icv_rule 'keepalived', got 9"}},
          {"type = \"ah\"\nicv_rule = \"rfc4302\"\nkey = \"s3cr3t\"\n",
           {"23:7: key: hmac-md5-96 takes a key of exactly 16 bytes, got 6 (RFC 2403)"}},
          {"type = \"ah\"\nicv_rule = \"rfc4302\"\nalgorithm = \"hmac-sha1-96\"\nkey = \"" + kText32 + "\"\n",
           {"24:7: key: hmac-sha1-96 takes a key of exactly 20 bytes, got 32 (RFC 2404)"}},
          {"type = \"ah\"\nicv_rule = \"rfc4302\"\nalgorithm = \"hmac-sha256-128\"\nkey_hex = \"00\"\n",
           {"24:11: key_hex: hmac-sha256-128 takes a key of exactly 32 bytes, got 1 (RFC 4868)"}},
      },
      {{"/etc/nine", "hex:001122334455667788"}});
}

TEST(LoadAuthTest, WeakKeysAreRefusedUnlessAllowed) {
  const std::string allowed = "; allow_weak_keys = true permits it";
  const std::string short_key = "22:7: key: is weak: it has 6 bytes, but at least 8 are required" + allowed;
  const std::string well_known =
      "22:7: key: is weak: it needs only about 10 bits to guess, but at least 32 are required" + allowed;
  const std::string repeated =
      "24:7: key: is weak: it needs only about 41 bits to guess, but at least 64 are required" + allowed;
  ExpectErrors({
      {"type = \"ah\"\nkey = \"s3cr3t\"\n", {short_key}},
      {"type = \"ah\"\nkey = \"s3cr3t\"\nallow_weak_keys = false\n", {short_key}},
      {"type = \"ah\"\nkey = \"password\"\n", {well_known}},
      {"type = \"ah\"\nkey = \"passwordIsCutToThat\"\n", {well_known}},
      {"type = \"ah\"\nkey = \"keepalived\"\n",
       {"22:7: key: is weak: it needs only about 14 bits to guess, but at least 32 are required" + allowed}},
      {"type = \"ah\"\nicv_rule = \"rfc4302\"\nalgorithm = \"hmac-sha256-128\"\nkey = "
       "\"aB3dE7xaB3dE7xaB3dE7xaB3dE7xaB3d\"\n",
       {repeated}},
      {"type = \"ah\"\nkey = \"k7Qw2ZpX\"\nallow_weak_keys = 1\n",
       {"23:19: allow_weak_keys: must be true or false, got an integer"}},
      {"type = \"simple\"\npassword = \"a\"\nallow_weak_keys = true\n",
       {"23:19: allow_weak_keys: is not allowed with type 'simple'"}},
      {"type = \"none\"\nkeyring = \"a\"\n", {"22:11: keyring: is not allowed with type 'none'"}},
  });
}

TEST(LoadAuthTest, KeepalivedKnowsOneAlgorithm) {
  ExpectErrors({{"type = \"ah\"\nalgorithm = \"hmac-sha1-96\"\nkey = \"pJ4vNq8Zs1WfXe6TuYd3\"\n",
                 {"22:13: algorithm 'hmac-sha1-96': icv_rule 'keepalived' supports only hmac-md5-96; other algorithms "
                  "require icv_rule 'rfc4302'"}}});
}

// However the secret is misplaced or misspelt.
TEST(LoadAuthTest, NoMessageShowsASecret) {
  const std::string secret = "QjXvZw";
  const std::string start = "type = \"ah\"\n";
  for (const std::string& body : {
           start + "key = \"" + secret + "\"\nicv_rule = \"rfc4302\"\n",
           start + "key = \"" + secret + secret + "\"\n",
           start + "key_hex = \"" + secret + "\"\n",
           start + "key_file = \"k\"\n",
           start + "key = " + secret + "\n",
           start + "key = \"" + secret + "\n",
           start + "key = \"\\" + secret + "\"\n",
           start + "key = \"\"" + secret + "\"\n",
           start + "key = \"\"\"" + secret + "\n",
           start + "key = [\"" + secret + "\"]\n",
           start + "key = { text = \"" + secret + "\" }\n",
           start + "keyy = \"" + secret + "\"\n",
           start + "password = \"" + secret + "\"\n",
           "type = \"simple\"\npassword = \"" + secret + secret + "\"\n",
           "type = \"none\"\nkey = \"" + secret + "\"\n",
       }) {
    const LoadResult result = LoadAuth(body, {{"/etc/k", "hex:" + secret}});
    EXPECT_FALSE(result.errors.empty() && result.warnings.empty()) << body;
    EXPECT_THAT(Lines(result.errors), Each(Not(AnyOf(HasSubstr("Qj"), HasSubstr("'Q'"), HasSubstr("\\Q"))))) << body;
    EXPECT_THAT(Lines(result.warnings), Each(Not(HasSubstr("Qj")))) << body;
  }
  EXPECT_THAT(Lines(LoadAuth(start + "key = 777777777777777777777777\n").errors),
              ElementsAre(AllOf(HasSubstr("'…' is not representable in 64 bits"), Not(HasSubstr("77")))));
}

}  // namespace
}  // namespace dpvrrp
