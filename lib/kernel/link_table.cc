// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/link_table.h"

#include "absl/container/flat_hash_set.h"

namespace dpvrrp {

void LinkTable::Set(const LinkInfo& info, std::vector<HostEvent>& out) {
  Entry now{info.link.device, info.link.up && info.link.running};
  Entry& before = links_[info.link.index];
  if (now == before) return;
  const bool renamed = now.device != before.device;
  if (before.usable && (renamed || !now.usable)) out.push_back({HostEvent::Kind::kLinkDown, before.device, {}});
  if (now.usable && (renamed || !before.usable)) out.push_back({HostEvent::Kind::kLinkUp, now.device, {}});
  before = std::move(now);
}

void LinkTable::Remove(uint32_t ifindex, std::vector<HostEvent>& out) {
  const auto found = links_.find(ifindex);
  if (found == links_.end()) return;
  if (found->second.usable) out.push_back({HostEvent::Kind::kLinkDown, found->second.device, {}});
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
  return found == links_.end() ? "" : found->second.device;
}

}  // namespace dpvrrp
