// SPDX-License-Identifier: BSD-3-Clause
#include "config/stepping_address.h"

#include "absl/strings/str_cat.h"

namespace dpvrrp::config_internal {
namespace {

// The sum of three steps, each times a distance of VLANs or VRIDs, stays far below 2^127.
constexpr absl::int128 kStepBound = absl::int128(1) << 112;

// An address as a number, of 32 bits or 128.
absl::uint128 NumberOf(const IpAddress& address) {
  if (address.is_v4()) return address.v4();
  absl::uint128 number = 0;
  for (const uint8_t byte : address.bytes()) number = number << 8 | byte;
  return number;
}

IpAddress AddressOf(Family family, absl::uint128 number) {
  if (family == Family::kIpv4) return IpAddress::V4(static_cast<uint32_t>(number));
  IpAddress::Bytes bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(number >> (120 - 8 * i));
  return IpAddress::V6(bytes);
}

absl::int128 ReadStep(const TableReader& table, absl::string_view key, Family family, bool means_something) {
  const Node* node = table.Find(key);
  if (node == nullptr) return 0;
  const absl::StatusOr<IpAddress> step = ParseIpAddress(node->text());
  if (!step.ok() || step->family() != family) {
    table.Refuse(key, *node,
                 family == Family::kIpv4 ? "must be a step written as an IPv4 address, such as 0.0.1.0"
                                         : "must be a step written as an IPv6 address, such as 0:0:0:1::");
    return 0;
  }
  const absl::int128 distance(NumberOf(*step));
  if (distance < 0 || distance >= kStepBound) {
    table.Refuse(key, *node, "must be less than 1::");
    return 0;
  }
  if (!means_something) table.Refuse(key, *node, "vlan has no such tag");
  return distance;
}

}  // namespace

std::optional<IpAddress> SteppingAddress::At(const TemplatePoint& point) const {
  const absl::int128 way = steps.To(point);
  const absl::uint128 from = NumberOf(first.address);
  const absl::uint128 last = first.address.is_v4() ? absl::uint128(0xffffffff) : absl::Uint128Max();
  const absl::uint128 distance(way < 0 ? -way : way);
  if (distance > (way < 0 ? from : last - from)) return std::nullopt;
  const IpAddress address = AddressOf(first.address.family(), way < 0 ? from - distance : from + distance);
  if (address.family() != first.address.family()) return std::nullopt;  // ::ffff:0:0/96 (RFC 4291 2.5.5.2)
  return address;
}

absl::string_view SteppingAddress::RangeFault() const {
  return first.address.is_v4() ? "its steps exceed the range of IPv4 addresses"
                               : "its steps exceed the range of IPv6 addresses";
}

AddressValue OpenAddress(const Node& value, Faults& faults) {
  AddressValue opened;
  if (TypeOf(value) == kString) {
    opened.at = &value;
  } else {
    opened.table.emplace(value, kTemplateAddressRule, faults);
    opened.at = opened.table->Find("address");
  }
  return opened;
}

void RefuseDeviceKeys(const AddressValue& value, absl::string_view key) {
  if (!value.table) return;
  for (const absl::string_view name : {"device", "label", "scope"}) {
    const Node* node = value.table->Find(name);
    if (node != nullptr) value.table->Refuse(name, *node, absl::StrCat("is not allowed for ", key));
  }
}

void RefuseSteps(const AddressValue& value, absl::string_view rule) {
  if (!value.table) return;
  for (const absl::string_view name : {"per_vlan", "per_inner_vlan", "per_vrid"}) {
    const Node* node = value.table->Find(name);
    if (node != nullptr) value.table->Refuse(name, *node, rule);
  }
}

void ReadSteps(const AddressValue& value, size_t tags, SteppingAddress* address) {
  if (!value.table) return;
  const Family family = address->first.address.family();
  address->steps.per_vlan = ReadStep(*value.table, "per_vlan", family, tags > 0);
  address->steps.per_inner_vlan = ReadStep(*value.table, "per_inner_vlan", family, tags > 1);
  address->steps.per_vrid = ReadStep(*value.table, "per_vrid", family, true);
}

}  // namespace dpvrrp::config_internal
