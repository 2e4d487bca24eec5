// SPDX-License-Identifier: BSD-3-Clause
//
// Every way to refuse a frame: it is counted under its reason and changes nothing.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/pipeline/rejection_testing.h"
#include "unit/pipeline/tap_testing.h"

namespace dpvrrp {
namespace {

Bytes Resignation() {
  AdvertFrame frame = Ah();
  frame.priority = 0;
  return frame.Build();
}

// A genuine AH advert of VRID 52, changed to VRID 51 on the way: the byte and the checksum are changed.
Bytes WithVrid(Bytes of_51) {
  AdvertFrame frame = Ah();
  frame.vrid = 52;
  frame.priority = of_51[14 + 20 + 24 + 2];
  Bytes captured = frame.Build();
  std::copy(of_51.begin() + 14 + 20 + 24, of_51.end(), captured.begin() + 14 + 20 + 24);  // except the ICV
  return captured;
}

// A genuine advert of 10.99.0.1, changed to name 10.99.0.3 as source, with its SPI.
Bytes RewrittenSource() {
  AdvertFrame other = Ah();
  other.source = Ip("10.99.0.3");
  const Bytes genuine = Ah().Build();
  Bytes frame = other.Build();
  std::copy_n(genuine.begin() + 14 + 20 + 12, 12, frame.begin() + 14 + 20 + 12);  // the ICV
  return frame;
}

// VRRPv2 over IPv4.
std::vector<Rejection> V2Rejections() {
  using R = DropReason;
  constexpr AuthKind kNone = AuthKind::kNone, kSimple = AuthKind::kSimple, kAh = AuthKind::kAh;
  return {
      {R::kNotVrrp, "IPv6", kNone, PlainWith(WITH(f.ether_type = 0x86dd))},
      {R::kNotVrrp, "UDP", kNone, PlainWith(WITH(f.protocol = 17))},
      {R::kNotVrrp, "three VLAN tags", kNone, PlainWith(WITH((f.vlan_tags = {1, 2, 3})))},
      {R::kTruncated, "inside Ethernet", kNone, CutTo<Plain>(13)},
      {R::kTruncated, "inside IPv4", kNone, CutTo<Plain>(33)},
      {R::kTruncated, "inside VRRP", kNone, CutTo<Plain>(53)},
      {R::kTruncated, "total length beyond the frame", kNone, PlainWith(WITH(f.total_length = 41))},
      {R::kTruncated, "VRRP header not whole by the IP length", kNone, PlainWith(WITH(f.total_length = 27))},
      {R::kTruncated, "AH header not whole by the IP length", kAh, AhWith(WITH(f.total_length = 31))},
      {R::kTruncated, "AH longer than the packet", kAh, AhWith(WITH(f.ah_payload_len = 200))},
      {R::kTruncated, "longer than any frame we take", kNone, PlainWith(WITH(f.padding = Bytes(2000)))},
      {R::kUnknownSegment, "tagged", kNone, PlainWith(WITH(f.vlan_tags = {30}))},
      {R::kBadIpHeader, "version 6", kNone, PlainWith(WITH(f.version_ihl = 0x65))},
      {R::kBadIpHeader, "header length 16", kNone, PlainWith(WITH(f.version_ihl = 0x44))},
      {R::kBadIpHeader, "total length below the header", kNone, PlainWith(WITH(f.total_length = 19))},
      {R::kBadIpChecksum, "wrong", kNone, PlainWith(WITH(f.ip_checksum = 1))},
      {R::kBadIpChecksum, "wrong, with AH", kAh, AhWith(WITH(f.ip_checksum = 1))},
      {R::kFragment, "first of several", kNone, PlainWith(WITH(f.flags_fragment = 0x2000))},
      {R::kFragment, "a later one", kAh, AhWith(WITH(f.flags_fragment = 1))},
      {R::kBadDestination, "unicast", kNone, PlainWith(WITH(f.destination = Ip("10.99.0.2")))},
      {R::kBadDestination, "another group", kNone, PlainWith(WITH(f.destination = Ip("224.0.0.19")))},
      Late({R::kBadDestination,
            "AH to the group, unicast configured",
            kAh,
            AhWith(WITH((void)f)),
            {},
            false,
            MakeAhUnicast}),
      Late({R::kBadDestination,
            "AH to VRRP's group, another configured",
            kAh,
            AhWith(WITH((void)f)),
            {},
            false,
            MakeAhOtherGroup}),
      {R::kBadTtl, "254", kNone, PlainWith(WITH(f.ttl = 254))},
      {R::kBadTtl, "0", kNone, PlainWith(WITH(f.ttl = 0))},
      {R::kBadTtl, "254 with AH", kAh, AhWith(WITH(f.ttl = 254))},
      {R::kBadSource, "unspecified", kNone, PlainWith(WITH(f.source = IpAddress()))},
      {R::kBadSource, "multicast", kNone, PlainWith(WITH(f.source = Ip("224.0.0.18")))},
      {R::kBadSource, "broadcast", kNone, PlainWith(WITH(f.source = Ip("255.255.255.255")))},
      {R::kAhNextHeader, "ESP inside", kAh, AhWith(WITH(f.ah_next_header = 50))},
      {R::kAhOptions, "router alert", kAh, AhWith(WITH((f.ip_options = {0x94, 4, 0, 0})))},
      {R::kBadVersion, "VRRPv3", kNone, PlainWith(WITH(f.version = 3))},
      {R::kBadVersion, "VRRPv3 in AH", kAh, AhWith(WITH(f.version = 3)), {}, true},
      {R::kBadType, "0", kNone, PlainWith(WITH(f.type = 0))},
      {R::kBadType, "2 in AH", kAh, AhWith(WITH(f.type = 2)), {}, true},
      {R::kBadLength, "count too great", kNone, PlainWith(WITH(f.count = 2))},
      {R::kBadLength, "no authentication data", kNone, PlainWith(WITH(f.auth_data.clear()))},
      {R::kBadLength, "bytes behind it", kNone, PlainWith(WITH(f.trailer = Bytes(28)))},
      {R::kBadLength, "count too small in AH", kAh, AhWith(WITH(f.count = 0)), {}, true},
      {R::kNoAddresses, "count 0", kNone, PlainWith(WITH(f.addresses.clear()))},
      {R::kNoAddresses, "count 0 in AH", kAh, AhWith(WITH(f.addresses.clear())), {}, true},
      {R::kBadChecksum, "wrong", kNone, PlainWith(WITH(f.checksum = 0x1234))},
      {R::kBadChecksum, "wrong in AH", kAh, AhWith(WITH(f.checksum = 0x1234)), {}, true},
      Blocked({R::kBlocked, "plain", kNone, PlainWith(WITH((void)f))}),
      Blocked({R::kBlocked, "AH", kAh, AhWith(WITH((void)f))}),
      Blocked({R::kBlocked, "AH, before its ICV is checked", kAh, AhWith(WITH(f.forged = true))}),
      {R::kUnknownVrid, "plain", kNone, PlainWith(WITH(f.vrid = 52))},
      {R::kUnknownVrid, "0", kNone, PlainWith(WITH(f.vrid = 0))},
      {R::kUnknownVrid, "AH", kAh, AhWith(WITH(f.vrid = 52))},
      // The place of the VRID depends on the AH's length. A wrong length points to another byte, so nothing is counted
      // for an instance.
      {R::kUnknownVrid, "AH length one word too great", kAh, AhWith(WITH(f.ah_payload_len = 5))},
      {R::kUnknownVrid, "AH length one word too small", kAh, AhWith(WITH(f.ah_payload_len = 3))},
      {R::kInstanceInactive, "port down", kNone, PlainWith(WITH((void)f)), {}, false, {}, true},
      {R::kInstanceInactive, "port down, AH", kAh, AhWith(WITH((void)f)), {}, false, {}, true},
      {R::kUnknownPeer,
       "AH",
       kAh,
       AhWith(WITH(f.source = Ip("10.99.0.7"); f.destination = Ip("10.99.0.2"))),
       {},
       false,
       MakeAhUnicast},
      {R::kBadIcv,
       "unicast, the TTL covered",
       kAh,
       AhWith(WITH(f.destination = Ip("10.99.0.2"))),
       {},
       false,
       MakeAhUnicast},
      {R::kUnlistedSender, "plain", kNone, PlainWith(WITH((void)f)), {}, false, MakeChoosy},
      {R::kUnlistedSender, "AH", kAh, AhWith(WITH((void)f)), {}, false, MakeChoosy},
      {R::kUnlistedSender, "AH, before its ICV is checked", kAh, AhWith(WITH(f.forged = true)), {}, false, MakeChoosy},
      {R::kOwnEcho, "plain", kNone, PlainWith(WITH(f.source = Ip("10.99.0.2")))},
      {R::kOwnEcho, "AH", kAh, AhWith(WITH(f.source = Ip("10.99.0.2")))},
      {R::kInvalidAuthType, "3", kNone, PlainWith(WITH(f.auth_type = 3))},
      {R::kInvalidAuthType, "255 in AH", kAh, AhWith(WITH(f.auth_type = 255)), {}, true},
      {R::kAuthTypeMismatch, "password where none is wanted", kNone, [] { return Password("secret\0\0").Build(); }},
      {R::kAuthTypeMismatch, "none where a password is wanted", kSimple, PlainWith(WITH((void)f))},
      {R::kAuthTypeMismatch, "AH where none is wanted", kNone, AhWith(WITH((void)f))},
      {R::kAuthTypeMismatch, "AH where a password is wanted", kSimple, AhWith(WITH((void)f))},
      {R::kAuthTypeMismatch, "type 2 without AH, none wanted", kNone, PlainWith(WITH(f.auth_type = 2))},
      {R::kAuthTypeMismatch, "type 2 without AH, AH wanted", kAh, PlainWith(WITH(f.auth_type = 2))},
      {R::kAuthTypeMismatch, "type 0 without AH, AH wanted", kAh, PlainWith(WITH((void)f))},
      {R::kAuthTypeMismatch, "type 0 in AH", kAh, AhWith(WITH(f.auth_type = 0)), {}, true},
      {R::kAuthTypeMismatch, "type 1 in AH", kAh, AhWith(WITH(f.auth_type = 1)), {}, true},
      {R::kAuthTypeMismatch, "priority 255 without AH", kAh, PlainWith(WITH(f.priority = 255))},
      {R::kAuthTypeMismatch, "priority 0 without AH", kAh, PlainWith(WITH(f.priority = 0))},
      {R::kAuthTypeMismatch, "priority 255, type 2 without AH", kAh,
       PlainWith(WITH(f.priority = 255; f.auth_type = 2))},
      {R::kAuthTypeMismatch, "priority 0, type 2 without AH", kAh, PlainWith(WITH(f.priority = 0; f.auth_type = 2))},
      {R::kAuthTypeMismatch, "priority 255 with a password, AH wanted", kAh,
       [] {
         AdvertFrame frame = Password("s3cr3t\0\0");
         frame.priority = 255;
         return frame.Build();
       }},
      {R::kAuthTypeMismatch, "priority 255 without password", kSimple, PlainWith(WITH(f.priority = 255))},
      {R::kAuthTypeMismatch, "priority 0 without password", kSimple, PlainWith(WITH(f.priority = 0))},
      {R::kBadPassword, "another", kSimple, [] { return Password("secreT\0\0").Build(); }},
      {R::kBadPassword, "longer", kSimple, [] { return Password("secret1\0").Build(); }},
      {R::kAhLength, "another algorithm's", kAh, AhWith(WITH(f.algorithm = MacAlgorithm::kHmacSha256_128))},
      {R::kAhLength, "0 words", kAh, AhWith(WITH(f.ah_payload_len = 0))},
      {R::kBadSpi, "0", kAh, AhWith(WITH(f.spi = 0))},
      {R::kBadSpi, "not the source", kAh, AhWith(WITH(f.spi = 0x0a630009))},
      {R::kReplayed, "again", kAh, [] { return Ah(9).Build(); }, {Ah(9).Build()}},
      {R::kReplayed, "priority 0 again", kAh, Resignation, {Resignation()}},
      {R::kStale, "an old priority 0", kAh, Resignation, {Ah(200).Build()}},
      {R::kBadIcv, "another VRID's advert", kAh, [] { return WithVrid(Ah().Build()); }},
      {R::kBadIcv, "another VRID's priority 0", kAh, [] { return WithVrid(Resignation()); }},
      {R::kBadIcv, "another sender's, SPI and source rewritten", kAh, RewrittenSource},
      {R::kReplayed, "0", kAh, [] { return Ah(0).Build(); }},
      {R::kStale, "64 behind", kAh, [] { return Ah(136).Build(); }, {Ah(200).Build()}},
      {R::kBehindGroup,
       "64 behind another",
       kAh,
       AhWith(WITH(f.sequence = 136; f.source = Ip("10.99.0.9"))),
       {Ah(200).Build()}},
      {R::kBadIcv, "one bit", kAh, AhWith(WITH(f.forged = true))},
      {R::kBadIcv, "highest number there is", kAh, AhWith(WITH(f.sequence = 0xffffffff; f.forged = true))},
      {R::kBadIcv, "wrong key", kAh, AhWith(WITH(f.key = KeepalivedKey("secret")))},
      {R::kBadIcv, "priority 0 forged", kAh, AhWith(WITH(f.priority = 0; f.forged = true))},
      {R::kOwnerIgnores, "plain", kNone, PlainWith(WITH((void)f)), {}, false, MakeOwner},
      {R::kOwnerIgnores, "AH", kAh, AhWith(WITH((void)f)), {}, true, MakeOwner},
      {R::kDuplicateOwner, "plain", kNone, PlainWith(WITH(f.priority = 255)), {}, false, MakeOwner},
      {R::kDuplicateOwner, "AH", kAh, AhWith(WITH(f.priority = 255)), {}, true, MakeOwner},
      {R::kIntervalMismatch, "2 s", kNone, PlainWith(WITH(f.interval = 2))},
      {R::kIntervalMismatch, "0 s", kNone, PlainWith(WITH(f.interval = 0))},
      {R::kIntervalMismatch, "AH", kAh, AhWith(WITH(f.interval = 2)), {}, true},
      {R::kAddressMismatch, "another", kNone, PlainWith(WITH((f.addresses = {Ip("10.99.0.101")})))},
      {R::kAddressMismatch, "one more", kNone, PlainWith(WITH((f.addresses.push_back(Ip("10.99.0.101")))))},
      {R::kAddressMismatch, "AH", kAh, AhWith(WITH((f.addresses = {Ip("10.99.0.101")}))), {}, true},
  };
}

const std::vector<Rejection>& AllRejections() {
  static const std::vector<Rejection> kAll = [] {
    std::vector<Rejection> all = V2Rejections();
    for (Rejection& row : V3Rejections()) all.push_back(std::move(row));
    for (Rejection& row : TrailerRejections()) all.push_back(std::move(row));
    return all;
  }();
  return kAll;
}

VirtualRouterConfig RejectingConfig(const Rejection& rejection, SequenceRecord& record) {
  VirtualRouterConfig config = rejection.auth == AuthKind::kAh         ? AhConfig(record)
                               : rejection.auth == AuthKind::kAuthHmac ? TrailerConfig(record)
                                                                       : BackupConfig();
  config.auth = rejection.auth;
  if (rejection.auth == AuthKind::kSimple) std::copy_n("secret\0\0", 8, config.password.begin());
  if (rejection.also) rejection.also(config);
  return config;
}

class RejectionTest : public testing::TestWithParam<Rejection> {
 protected:
  void Prepare(TestShard& t, VirtualRouter& router, bool as_master) {
    t.SetUtc(std::chrono::seconds(kTrailerUtc));
    if (as_master) t.Apply(command::Takeover{&router});
    for (const Bytes& frame : GetParam().before) t.Receive(frame);
    if (as_master) t.Apply(command::Takeover{&router});
    if (GetParam().port_down) t.Apply(command::PortDown{PortId(0)});
    if (GetParam().blocked) t.Apply(command::Block{.place = 0, .sender = {.address = Ip("10.99.0.1")}});
    t.RunFor(300ms);
    t.Events();
  }
};

TEST_P(RejectionTest, TheFrameIsRefusedForItsReasonAndChangesNothing) {
  for (bool as_master : {false, true}) {
    SequenceRecord record;
    TestShard t;
    VirtualRouter& router = t.Add(RejectingConfig(GetParam(), record));
    Prepare(t, router, as_master);
    const std::string before = StateOf(router);
    const Machine machine = router.machine;
    const uint64_t received = router.counters.adverts_received.value();

    ASSERT_EQ(std::string(ToString(t.Receive(GetParam().frame()))), std::string(ToString(GetParam().reason)));

    if (GetParam().authentic) {  // only the number is used up
      EXPECT_EQ(router.senders.highest(), 5u);
      EXPECT_EQ(router.machine.deadline, machine.deadline);
      EXPECT_EQ(router.machine.state, machine.state);
      EXPECT_EQ(router.machine.master_heard, machine.master_heard);
      EXPECT_EQ(router.machine.lower_heard, machine.lower_heard);
      EXPECT_EQ(router.machine.release_heard, machine.release_heard);
      EXPECT_FALSE(router.advert_due.has_value());
    } else {
      EXPECT_EQ(StateOf(router), before);
    }
    EXPECT_EQ(router.counters.adverts_received.value(), received);
    EXPECT_THAT(t.Transmit(), testing::IsEmpty());  // no answer either (AH-29)
  }
}

TEST_P(RejectionTest, TheTapSeesItOnceWithItsReason) {
  SequenceRecord record;
  TestShard t;
  VirtualRouter& router = t.Add(RejectingConfig(GetParam(), record));
  Prepare(t, router, false);
  RecordingTap tap;
  t.shard->SetTap(&tap);
  t.Receive(GetParam().frame());
  ASSERT_EQ(tap.shown.size(), 1u);
  EXPECT_EQ(tap.shown[0].how.end, GetParam().reason);
}

// The instance counts the frame if its VRID has been found.
TEST_P(RejectionTest, TheInstanceCountsItToo) {
  SequenceRecord record;
  TestShard t;
  VirtualRouter& router = t.Add(RejectingConfig(GetParam(), record));
  Prepare(t, router, false);
  t.Receive(GetParam().frame());
  EXPECT_EQ(t.drops(GetParam().reason), 1u);
  const bool before_the_instance =
      GetParam().reason <= DropReason::kUnknownVrid && !GetParam().authentic && !GetParam().late;
  const bool bad_ah_shape = GetParam().reason == DropReason::kAhLength && std::string(GetParam().name) == "0 words";
  EXPECT_EQ(Drops(router, GetParam().reason), before_the_instance || bad_ah_shape ? 0u : 1u);
}

INSTANTIATE_TEST_SUITE_P(All, RejectionTest, testing::ValuesIn(AllRejections()));

// Design 7: each drop reason needs a frame that is dropped for it.
TEST(RejectionCoverageTest, EveryReasonHasAFrameThatIsRefusedForIt) {
  for (const DropReasonInfo& info : AllDropReasons()) {
    if (info.reason == DropReason::kNone) continue;
    if (info.reason == DropReason::kUnverified)
      continue;  // a single frame is never dropped for it: flood_order_test.cc
    const bool found = std::any_of(AllRejections().begin(), AllRejections().end(),
                                   [&](const Rejection& r) { return r.reason == info.reason; });
    EXPECT_TRUE(found) << "no frame in this file is dropped as " << info.name;
  }
}

// The same frames without their fault are accepted, so the fault is the cause of the drop.
TEST(RejectionCoverageTest, TheFramesWithoutTheirFaultAreAccepted) {
  TestShard t;
  SequenceRecord record;
  t.Add(BackupConfig());
  VirtualRouterConfig ah = AhConfig(record);
  ah.port = PortId(1);
  t.Add(std::move(ah));
  VirtualRouterConfig simple = BackupConfig();
  simple.port = PortId(2);
  simple.auth = AuthKind::kSimple;
  std::copy_n("secret\0\0", 8, simple.password.begin());
  t.Add(std::move(simple));
  void (*const makers[])(VirtualRouterConfig&) = {MakeV3, MakeV6, MakeUnicast, MakeV3Owner, MakeCoexistent};
  for (uint16_t i = 0; i < std::size(makers); ++i) {
    VirtualRouterConfig config;
    makers[i](config);
    config.port = PortId(static_cast<uint16_t>(3 + i));
    t.Add(std::move(config));
  }
  EXPECT_EQ(t.Receive(V3().Build(), PortId(3)), DropReason::kNone);
  EXPECT_EQ(t.Receive(V6().Build(), PortId(4)), DropReason::kNone);
  EXPECT_EQ(t.Receive(Unicast().Build(), PortId(5)), DropReason::kNone);
  EXPECT_EQ(t.Receive(V3().Build(), PortId(6)), DropReason::kNone);
  EXPECT_EQ(t.Receive(Plain().Build(), PortId(7)), DropReason::kNone);
  EXPECT_EQ(t.Receive(Plain().Build()), DropReason::kNone);
  EXPECT_EQ(t.Receive(Ah().Build(), PortId(1)), DropReason::kNone);
  EXPECT_EQ(t.Receive(Password("secret\0\0").Build(), PortId(2)), DropReason::kNone);
  t.SetUtc(std::chrono::seconds(kTrailerUtc));
  SequenceRecord trailer_record;
  VirtualRouterConfig trailer = TrailerConfig(trailer_record);
  trailer.port = PortId(8);
  t.Add(std::move(trailer));
  EXPECT_EQ(t.Receive(Trailer().Build(), PortId(8)), DropReason::kNone);
  t.RemoveAll();
}

}  // namespace
}  // namespace dpvrrp
