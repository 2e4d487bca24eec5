// SPDX-License-Identifier: BSD-3-Clause
//
// Every way a frame can be refused: it is counted where it should be and changes nothing.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "support/test_shard.h"

namespace dpvrrp {
namespace {

// One frame, and the router it comes to.
struct Rejection {
  DropReason reason;
  const char* name;
  AuthKind auth;  // of the router
  std::function<Bytes()> frame;
  std::vector<Bytes> before{};                          // accepted first
  bool authentic = false;                               // AH, and its number counts as used
  std::function<void(VirtualRouterConfig&)> also = {};  // how else the router is configured
  bool port_down = false;
  bool late = false;  // the instance has to be known, though for others of the reason it has not

  friend void PrintTo(const Rejection& r, std::ostream* out) { *out << ToString(r.reason) << ": " << r.name; }
};

AdvertFrame Plain() { return AdvertFrame{}; }
AdvertFrame Ah(uint32_t sequence = 5) { return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence}; }
AdvertFrame Password(const char* text) {
  AdvertFrame frame{.auth_type = 1};
  std::copy_n(text, 8, frame.auth_data.begin());
  return frame;
}
AdvertFrame V3() { return AdvertFrame{.version = 3}; }
AdvertFrame V6() {
  return AdvertFrame{.source = Ip("fe80::1"), .version = 3, .addresses = {Ip("fe80::100"), Ip("2001:db8::100")}};
}
AdvertFrame Unicast() { return AdvertFrame{.ttl = 64, .destination = Ip("10.99.0.2"), .version = 3}; }

// Routers; the frames of the same name are for them.
void MakeOwner(VirtualRouterConfig& c) { c.machine.priority = kPriorityOwner; }
void MakeV3(VirtualRouterConfig& c) { c = V3Config(); }
void MakeV6(VirtualRouterConfig& c) { c = V3Config(Family::kIpv6); }
void MakeUnicast(VirtualRouterConfig& c) {
  c = V3Config();
  c.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1"), .min_ttl = 64, .max_ttl = 255}};
}
void MakeAhUnicast(VirtualRouterConfig& c) {
  c.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
}
void MakeAhOtherGroup(VirtualRouterConfig& c) { c.group = Ip("239.1.1.1"); }
void MakeV3Owner(VirtualRouterConfig& c) {
  c = V3Config();
  MakeOwner(c);
}
void MakeStrictOwner(VirtualRouterConfig& c) {
  MakeV3Owner(c);
  c.strict = true;
}
void MakeOtherGroup(VirtualRouterConfig& c) {
  c = V3Config();
  c.group = Ip("239.1.1.1");
}
void MakeCoexistent(VirtualRouterConfig& c) {
  c = V3Config();
  c.v2_coexistence = true;
}

template <typename Change>
std::function<Bytes()> PlainWith(Change change) {
  return [change] {
    AdvertFrame frame = Plain();
    change(frame);
    return frame.Build();
  };
}
template <typename Change>
std::function<Bytes()> AhWith(Change change) {
  return [change] {
    AdvertFrame frame = Ah();
    change(frame);
    return frame.Build();
  };
}
template <AdvertFrame (*kMake)()>
std::function<Bytes()> CutTo(size_t length) {
  return [length] {
    Bytes frame = kMake().Build();
    frame.resize(length);
    return frame;
  };
}
template <AdvertFrame (*kMake)(), typename Change>
Rejection Row(DropReason reason, const char* name, void (*router)(VirtualRouterConfig&), Change change) {
  const auto frame = [change] {
    AdvertFrame built = kMake();
    change(built);
    return built.Build();
  };
  return {.reason = reason, .name = name, .auth = AuthKind::kNone, .frame = frame, .also = router};
}
Rejection Late(Rejection row) {
  row.late = true;
  return row;
}

#define WITH(statement) [](AdvertFrame& f) { statement; }

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
      {R::kUnknownVrid, "plain", kNone, PlainWith(WITH(f.vrid = 52))},
      {R::kUnknownVrid, "0", kNone, PlainWith(WITH(f.vrid = 0))},
      {R::kUnknownVrid, "AH", kAh, AhWith(WITH(f.vrid = 52))},
      // Where the VRID lies depends on the AH's length: a wrong one points to another byte, and nothing is believed.
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
      {R::kBadPassword, "another", kSimple, [] { return Password("secreT\0\0").Build(); }},
      {R::kBadPassword, "longer", kSimple, [] { return Password("secret1\0").Build(); }},
      {R::kAhLength, "another algorithm's", kAh, AhWith(WITH(f.algorithm = MacAlgorithm::kHmacSha256_128))},
      {R::kAhLength, "0 words", kAh, AhWith(WITH(f.ah_payload_len = 0))},
      {R::kBadSpi, "0", kAh, AhWith(WITH(f.spi = 0))},
      {R::kBadSpi, "not the source", kAh, AhWith(WITH(f.spi = 0x0a630009))},
      {R::kReplayed, "again", kAh, [] { return Ah(9).Build(); }, {Ah(9).Build()}},
      {R::kReplayed, "0", kAh, [] { return Ah(0).Build(); }},
      {R::kStale, "64 behind", kAh, [] { return Ah(136).Build(); }, {Ah(200).Build()}},
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

// VRRPv3 over either family.
std::vector<Rejection> V3Rejections() {
  using R = DropReason;
  return {
    Row<V6>(R::kNotVrrp, "ICMPv6", MakeV6, WITH(f.protocol = 58)),
        Row<V6>(R::kNotVrrp, "extension headers, not to the group", MakeV6,
                WITH(f.extension_headers = {0}; f.destination = Ip("ff02::1"))),
        {R::kTruncated, "inside IPv6", AuthKind::kNone, CutTo<V6>(14 + 39), {}, false, MakeV6},
        Row<V6>(R::kTruncated, "payload length beyond the frame", MakeV6, WITH(f.total_length = 41)),
        Row<V6>(R::kTruncated, "VRRP header not whole by the payload length", MakeV6, WITH(f.total_length = 7)),
        Row<V6>(R::kTruncated, "jumbogram", MakeV6, WITH(f.total_length = 0)),
        Row<V6>(R::kUnknownSegment, "tagged, IPv6", MakeV6, WITH(f.vlan_tags = {30})),
        Row<V6>(R::kBadIpHeader, "IPv6 says version 4", MakeV6, WITH(f.version_ihl = 0x45)),
        Row<V6>(R::kExtensionHeader, "hop-by-hop", MakeV6, WITH(f.extension_headers = {0})),
        Row<V6>(R::kExtensionHeader, "routing", MakeV6, WITH(f.extension_headers = {43})),
        Row<V6>(R::kExtensionHeader, "fragment", MakeV6, WITH(f.extension_headers = {44})),
        Row<V6>(R::kExtensionHeader, "two", MakeV6, WITH((f.extension_headers = {60, 0}))),
        Row<V6>(R::kBadDestination, "us, not the group, IPv6", MakeV6, WITH(f.destination = Ip("fe80::2"))),
        Row<V6>(R::kBadDestination, "all nodes", MakeV6, WITH(f.destination = Ip("ff02::1"))),
        Late(Row<V3>(R::kBadDestination, "VRRP's group where another is configured", MakeOtherGroup, WITH((void)f))),
        Late(Row<V3>(R::kBadDestination, "the group where unicast is configured", MakeUnicast, WITH((void)f))),
        Late(Row<Unicast>(R::kBadDestination, "another unicast address", MakeUnicast,
                          WITH(f.destination = Ip("10.99.0.3")))),
        Row<V6>(R::kBadTtl, "hop limit 254", MakeV6, WITH(f.ttl = 254)),
        Row<V6>(R::kBadTtl, "hop limit 0", MakeV6, WITH(f.ttl = 0)),
        Late(Row<Unicast>(R::kBadTtl, "below the peer's range", MakeUnicast, WITH(f.ttl = 63))),
        Late(Row<V3>(R::kBadTtl, "254 in another group", MakeOtherGroup,
                     WITH(f.ttl = 254; f.destination = Ip("239.1.1.1")))),
        Row<V6>(R::kBadSource, "global", MakeV6, WITH(f.source = Ip("2001:db8::1"))),
        Row<V6>(R::kBadSource, "unspecified, IPv6", MakeV6, WITH(f.source = Ip("::"))),
        Row<V6>(R::kBadSource, "multicast, IPv6", MakeV6, WITH(f.source = Ip("ff02::12"))),
        Row<V3>(R::kBadVersion, "VRRPv2 at VRRPv3", MakeV3, WITH(f.version = 2)),
        Row<V3>(R::kBadVersion, "VRRPv4", MakeV3, WITH(f.version = 4)),
        Row<V6>(R::kBadVersion, "VRRPv2 over IPv6", MakeV6, WITH(f.version = 2)),
        Row<V3>(R::kBadType, "0, VRRPv3", MakeV3, WITH(f.type = 0)),
        Row<V6>(R::kBadType, "2, IPv6", MakeV6, WITH(f.type = 2)),
        Row<V3>(R::kBadLength, "count too great, VRRPv3", MakeV3, WITH(f.count = 255)),
        Row<V3>(R::kBadLength, "VRRPv2's authentication data", MakeV3, WITH(f.trailer = Bytes(8))),
        Row<V6>(R::kBadLength, "count too great, IPv6", MakeV6, WITH(f.count = 255)),
        Row<V6>(R::kBadLength, "IPv4 addresses in IPv6", MakeV6, WITH((f.addresses = {Ip("10.99.0.100")}))),
        Row<V6>(R::kBadLength, "bytes behind it, IPv6", MakeV6, WITH(f.trailer = Bytes(28))),
        Row<V3>(R::kNoAddresses, "count 0, VRRPv3", MakeV3, WITH(f.addresses.clear())),
        Row<V6>(R::kNoAddresses, "count 0, IPv6", MakeV6, WITH(f.addresses.clear())),
        Row<V3>(R::kBadChecksum, "by neither rule", MakeV3, WITH(f.checksum = 0x1234)),
        Row<V6>(R::kBadChecksum, "wrong, IPv6", MakeV6, WITH(f.checksum = 0x1234)),
        Row<V6>(R::kBadChecksum, "IPv6 without the pseudo-header", MakeV6,
                WITH(f.checksum_rule = ChecksumRule::kRfc9568)),
        Row<V3>(R::kBadInterval, "0", MakeV3, WITH(f.interval = 0)),
        Row<V3>(R::kBadInterval, "0 behind a reserved nibble of ones", MakeV3, WITH(f.interval = 0; f.reserved = 15)),
        Row<V6>(R::kBadInterval, "0, IPv6", MakeV6, WITH(f.interval = 0)),
        Late(Row<Plain>(R::kBadInterval, "0 s beside VRRPv3", MakeCoexistent, WITH(f.interval = 0))),
        Row<V3>(R::kUnknownVrid, "VRRPv3", MakeV3, WITH(f.vrid = 52)),
        Row<V3>(R::kUnknownVrid, "the VRID is IPv6's", MakeV6, WITH((void)f)),
        Row<V6>(R::kUnknownVrid, "the VRID is IPv4's", MakeV3, WITH((void)f)), {R::kInstanceInactive,
                                                                                "port down, IPv6",
                                                                                AuthKind::kNone,
                                                                                [] { return V6().Build(); },
                                                                                {},
                                                                                false,
                                                                                MakeV6,
                                                                                true},
        Row<Unicast>(R::kUnknownPeer, "another's", MakeUnicast, WITH(f.source = Ip("10.99.0.7"))),
        Row<V3>(R::kOwnEcho, "VRRPv3", MakeV3, WITH(f.source = Ip("10.99.0.2"))),
        Row<V6>(R::kOwnEcho, "IPv6", MakeV6, WITH(f.source = Ip("fe80::2"))),
        Row<Unicast>(R::kOwnEcho, "unicast", MakeUnicast, WITH(f.source = Ip("10.99.0.2"))),
        Row<V6>(R::kAuthTypeMismatch, "AH over IPv6", MakeV6, WITH(f.extension_headers = {51})),
        Row<V3>(R::kDuplicateOwner, "VRRPv3", MakeV3Owner, WITH(f.priority = 255)),
        Row<V3>(R::kDuplicateOwner, "strict", MakeStrictOwner, WITH(f.priority = 255)),
        Row<V3>(R::kOwnerIgnores, "VRRPv3, strict", MakeStrictOwner, WITH((void)f)),
        {R::kV2Superseded, "from who speaks VRRPv3 too",
         AuthKind::kNone,  [] { return Plain().Build(); },
         {V3().Build()},   false,
         MakeCoexistent},
        Row<Plain>(R::kAddressMismatch, "VRRPv2 beside VRRPv3", MakeCoexistent, WITH(f.addresses = {Ip("10.99.0.9")})),
  };
}

const std::vector<Rejection>& AllRejections() {
  static const std::vector<Rejection> kAll = [] {
    std::vector<Rejection> all = V2Rejections();
    for (Rejection& row : V3Rejections()) all.push_back(std::move(row));
    return all;
  }();
  return kAll;
}

VirtualRouterConfig ConfigFor(const Rejection& rejection, SequenceRecord& record) {
  VirtualRouterConfig config = rejection.auth == AuthKind::kAh ? AhConfig(record) : BackupConfig();
  config.auth = rejection.auth;
  if (rejection.auth == AuthKind::kSimple) std::copy_n("secret\0\0", 8, config.password.begin());
  if (rejection.also) rejection.also(config);
  return config;
}

class RejectionTest : public testing::TestWithParam<Rejection> {
 protected:
  void Prepare(TestShard& t, VirtualRouter& router, bool as_master) {
    if (as_master) t.Apply(ShardCommand::Kind::kTakeover, router);
    for (const Bytes& frame : GetParam().before) t.Receive(frame);
    if (as_master) t.Apply(ShardCommand::Kind::kTakeover, router);
    if (GetParam().port_down) t.SetPort(ShardCommand::Kind::kPortDown, PortId(0));
    t.RunFor(300ms);
    t.Events();
  }
};

TEST_P(RejectionTest, TheFrameEndsSoAndChangesNothing) {
  for (bool as_master : {false, true}) {
    SequenceRecord record;
    TestShard t;
    VirtualRouter& router = t.Add(ConfigFor(GetParam(), record));
    Prepare(t, router, as_master);
    const std::string before = StateOf(router);
    const Machine machine = router.machine;
    const uint64_t received = router.counters.adverts_received.value();

    ASSERT_EQ(std::string(ToString(t.Receive(GetParam().frame()))), std::string(ToString(GetParam().reason)));

    if (GetParam().authentic) {  // the number is used up, and that is all
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
    EXPECT_THAT(t.Transmit(), testing::IsEmpty());  // nor an answer (AH-29)
  }
}

// Against the instance, once its VRID has been found.
TEST_P(RejectionTest, TheInstanceCountsItToo) {
  SequenceRecord record;
  TestShard t;
  VirtualRouter& router = t.Add(ConfigFor(GetParam(), record));
  Prepare(t, router, false);
  t.Receive(GetParam().frame());
  EXPECT_EQ(t.drops(GetParam().reason), 1u);
  const bool before_the_instance =
      GetParam().reason <= DropReason::kUnknownVrid && !GetParam().authentic && !GetParam().late;
  const bool bad_ah_shape = GetParam().reason == DropReason::kAhLength && std::string(GetParam().name) == "0 words";
  EXPECT_EQ(Drops(router, GetParam().reason), before_the_instance || bad_ah_shape ? 0u : 1u);
}

INSTANTIATE_TEST_SUITE_P(All, RejectionTest, testing::ValuesIn(AllRejections()));

// Design 7: whoever adds a reason adds a frame that ends so.
TEST(RejectionCoverageTest, EveryReasonHasAFrameThatEndsSo) {
  for (const DropReasonInfo& info : AllDropReasons()) {
    if (info.reason == DropReason::kNone) continue;
    if (info.reason == DropReason::kUnverified) continue;  // no frame does so alone: flood_order_test.cc
    const bool found = std::any_of(AllRejections().begin(), AllRejections().end(),
                                   [&](const Rejection& r) { return r.reason == info.reason; });
    EXPECT_TRUE(found) << "no frame in this file ends as " << info.name;
  }
}

// The same frames without their fault are accepted, so each fault is what was refused.
TEST(RejectionCoverageTest, TheUnspoiltFramesAreAccepted) {
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
}

}  // namespace
}  // namespace dpvrrp
