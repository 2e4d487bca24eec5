// SPDX-License-Identifier: BSD-3-Clause
//
// Each drop reason leads to a verdict that names the sender. If there is no verdict, the test says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "control/rogues/diagnosis/reasons.h"
#include "unit/control/rogues/lan.h"

namespace dpvrrp {
namespace {

using diagnosis::AllReasonRows;
using diagnosis::ReasonRow;
using R = DropReason;

struct Refused {
  InstanceConfig config;
  std::function<void(Lan&)> plant;
};

// Three adverts, a second apart, that are dropped for this reason.
std::map<R, Refused> AllRefused() {
  std::map<R, Refused> all;
  const auto says = [&](R reason, InstanceConfig config, const std::function<void(AdvertFrame&)>& change) {
    const bool has_ah = config.auth.kind == AuthKind::kAh;
    const bool is_v3 = config.version == VrrpVersion::kV3;
    all[reason] = {std::move(config), [=](Lan& lan) {
                     lan.Speak(3, [&](uint32_t i) {
                       AdvertFrame frame = has_ah ? Rogue() : is_v3 ? V3Rogue() : PlainRogue();
                       frame.sequence = 1000 + i;
                       change(frame);
                       return frame;
                     });
                   }};
  };
  const auto trailer_says = [&](R reason, const std::function<void(AdvertFrame&)>& change, int64_t ahead = 0) {
    all[reason] = {WithTrailer(), [=](Lan& lan) {
                     lan.Speak(3, [&](uint32_t) {
                       AdvertFrame frame = lan.Trailer(ahead);
                       change(frame);
                       return frame;
                     });
                   }};
  };
  const auto as_it_is = [](AdvertFrame&) {};
  says(R::kTruncated, Plain(), [](AdvertFrame& f) { f.total_length = 200; });
  says(R::kUnknownSegment, Plain(), [](AdvertFrame& f) { f.vlan_tags = {7}; });
  says(R::kBadIpHeader, Plain(), [](AdvertFrame& f) { f.version_ihl = 0x55; });
  says(R::kBadIpChecksum, Plain(), [](AdvertFrame& f) { f.ip_checksum = 1; });
  says(R::kFragment, Plain(), [](AdvertFrame& f) { f.flags_fragment = 0x2000; });
  says(R::kBadDestination, Plain(), [](AdvertFrame& f) { f.destination = Ip("10.99.0.2"); });
  says(R::kBadTtl, Plain(), [](AdvertFrame& f) { f.ttl = 64; });
  says(R::kBadSource, Plain(), [](AdvertFrame& f) { f.source = IpAddress::V4(0); });
  says(R::kAhOptions, AhInstance(), [](AdvertFrame& f) { f.ip_options = {0x94, 4, 0, 0}; });
  says(R::kBadVersion, Plain(), [](AdvertFrame& f) { f.version = 3; });
  says(R::kBadType, Plain(), [](AdvertFrame& f) { f.type = 3; });
  says(R::kBadLength, Plain(), [](AdvertFrame& f) { f.auth_data.clear(); });
  says(R::kNoAddresses, Plain(), [](AdvertFrame& f) { f.addresses.clear(); });
  says(R::kBadChecksum, Plain(), [](AdvertFrame& f) { f.checksum = 0x1234; });
  says(R::kBadInterval, Plain(VrrpVersion::kV3), [](AdvertFrame& f) { f.interval = 0; });
  says(R::kUnknownVrid, Plain(), [](AdvertFrame& f) { f.vrid = 52; });
  says(R::kOwnEcho, Plain(), [](AdvertFrame& f) { f.source = Ip("10.99.0.2"); });
  says(R::kInvalidAuthType, Plain(), [](AdvertFrame& f) { f.auth_type = 3; });
  says(R::kAuthTypeMismatch, Plain(), [](AdvertFrame& f) { f.auth_type = 1; });
  says(R::kAhLength, AhInstance(), [](AdvertFrame& f) {
    f.algorithm = MacAlgorithm::kHmacSha256_128;
    f.key = Bytes(32, 0x11);
  });
  says(R::kBadSpi, AhInstance(), [](AdvertFrame& f) { f.spi = 0x1234; });
  says(R::kReplayed, AhInstance(), [](AdvertFrame& f) { f.sequence = 1; });
  says(R::kBadIcv, AhInstance(), [](AdvertFrame& f) { f.forged = true; });
  says(R::kIntervalMismatch, AhInstance(), [](AdvertFrame& f) { f.interval = 5; });
  says(R::kAddressMismatch, AhInstance(), [](AdvertFrame& f) { f.addresses = {Ip("10.99.0.100"), Ip("10.99.0.101")}; });
  trailer_says(R::kExtMissing, [](AdvertFrame& f) { f.trailer_key.clear(); });
  trailer_says(R::kExtMalformed, [](AdvertFrame& f) { f.trailer_type = 2; });
  trailer_says(R::kExtStale, as_it_is, 90);
  all[R::kExtReplay] = {WithTrailer(), [](Lan& lan) {
                          const AdvertFrame first = lan.Trailer();
                          lan.Speak(3, [&](uint32_t) { return first; });
                        }};
  trailer_says(R::kExtUnknownKey, [](AdvertFrame& f) { f.key_id = 9, f.trailer_key = Bytes(32, 0x11); });
  trailer_says(R::kExtInvalidHmac, [](AdvertFrame& f) { f.forged = true; });

  InstanceConfig with_password = Plain();
  with_password.auth.kind = AuthKind::kSimple;
  with_password.auth.password = SecretBytes({'s', 'e', 'c', 'r', 'e', 't'});
  says(R::kBadPassword, with_password, [](AdvertFrame& f) {
    f.auth_type = 1;
    f.auth_data = {'o', 't', 'h', 'e', 'r', 0, 0, 0};
  });
  InstanceConfig choosy = AhInstance();
  choosy.allowed_senders = {Ip("10.99.0.1")};
  says(R::kUnlistedSender, choosy, as_it_is);
  InstanceConfig unicast = Plain();
  unicast.unicast_peers.emplace_back().address = Ip("10.99.0.1");
  says(R::kUnknownPeer, unicast, [](AdvertFrame& f) { f.destination = Ip("10.99.0.2"); });
  InstanceConfig owner = Plain();
  owner.priority = kPriorityOwner;
  says(R::kDuplicateOwner, owner, [](AdvertFrame& f) { f.priority = 255; });
  all[R::kOwnerIgnores] = {owner, [](Lan& lan) { lan.Speak(8, [](uint32_t) { return PlainRogue(); }); }};
  all[R::kBlocked] = {Plain(), [](Lan& lan) {
                        lan.gateway.Ask("sender block 10.99.0.9");
                        lan.Speak(3, [](uint32_t) { return PlainRogue(); });
                      }};
  all[R::kInstanceInactive] = {Plain(), [](Lan& lan) {
                                 lan.PullThePlug();
                                 lan.Speak(3, [](uint32_t) { return PlainRogue(); });
                               }};
  all[R::kStale] = {Rfc4302(), [](Lan& lan) {
                      const auto from = [](uint32_t first) {
                        return [first](uint32_t i) {
                          AdvertFrame frame = Rogue();
                          frame.rule = IcvRule::kRfc4302;
                          frame.sequence = first + i;
                          return frame;
                        };
                      };
                      lan.Speak(3, from(1000));
                      lan.Speak(3, from(500));
                    }};
  all[R::kBehindGroup] = {AhInstance(), [](Lan& lan) {
                            lan.gateway.RunFor(60s);
                            lan.Speak(2, [](uint32_t i) {
                              AdvertFrame frame = Rogue();
                              frame.sequence = i;
                              return frame;
                            });
                          }};
  all[R::kUnverified] = {AhInstance(), [](Lan& lan) { lan.FloodForged(); }};
  return all;
}

TEST(DropReasonsTest, EachHasARowInItsPlace) {
  const std::vector<ReasonRow>& rows = AllReasonRows();
  ASSERT_EQ(rows.size(), kDropReasonCount);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].reason, AllDropReasons()[i].reason);
    EXPECT_NE(rows[i].verdicts.empty(), rows[i].why_none.empty()) << AllDropReasons()[i].name;
  }
}

class ReasonTest : public testing::TestWithParam<size_t> {};

TEST_P(ReasonTest, LeadsToAVerdictThatNamesTheSender) {
  const ReasonRow& row = AllReasonRows()[GetParam()];
  if (row.verdicts.empty()) return;
  const std::map<R, Refused> all = AllRefused();
  const auto refused = all.find(row.reason);
  ASSERT_NE(refused, all.end()) << "no advert is planted for this reason";
  Lan lan(refused->second.config);
  lan.gateway.RunFor(5s);
  refused->second.plant(lan);
  ASSERT_GT(lan.gateway.shard.drops(row.reason), 0u) << "the planted advert is not dropped for this reason";
  const Json found = lan.Diagnosed();
  std::vector<std::string> wanted;
  for (const Verdict verdict : row.verdicts) wanted.emplace_back(InfoOf(verdict).name);
  ASSERT_GE(found.size(), 1u);
  EXPECT_THAT(wanted, testing::Contains(found[0]["verdict"].get<std::string>())) << found.dump(1);
}

INSTANTIATE_TEST_SUITE_P(All, ReasonTest, testing::Range<size_t>(0, kDropReasonCount), [](const auto& at) {
  std::string name(AllDropReasons()[at.param].name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace dpvrrp
