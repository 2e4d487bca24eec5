// SPDX-License-Identifier: BSD-3-Clause
#include "config/model.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

absl::string_view ToString(AddressLoss loss) {
  static constexpr absl::string_view kNames[] = {"auto", "keep", "resign"};
  return kNames[static_cast<size_t>(loss)];
}

std::string ToString(const VlanStack& vlan) {
  if (vlan == VlanStack{}) return "-";
  return vlan.inner == 0 ? absl::StrCat(vlan.outer) : absl::StrCat(vlan.outer, ".", vlan.inner);
}

absl::StatusOr<VlanStack> ParseVlan(absl::string_view text) {
  if (text == "-") return VlanStack{};
  const std::vector<absl::string_view> tags = absl::StrSplit(text, '.');
  uint32_t vids[2] = {0, 0};
  bool good = tags.size() <= 2;
  for (size_t i = 0; good && i < tags.size(); ++i) {
    good =
        absl::SimpleAtoi(tags[i], &vids[i]) && vids[i] >= 1 && vids[i] <= kMaxVid && absl::StrCat(vids[i]) == tags[i];
  }
  if (good) return VlanStack{static_cast<uint16_t>(vids[0]), static_cast<uint16_t>(vids[1])};
  return absl::InvalidArgumentError(absl::StrCat("vlan must be 1..", kMaxVid,
                                                 ", two such with a dot between, or - for untagged, got '", text,
                                                 "' (IEEE 802.1Q 9.6)"));
}

std::string ToString(const BlockConfig& block) {
  std::vector<std::string> parts;
  if (!block.address.IsUnspecified()) parts.push_back(ToString(block.address));
  if (block.mac != MacAddress{}) parts.push_back(absl::StrCat("mac ", ToString(block.mac)));
  if (!block.port.empty()) parts.push_back(absl::StrCat("port ", block.port));
  return absl::StrJoin(parts, " ");
}

std::shared_ptr<const KeyringConfig> OwnKey(SecretBytes secret) {
  auto keyring = std::make_shared<KeyringConfig>();
  keyring->keys.push_back({.id = 1, .secret = std::move(secret), .not_before = {}, .not_after = {}});
  return keyring;
}

absl::string_view ToString(TrackKind kind) {
  static constexpr std::array<absl::string_view, 5> kNames = {"script", "interface", "port", "instance", "manual"};
  return kNames[static_cast<size_t>(kind)];
}

absl::string_view ToString(GroupKind kind) { return kind == GroupKind::kFollow ? "follow" : "together"; }

bool operator==(const Config& a, const Config& b) {
  const auto same = [](const auto& x, const auto& y) { return *x == *y; };
  return std::ranges::equal(a.keyrings, b.keyrings, same) && a.daemon == b.daemon && a.garp == b.garp &&
         a.ports == b.ports && a.blocks == b.blocks && a.instances == b.instances && a.scripts == b.scripts &&
         a.tracks == b.tracks && a.groups == b.groups && a.metrics == b.metrics;
}

SecretBytes::~SecretBytes() { WipeSecret(bytes.data(), bytes.size()); }

}  // namespace dpvrrp
