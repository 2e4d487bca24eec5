// SPDX-License-Identifier: BSD-3-Clause
#include "control/handover/handover.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "control/instances/router_builder.h"
#include "control/journal/journal.h"

namespace dpvrrp {
namespace {

// A backup becomes master after this number of intervals and Skew_Time, which is the margin. A router that is
// configured with fewer intervals probably has peers with fewer.
constexpr int kIntervals = 3;
constexpr Nanoseconds kLongestInterval = Centiseconds(4095);  // 12 bits (RFC 9568 5.2.7)

int IntervalsOf(const InstanceConfig& config) { return std::min<int>(kIntervals, config.down_timer_adverts); }

// The Ethernet addresses of unicast peers are not known after a start, so the first advert is not sent.
Nanoseconds FirstDelay(const InstanceConfig& config) {
  return config.unicast_peers.empty() ? Nanoseconds(0) : config.advertisement_interval;
}

// What must be the same in both runs, so that the next run is the same router for its peers and its hosts.
std::string IdentityOf(const InstanceConfig& config) {
  std::string identity = absl::StrCat(SequenceKey(config), " v", static_cast<int>(config.version), " auth ",
                                      static_cast<int>(config.auth.kind), " mac ", static_cast<int>(config.source_mac),
                                      " from ", ToString(config.source_address));
  for (const VirtualAddress& address : config.virtual_addresses) {
    absl::StrAppend(&identity, " ", ToString(address.prefix), address.device.empty() ? "" : "@", address.device, " ",
                    address.label, " ", address.scope.has_value() ? absl::StrCat(*address.scope) : "");
  }
  return identity;
}

}  // namespace

// ---- The run that ends ----

Nanoseconds Handover::LastInterval(const InstanceConfig& config, Nanoseconds time) {
  const Nanoseconds needed = time / IntervalsOf(config);
  if (config.version != VrrpVersion::kV3 || config.v2_coexistence || needed <= config.advertisement_interval) {
    return config.advertisement_interval;
  }
  return std::min(std::chrono::ceil<Centiseconds>(needed), std::chrono::floor<Centiseconds>(kLongestInterval));
}

void Handover::OnLeft(const ManagedInstance& instance, Instant at) {
  const InstanceConfig& config = instance.config;
  leaving_.insert(instance.id);
  left_.push_back({config.name, IdentityOf(config), at + IntervalsOf(config) * config.advertisement_interval});
}

std::string Handover::Text() const {
  std::string text;
  for (const Left& left : left_) {
    absl::StrAppend(&text, left.until.time_since_epoch().count(), "\t", left.name, "\t", left.identity, "\n");
  }
  return text;
}

Instant Handover::End() const {
  Instant end{};
  for (const Left& left : left_) end = std::max(end, left.until);
  return end;
}

// ---- The run that starts ----

void Handover::Load(const absl::StatusOr<std::string>& text, ControlTime t) {
  if (!text.ok()) {
    if (absl::IsNotFound(text.status())) return;
    context_.journal.Record(occurrence::HandoverIgnored{std::string(text.status().message())}, t.unix_ms);
    return;
  }
  absl::flat_hash_map<std::string, const InstanceConfig*> configured;
  for (const InstanceConfig& config : context_.registry.config().instances) configured[config.name] = &config;
  std::vector<const InstanceConfig*> followers;
  size_t late = 0;
  size_t different = 0;
  for (const absl::string_view line : absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    int64_t until = 0;
    if (fields.size() != 3 || !absl::SimpleAtoi(fields[0], &until)) {
      context_.journal.Record(occurrence::HandoverIgnored{"the file is damaged"}, t.unix_ms);
      resumable_.clear();
      return;
    }
    const auto config = configured.find(fields[1]);
    if (config == configured.end() || IdentityOf(*config->second) != fields[2]) {
      ++different;
    } else if (!config->second->leader.empty()) {
      followers.push_back(config->second);
    } else if (const Instant end = Instant(Nanoseconds(until)) - FirstDelay(*config->second); end <= t.now) {
      ++late;
    } else {
      resumable_[fields[1]] = end;
    }
  }
  for (const GroupConfig& group : context_.registry.config().groups) {
    const auto& members = group.members;
    if (group.kind == GroupKind::kFollow) continue;
    if (std::ranges::all_of(members, [&](const std::string& name) { return resumable_.contains(name); })) continue;
    for (const std::string& name : members) different += resumable_.erase(name);
  }
  // The backups wait for the adverts of the leader.
  for (const InstanceConfig* follower : followers) {
    const auto leader = resumable_.find(follower->leader);
    if (leader == resumable_.end()) {
      ++different;
    } else {
      const Instant end = leader->second;  // the map may move
      resumable_.emplace(follower->name, end);
    }
  }
  context_.journal.Record(occurrence::HandoverTaken{resumable_.size(), late, different}, t.unix_ms);
}

Instant Handover::Claim(InstanceId id, const std::string& name, Instant now) {
  const auto found = resumable_.find(name);
  if (found == resumable_.end()) return Instant{};
  const Instant until = found->second;
  resumable_.erase(found);  // an instance of this name that is added later is a new one
  if (until <= now) return Instant{};
  claimed_.insert(id);
  claims_.emplace(until, id);
  return until;
}

// ---- Part ----

void Handover::OnTime(ControlTime t) {
  while (NextDeadline() <= t.now) {
    const InstanceId id = claims_.begin()->second;
    claims_.erase(claims_.begin());
    if (claimed_.erase(id) > 0) expired_.push_back(id);
  }
}

void Handover::Forget(InstanceId id) {
  leaving_.erase(id);
  claimed_.erase(id);
}

}  // namespace dpvrrp
