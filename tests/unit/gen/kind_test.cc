// SPDX-License-Identifier: BSD-3-Clause
//
// Each kind of frame, sent to a Shard that is configured for it, ends as the table of kinds says.
#include "gen/kind.h"

#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "unit/gen/gen_testing.h"

namespace dpvrrp {
namespace {

// A group to which a stream sends.
struct Group {
  VrrpVersion version;
  Family family;
  AuthKind auth;
};

std::string TrailerKeyHex() {
  std::string text;
  for (const uint8_t byte : TrailerKey()) absl::StrAppend(&text, absl::Hex(byte, absl::kZeroPad2));
  return text;
}

std::string Lines(const Group& g, absl::string_view kind) {
  static constexpr absl::string_view kRfcAh =
      "{ type = \"ah\", algorithm = \"hmac-sha256-128\", icv_rule = \"rfc4302\", spi = 4096, key_hex = \"";
  std::string auth;
  if (g.auth == AuthKind::kSimple) auth = "{ type = \"simple\", password = \"secret\" }";
  if (g.auth == AuthKind::kAh) {
    auth = g.family == Family::kIpv4 ? "{ type = \"ah\", key = \"s3cr3t\" }"
                                     : absl::StrCat(kRfcAh, TrailerKeyHex(), "\" }");
  }
  if (g.auth == AuthKind::kAuthHmac)
    auth = absl::StrCat("{ type = \"auth-hmac\", key_hex = \"", TrailerKeyHex(), "\" }");
  return absl::StrCat("kind = \"", kind, "\"\nversion = ", static_cast<int>(g.version), "\nvrid = 51\n",
                      auth.empty() ? "" : absl::StrCat("authentication = ", auth, "\n"),
                      g.family == Family::kIpv4
                          ? "source_address = \"10.99.0.1\"\nvirtual_addresses = [\"10.99.0.100\"]\n"
                          : "source_address = \"fe80::1\"\nvirtual_addresses = [\"fe80::100\", \"2001:db8::100\"]\n",
                      kind == "stale-gateway" ? "" : "sequence = 100000\n");
}

VirtualRouterConfig RouterOf(const Group& g, SequenceRecord& record) {
  VirtualRouterConfig config = g.version == VrrpVersion::kV3 ? V3Config(g.family) : BackupConfig();
  if (g.auth == AuthKind::kSimple) {
    config.auth = AuthKind::kSimple;
    std::copy_n("secret", 6, config.password.begin());
  }
  if (g.auth == AuthKind::kAh) {
    const bool v4 = g.family == Family::kIpv4;
    config.auth = AuthKind::kAh;
    config.keys = v4 ? OneKey(*MacKey::Create(MacAlgorithm::kHmacMd5_96, KeepalivedKey("s3cr3t")))
                     : OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, TrailerKey()));
    config.record = &record;
    if (!v4) config.icv_rule = IcvRule::kRfc4302;
    if (!v4) config.spi = 4096;
  }
  if (g.auth == AuthKind::kAuthHmac) config = TrailerConfig(record, std::move(config));
  return config;
}

std::vector<Group> Groups() {
  using enum VrrpVersion;
  using enum Family;
  using enum AuthKind;
  return {{kV2, kIpv4, kNone},     {kV2, kIpv4, kSimple},  {kV2, kIpv4, kAh},   {kV2, kIpv4, kAuthHmac},
          {kV3, kIpv4, kNone},     {kV3, kIpv4, kAh},      {kV3, kIpv6, kNone}, {kV3, kIpv6, kAh},
          {kV3, kIpv4, kAuthHmac}, {kV3, kIpv6, kAuthHmac}};
}

std::string NameOf(const Group& g, absl::string_view kind) {
  return absl::StrCat(kind, " in VRRPv", static_cast<int>(g.version), " over IPv", static_cast<int>(g.family),
                      ", authentication ", static_cast<int>(g.auth));
}

// A shard whose router has heard a valid advert of the same source, with a higher number than a stale gateway's.
class Receiver {
 public:
  explicit Receiver(const Group& g) {
    shard_.SetUtc(kGenUtc);
    shard_.Add(RouterOf(g, record_));
    TestRun valid(Lines(g, "valid"));
    EXPECT_EQ(shard_.Receive(valid.At(0ns).front()), DropReason::kNone) << NameOf(g, "valid");
  }

  DropReason Receive(const Bytes& frame) { return shard_.Receive(frame); }

 private:
  SequenceRecord record_;
  TestShard shard_;
};

TEST(GenKindTest, EachKindEndsAsItsRowSays) {
  size_t sent = 0;
  std::set<absl::string_view> seen;
  for (const Group& group : Groups()) {
    for (const GenKind& kind : AllGenKinds()) {
      if (!kind.Exists(group.version, group.family, group.auth)) continue;
      Receiver to(group);
      std::string lines = Lines(group, kind.name);
      // Above the number that the router has heard, unless the kind is about an old one.
      if (size_t at = lines.find("sequence = 100000"); at != std::string::npos)
        lines.replace(at, 17, "sequence = 100001");
      TestRun run(lines);
      std::vector<Bytes> frames = run.At(10ms);
      if (kind.role == GenRole::kMaster) frames.push_back(run.At(1s).at(0));
      ASSERT_GE(frames.size(), 2u) << NameOf(group, kind.name);
      if (kind.name == "replayed") to.Receive(frames[0]);  // that one may be new
      EXPECT_EQ(std::string(ToString(to.Receive(frames[1]))),
                std::string(ToString(*kind.End(group.version, group.auth))))
          << NameOf(group, kind.name);
      ++sent;
      seen.insert(kind.name);
    }
  }
  EXPECT_EQ(seen.size(), AllGenKinds().size()) << "a kind exists in no group";
  EXPECT_GT(sent, 200u);
}

TEST(GenKindTest, FramesOfOneKindDoNotBecomeAuthenticByChance) {
  const Group group{VrrpVersion::kV2, Family::kIpv4, AuthKind::kAh};
  Receiver to(group);
  TestRun run(Lines(group, "forged") + "rate = 0\n");
  std::set<Bytes> different;
  for (int burst = 0; burst < 10; ++burst) {
    for (const Bytes& frame : run.At(1ms)) {
      EXPECT_NE(to.Receive(frame), DropReason::kNone);
      different.insert(frame);
    }
  }
  EXPECT_EQ(different.size(), 10 * kMaxBurst) << "each frame has its own number and ICV";
}

TEST(GenKindTest, NamesAreFoundAndUnique) {
  std::set<absl::string_view> names;
  for (const GenKind& kind : AllGenKinds()) {
    EXPECT_EQ(FindGenKind(kind.name), &kind);
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.meaning.empty());
  }
  EXPECT_EQ(FindGenKind("no such kind"), nullptr);
}

}  // namespace
}  // namespace dpvrrp
