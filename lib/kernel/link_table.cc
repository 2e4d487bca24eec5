// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/link_table.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace dpvrrp {

void LinkTable::Set(const LinkInfo& info, std::vector<HostEvent>& out) {
  Entry& entry = links_[info.link.index];
  const bool is_new = entry.known.appearance == 0;
  if (!is_new && entry.known.link == info.link && entry.other_names == info.other_names) return;
  changed_ = true;
  const Entry before = entry;
  entry = {{info.link, is_new ? ++appearances_ : before.known.appearance}, info.other_names};
  const std::string& name = entry.known.link.device;
  const bool renamed = name != before.known.link.device;
  if (before.usable() && (renamed || !entry.usable())) {
    out.push_back({HostEvent::Kind::kLinkDown, before.known.link.device, {}});
  }
  if (entry.usable() && (renamed || !before.usable())) out.push_back({HostEvent::Kind::kLinkUp, name, {}});
  if (!is_new && entry.known.link.mac != before.known.link.mac) {
    out.push_back({HostEvent::Kind::kMacChanged, name, {}});
  }
}

void LinkTable::Remove(uint32_t ifindex, std::vector<HostEvent>& out) {
  const auto found = links_.find(ifindex);
  if (found == links_.end()) return;
  changed_ = true;
  if (found->second.usable()) out.push_back({HostEvent::Kind::kLinkDown, found->second.known.link.device, {}});
  links_.erase(found);
}

void LinkTable::Replace(const std::vector<LinkInfo>& all, std::vector<HostEvent>& out) {
  absl::flat_hash_set<uint32_t> present;
  for (const LinkInfo& info : all) present.insert(info.link.index);
  std::vector<uint32_t> gone;
  for (const auto& [ifindex, entry] : links_) {
    if (!present.contains(ifindex)) gone.push_back(ifindex);
  }
  for (const uint32_t ifindex : gone) Remove(ifindex, out);
  for (const LinkInfo& info : all) Set(info, out);
}

std::string LinkTable::FindName(uint32_t ifindex) const {
  const auto found = links_.find(ifindex);
  return found == links_.end() ? "" : found->second.known.link.device;
}

const KnownLink* LinkTable::Find(absl::string_view name) const {
  const KnownLink* by_other_name = nullptr;
  for (const auto& [ifindex, entry] : links_) {
    if (entry.known.link.device == name) return &entry.known;
    const auto& others = entry.other_names;
    if (std::find(others.begin(), others.end(), name) != others.end()) by_other_name = &entry.known;
  }
  return by_other_name;
}

}  // namespace dpvrrp
