// SPDX-License-Identifier: BSD-3-Clause
//
// Routes: the kernel's list of routes and rules with our mark is compared with what should be there.
#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "control/journal/journal.h"
#include "control/routes/routes.h"
#include "control/services.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kListAgainAfter = std::chrono::seconds(1);  // if the kernel did not give a list

}  // namespace

void Routes::ListSoon(Instant now) {
  const Instant earliest = listed_at_ == Instant{} ? now : listed_at_ + kListSpacing;
  list_at_ = std::min(list_at_, std::max(now + kListAfter, earliest));
}

void Routes::Resync(ControlTime t) {
  list_at_ = kNever;
  if (!lists_) return;
  const absl::StatusOr<std::vector<RoutingEntry>> listed = context_.services.ListRouting();
  if (!listed.ok()) {
    context_.journal.Record(occurrence::RoutingNotListed{std::string(listed.status().message())}, t.unix_ms);
    must_list_ = true;
    list_at_ = t.now + kListAgainAfter;
    return;
  }
  must_list_ = false;
  listed_at_ = t.now;
  RemoveLeftOvers(*listed, t);
  AddMissing(*listed, t);
}

// A listed one stays if it is as configured, and wanted or about to be answered for. If a route is in the place of a
// configured one and differs, it is removed and added again: an IPv6 route stays without its source address after that
// was removed.
void Routes::RemoveLeftOvers(const std::vector<RoutingEntry>& listed, ControlTime t) {
  absl::flat_hash_map<std::string, std::vector<const RoutingEntry*>> configured;
  for (const auto& [id, of] : instances_) {
    for (const Entry& entry : of.entries) {
      if (!entry.wanted && entry.request == 0 && entry.presence != Presence::kPresent) continue;
      configured[PlaceKey(entry.what)].push_back(&entry.what);
    }
  }
  for (const RoutingEntry& there : listed) {
    const auto place = configured.find(PlaceKey(there));
    const bool is_known = place != configured.end();
    const auto fulfils = [&](const RoutingEntry* what) { return Fulfils(there, *what); };
    if (is_known && std::ranges::any_of(place->second, fulfils)) continue;
    removals_.push_back(RemovalOf(next_request_++, there));
    if (!is_known) context_.journal.Record(occurrence::RoutingLeftOver{ToString(there)}, t.unix_ms);
  }
}

void Routes::AddMissing(const std::vector<RoutingEntry>& listed, ControlTime t) {
  absl::flat_hash_map<std::string, std::vector<const RoutingEntry*>> there;
  for (const RoutingEntry& entry : listed) there[PlaceKey(entry)].push_back(&entry);
  for (auto& [id, of] : instances_) {
    for (Entry& entry : of.entries) {
      if (entry.presence != Presence::kPresent || entry.request != 0) continue;
      const auto place = there.find(PlaceKey(entry.what));
      const auto fulfils = [&what = entry.what](const RoutingEntry* one) { return Fulfils(*one, what); };
      if (place != there.end() && std::ranges::any_of(place->second, fulfils)) continue;
      entry.presence = Presence::kAbsent;
      entry.retry_at = kNever;
      if (entry.wanted) Record(id, occurrence::RoutingPutBack{ToString(entry.what)}, t);
      Reconcile(id, entry);
    }
    Tidy(of);
    touched_.push_back(id);
  }
}

}  // namespace dpvrrp
