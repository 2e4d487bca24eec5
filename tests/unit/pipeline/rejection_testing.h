// SPDX-License-Identifier: BSD-3-Clause
//
// Refused frames as rows of a table: valid except for one fault.
#pragma once

#include <algorithm>
#include <functional>
#include <ostream>
#include <vector>

#include "support/test_shard.h"

namespace dpvrrp {

// One frame, and the router that receives it.
struct Rejection {
  DropReason reason;
  const char* name;
  AuthKind auth;  // of the router
  std::function<Bytes()> frame;
  std::vector<Bytes> before{};                          // accepted first
  bool authentic = false;                               // AH: its number counts as used
  std::function<void(VirtualRouterConfig&)> also = {};  // how else the router is configured
  bool port_down = false;
  bool blocked = false;  // 10.99.0.1 is, everywhere
  bool late = false;     // the instance must be known, although other frames of this reason need none

  friend void PrintTo(const Rejection& r, std::ostream* out) { *out << ToString(r.reason) << ": " << r.name; }
};

inline AdvertFrame Plain() { return AdvertFrame{}; }
inline AdvertFrame Ah(uint32_t sequence = 5) {
  return AdvertFrame{.key = KeepalivedKey("s3cr3t"), .sequence = sequence};
}
inline AdvertFrame Password(const char* text) {
  AdvertFrame frame{.auth_type = 1};
  std::copy_n(text, 8, frame.auth_data.begin());
  return frame;
}
inline AdvertFrame V3() { return AdvertFrame{.version = 3}; }
inline AdvertFrame V6() {
  return AdvertFrame{.source = Ip("fe80::1"), .version = 3, .addresses = {Ip("fe80::100"), Ip("2001:db8::100")}};
}
inline AdvertFrame Unicast() { return AdvertFrame{.ttl = 64, .destination = Ip("10.99.0.2"), .version = 3}; }

// Routers; the frames of the same name are for them.
inline void MakeOwner(VirtualRouterConfig& c) { c.machine.priority = kPriorityOwner; }
inline void MakeV3(VirtualRouterConfig& c) { c = V3Config(); }
inline void MakeV6(VirtualRouterConfig& c) { c = V3Config(Family::kIpv6); }
inline void MakeUnicast(VirtualRouterConfig& c) {
  c = V3Config();
  c.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1"), .min_ttl = 64, .max_ttl = 255}};
}
inline void MakeAhUnicast(VirtualRouterConfig& c) {
  c.unicast_peers = {{.address = Ip("10.99.0.1"), .next_hop = Ip("10.99.0.1")}};
}
inline void MakeAhOtherGroup(VirtualRouterConfig& c) { c.group = Ip("239.1.1.1"); }
inline void MakeV3Owner(VirtualRouterConfig& c) {
  c = V3Config();
  MakeOwner(c);
}
inline void MakeStrictOwner(VirtualRouterConfig& c) {
  MakeV3Owner(c);
  c.strict = true;
}
inline void MakeOtherGroup(VirtualRouterConfig& c) {
  c = V3Config();
  c.group = Ip("239.1.1.1");
}
inline void MakeCoexistent(VirtualRouterConfig& c) {
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
    AdvertFrame frame = kMake();
    frame.cut_to = length;
    return frame.Build();
  };
}
template <AdvertFrame (*kMake)(), typename Change>
inline Rejection Row(DropReason reason, const char* name, void (*router)(VirtualRouterConfig&), Change change) {
  const auto frame = [change] {
    AdvertFrame built = kMake();
    change(built);
    return built.Build();
  };
  return {.reason = reason, .name = name, .auth = AuthKind::kNone, .frame = frame, .also = router};
}
inline void MakeChoosy(VirtualRouterConfig& c) { c.allowed_senders = {.addresses = {Ip("10.99.0.3")}, .count = 1}; }
inline Rejection Blocked(Rejection row) {
  row.blocked = true;
  row.late = true;
  return row;
}
inline Rejection Late(Rejection row) {
  row.late = true;
  return row;
}

#define WITH(statement) [](AdvertFrame& f) { statement; }

// To routers of VRRPv3 with the auth_hmac trailer. The time is that of kTrailerUtc.
inline constexpr uint32_t kTrailerUtc = 0x6b000000;
inline AdvertFrame Trailer() {
  return AdvertFrame{
      .version = 3, .trailer_key = TrailerKey(), .trailer_number = uint64_t{kTrailerUtc} << 32 | 0x80000000};
}

std::vector<Rejection> TrailerRejections();  // The frames of Trailer()
std::vector<Rejection> V3Rejections();       // VRRPv3 over either family

}  // namespace dpvrrp
