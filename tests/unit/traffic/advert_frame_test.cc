// SPDX-License-Identifier: BSD-3-Clause
//
// AdvertFrame against frames that keepalived sent, and against checksums, ICVs and HMACs that no code of lib/ computed.
// So a test that receives an AdvertFrame does not check the project's code against itself.
#include "traffic/advert_frame.h"

#include <gtest/gtest.h>

#include "support/captures.h"
#include "support/reference.h"
#include "support/seen_frame.h"

namespace dpvrrp {
namespace {

// The fields as a sniffer decodes them.
AdvertFrame FrameOf(const SeenAdvert& seen, const Bytes& key) {
  AdvertFrame out;
  out.destination_mac = seen.destination_mac;
  out.source_mac = seen.source_mac;
  out.vlan_tags = seen.vlan_tags;
  out.tos = seen.tos;
  out.ttl = seen.ttl;
  out.ip_id = seen.ip_id;
  out.source = seen.source;
  out.destination = seen.destination;
  out.version = seen.version;
  out.vrid = seen.vrid;
  out.priority = seen.priority;
  out.auth_type = seen.auth_type;
  out.interval = seen.interval;
  out.checksum_rule = seen.checksum_rule;
  out.addresses = seen.addresses;
  if (seen.version == 2) out.auth_data = seen.auth_data;
  if (seen.sequence.has_value()) {
    out.key = key;
    out.sequence = *seen.sequence;
    // By unicast keepalived's ICV does not cover the TTL.
    out.rule = seen.destination.IsMulticast() ? IcvRule::kKeepalived : IcvRule::kRfc4302;
  }
  if (seen.trailer.has_value()) {
    out.trailer_key = key;
    out.key_id = seen.trailer->key_id;
    out.trailer_number = seen.trailer->number;
  }
  return out;
}

uint32_t TakeFlowLabel(Bytes& frame) {
  if (frame.size() < 54 || frame[12] != 0x86) return 0;
  const uint32_t label = uint32_t{frame[15] & 0x0fu} << 16 | uint32_t{frame[16]} << 8 | frame[17];
  frame[15] &= 0xf0;
  frame[16] = frame[17] = 0;
  return label;
}

TEST(AdvertFrameTest, IsByteForByteWhatKeepalivedSends) {
  const std::string passphrase = "an ASCII passphrase of at least thirty-two bytes";
  Bytes counted(32);
  for (size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<uint8_t>(i);
  const std::pair<const char*, Bytes> files[] = {
      {"ah-mcast-1vip.pcap", KeepalivedKey("s3cr3t")},
      {"ah-mcast-20vip.pcap", KeepalivedKey("longerthan8chars")},
      {"ah-vmac.pcap", KeepalivedKey("s3cr3t")},
      {"ah-unicast-2peers.pcap", KeepalivedKey("s3cr3t")},
      {"prio0-shutdown-and-takeover.pcap", KeepalivedKey("s3cr3t")},
      {"hmac-v2-ipv4.pcap", Bytes(passphrase.begin(), passphrase.end())},
      {"hmac-v3-ipv4.pcap", counted},
      {"hmac-v3-ipv6.pcap", counted},
      {"pass.pcap", {}},
      {"v2-noauth.pcap", {}},
      {"v3-ipv4.pcap", {}},
      {"v3-ipv6.pcap", {}},
  };
  for (const auto& [file, key] : files) {
    size_t adverts = 0;
    for (const CapturedFrame& captured : ReadCapture(file)) {
      Bytes unlabelled = captured.bytes;  // Linux gives its IPv6 packets a flow label, SeeAdvert() accepts none
      const uint32_t flow_label = TakeFlowLabel(unlabelled);
      const std::optional<SeenAdvert> seen = SeeAdvert(unlabelled);
      if (!seen.has_value()) continue;
      ++adverts;
      AdvertFrame frame = FrameOf(*seen, key);
      frame.flow_label = flow_label;
      EXPECT_EQ(ToHex(frame.Build()), ToHex(captured.bytes)) << file;
    }
    EXPECT_GE(adverts, 4u) << file;
  }
}

TEST(AdvertFrameTest, EveryAlgorithmSignsWhatTheReferenceSigns) {
  for (const MacAlgorithmInfo& info : AllMacAlgorithms()) {
    for (const IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
      for (const char* source : {"10.99.0.1", "fe80::1"}) {
        const AdvertFrame advert{.source = Ip(source),
                                 .key = Bytes(info.key_bytes, 0x5a),
                                 .algorithm = info.algorithm,
                                 .rule = rule,
                                 .sequence = 0x01020304,
                                 .version = 3,
                                 .addresses = {Ip(source)}};
        const Bytes frame = advert.Build();
        const std::optional<SeenAdvert> seen = SeeAdvert(frame);  // whose checksums are right
        ASSERT_TRUE(seen.has_value()) << info.name << " " << source;
        const Bytes icv(seen->icv.begin(), seen->icv.begin() + static_cast<ptrdiff_t>(info.icv_bytes));
        EXPECT_EQ(icv, ReferenceIcv(std::span(frame).subspan(14), advert.key, info.algorithm, rule)) << info.name;
      }
    }
  }
}

TEST(AdvertFrameTest, AFaultIsTheOnlyDifference) {
  const auto differences = [](const AdvertFrame& good, AdvertFrame bad) {
    const Bytes a = good.Build(), b = bad.Build();
    EXPECT_EQ(a.size(), b.size());
    std::vector<size_t> at;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (a[i] != b[i]) at.push_back(i);
    }
    return at;
  };
  const AdvertFrame plain, ah{.key = KeepalivedKey("s3cr3t")};
  AdvertFrame bad = plain;
  bad.wrong_checksum = true;
  EXPECT_EQ(differences(plain, bad), std::vector<size_t>{14 + 20 + 6});
  bad = ah;
  bad.forged = true;
  EXPECT_EQ(differences(ah, bad), std::vector<size_t>{14 + 20 + 12 + 11});
  bad = plain;
  bad.ttl = 254;  // and the header checksum with it
  EXPECT_EQ(differences(plain, bad), (std::vector<size_t>{14 + 8, 14 + 10}));
  bad = plain;
  bad.cut_to = 40;
  const Bytes whole = plain.Build();
  EXPECT_EQ(bad.Build(), Bytes(whole.begin(), whole.begin() + 40));
}

}  // namespace
}  // namespace dpvrrp
