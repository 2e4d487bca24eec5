// SPDX-License-Identifier: BSD-3-Clause
#include "config/instance_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr size_t kMaxInterfaceNameBytes = 15;  // Linux: IFNAMSIZ less the final zero

constexpr IpAddress kLoopbackV6 = IpAddress::V6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; }

bool IsUnicast(const IpAddress& address) {
  if (address.IsUnspecified() || address.IsMulticast()) return false;
  if (!address.is_v4()) return address != kLoopbackV6;
  return address.v4() != 0xffffffff && address.v4() >> 24 != 127;
}

}  // namespace

absl::string_view NameFault(absl::string_view name) {
  static_assert(kMaxNameBytes == 63);
  const bool good =
      !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), IsNameCharacter);
  return good ? "" : "must be 1..63 of the characters A-Z a-z 0-9 . _ -";
}

absl::string_view InterfaceNameFault(absl::string_view name) {
  const auto is_bad = [](char c) { return c == '/' || c == ':' || absl::ascii_isspace(c) || absl::ascii_iscntrl(c); };
  const bool good = !name.empty() && name.size() <= kMaxInterfaceNameBytes && name != "." && name != ".." &&
                    std::none_of(name.begin(), name.end(), is_bad);
  return good ? "" : "must be an interface name: 1..15 bytes without '/', ':' or white space";
}

std::string LabelFault(absl::string_view label, absl::string_view device) {
  const auto is_bad = [](char c) { return absl::ascii_isspace(c) || absl::ascii_iscntrl(c); };
  if (device.empty()) return "needs a device";
  const bool good = label.size() <= kMaxInterfaceNameBytes && label.substr(0, device.size()) == device &&
                    std::none_of(label.begin(), label.end(), is_bad);
  if (good) return "";
  return absl::StrCat("must begin with the device's name, as '", device, ":1' does, and have at most ",
                      kMaxInterfaceNameBytes, " bytes without white space");
}

absl::string_view HostAddressFault(const IpAddress& address) {
  return IsUnicast(address) ? "" : "must be a unicast address";
}

absl::string_view SourceFault(VrrpVersion version, const IpAddress& source) {
  if (source.is_v4()) return "";
  if (version == VrrpVersion::kV2) return "must be IPv4 with VRRPv2 (RFC 3768 1.2), IPv6 needs version = 3";
  return source.IsLinkLocalV6() ? "" : "must be link-local, of fe80::/10 (RFC 9568 5.1.2.1)";
}

absl::string_view FamilyFault(const IpAddress& source, const IpAddress& address) {
  if (address.family() == source.family()) return "";
  return source.is_v4() ? "must be IPv4, as source_address is (RFC 9568 5.2.9)"
                        : "must be IPv6, as source_address is (RFC 9568 5.2.9)";
}

absl::string_view AddressFamilyFault(const InstanceConfig& config, const VirtualAddress& address) {
  const absl::string_view fault = FamilyFault(config.source_address, address.prefix.address);
  if (fault.empty() || !address.excluded) return fault;
  const bool kernel_holds_it = !address.device.empty() && !config.responder;
  return kernel_holds_it ? "" : "is not of the family of source_address: it needs a device, and no responder";
}

bool IsGoodFirstAddress(const IpAddress& first) { return first.is_v4() || first.IsLinkLocalV6(); }

absl::string_view FirstAddressFault(bool strict, const IpAddress& first) {
  return !strict || IsGoodFirstAddress(first)
             ? ""
             : "with strict the first must be link-local, of fe80::/10 (RFC 9568 5.2.9)";
}

absl::string_view UnicastPeerFault(const IpAddress& source, const UnicastPeer& peer) {
  if (peer.address == source || peer.next_hop == source) return "is our own, source_address";
  const absl::string_view fault = FamilyFault(source, peer.address);
  return fault.empty() ? FamilyFault(source, peer.next_hop) : fault;
}

absl::string_view AllowedSenderFault(const IpAddress& source, const IpAddress& sender) {
  return sender == source ? "is our own, source_address" : FamilyFault(source, sender);
}

absl::string_view OwnerFault(const InstanceConfig& config) {
  const auto& addresses = config.virtual_addresses;
  if (config.priority == kPriorityOwner ||
      std::none_of(addresses.begin(), addresses.end(),
                   [&](const VirtualAddress& a) { return a.prefix.address == config.source_address; })) {
    return "";
  }
  return "is a virtual address, which only the owner, priority 255, may send from (RFC 3768 5.2.1)";
}

}  // namespace dpvrrp::config_internal
