// SPDX-License-Identifier: BSD-3-Clause
//
// The kinds of traffic that the generator sends, as a table: what is wrong with the frames, and how dpvrrpd ends them.
// A test sends one frame of each kind to a Shard and compares the end.
//
// Thread: any (constants).
#pragma once

#include <array>
#include <optional>
#include <span>

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/drop_reason.h"
#include "base/types.h"
#include "traffic/advert_frame.h"

namespace dpvrrp {

enum class GenRole : uint8_t {
  kMaster,    // valid adverts, one of each virtual router in an interval; it can fall silent, and is measured
  kAdverts,   // adverts at a rate
  kQuestion,  // ARP requests or neighbour solicitations for the virtual addresses, at a rate; answers are measured
};

// What is different in each frame of a virtual router. Without AH and trailer: nothing.
enum class GenChange : uint8_t {
  kSigned,    // a new number, and the ICV or HMAC for it
  kGuessed,   // a new number, and a random ICV or HMAC
  kRepeated,  // nothing
};

// How dpvrrpd ends a frame of the kind, by the authentication of the virtual router. Nothing: the kind does not exist
// with this authentication.
using GenEnds = std::array<std::optional<DropReason>, 4>;

struct GenKind {
  absl::string_view name;     // in profiles and results
  absl::string_view meaning;  // one line
  GenRole role;
  GenChange change;
  bool v2, v3, ipv4, ipv6;  // where it exists
  GenEnds ends;
  void (*spoil)(AdvertFrame& valid);  // null: the advert stays valid

  // VRRPv3 accepts other addresses than its own (RFC 9568 7.1).
  std::optional<DropReason> End(VrrpVersion version, AuthKind auth) const {
    const std::optional<DropReason> end = ends[static_cast<size_t>(auth)];
    return version == VrrpVersion::kV3 && end == DropReason::kAddressMismatch ? DropReason::kNone : end;
  }
  bool Exists(VrrpVersion version, Family family, AuthKind auth) const {
    return (version == VrrpVersion::kV2 ? v2 : v3) && (family == Family::kIpv4 ? ipv4 : ipv6) &&
           End(version, auth).has_value();
  }
};

std::span<const GenKind> AllGenKinds();
const GenKind* FindGenKind(absl::string_view name);  // null: no such kind

}  // namespace dpvrrp
