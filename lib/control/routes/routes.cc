// SPDX-License-Identifier: BSD-3-Clause
#include "control/routes/routes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "control/journal/journal.h"
#include "control/outbox.h"

namespace dpvrrp {
namespace {

std::vector<RoutingEntry> ConfiguredRouting(const InstanceConfig& config) {
  std::vector<RoutingEntry> wanted(config.virtual_routes.begin(), config.virtual_routes.end());
  wanted.insert(wanted.end(), config.virtual_rules.begin(), config.virtual_rules.end());
  return wanted;
}

bool IsRoute(const Routes::Entry& entry) { return std::holds_alternative<VirtualRoute>(entry.what); }

}  // namespace

void Routes::Record(InstanceId id, const Occurrence& what, ControlTime t) {
  const ManagedInstance* instance = context_.registry.FindById(id);
  context_.journal.Record(instance == nullptr ? nullptr : &instance->config, what, t.unix_ms);
}

// ---- Instances ----

void Routes::Add(InstanceId id, const InstanceConfig& config) {
  std::vector<RoutingEntry> wanted = ConfiguredRouting(config);
  if (wanted.empty()) return;
  std::vector<Entry>& entries = instances_[id].entries;
  for (RoutingEntry& what : wanted) entries.push_back({.what = std::move(what)});
}

void Routes::OnConfiguration(InstanceId id, const InstanceConfig& config) {
  const std::vector<RoutingEntry> wanted = ConfiguredRouting(config);
  if (wanted.empty() && !instances_.contains(id)) return;
  OfInstance& of = instances_[id];
  std::vector<Entry> former = std::exchange(of.entries, {});
  for (const RoutingEntry& what : wanted) {
    const auto same = std::ranges::find_if(former, [&](const Entry& e) { return !e.retired && e.what == what; });
    if (same != former.end()) {
      of.entries.push_back(std::move(*same));
      former.erase(same);
    } else {
      of.entries.push_back({.what = what, .wanted = of.wanted});
    }
  }
  // Rules are removed first.
  std::stable_partition(former.begin(), former.end(), [](const Entry& entry) { return !IsRoute(entry); });
  for (Entry& entry : former) {
    entry.retired = true;
    entry.wanted = false;
    entry.retry_at = kNever;
    Reconcile(id, entry);
    of.entries.push_back(std::move(entry));
  }
  for (Entry& entry : of.entries) Reconcile(id, entry);
  Tidy(of);
  touched_.push_back(id);
  if (of.entries.empty()) instances_.erase(id);
}

void Routes::Want(InstanceId id, bool wanted) {
  const auto it = instances_.find(id);
  if (it == instances_.end() || it->second.wanted == wanted) return;
  OfInstance& of = it->second;
  of.wanted = wanted;
  const auto want = [&](Entry& entry) {
    if (entry.retired) return;
    entry.wanted = wanted;
    entry.retry_at = kNever;
    entry.backoff = Nanoseconds(0);
    entry.error.clear();
    Reconcile(id, entry);
  };
  if (wanted) {
    std::for_each(of.entries.begin(), of.entries.end(), want);
  } else {
    std::for_each(of.entries.rbegin(), of.entries.rend(), want);
  }
  touched_.push_back(id);
}

// Each entry has at most one request. Its answer calls this again.
void Routes::Reconcile(InstanceId id, Entry& entry) {
  if (entry.request != 0 || entry.retry_at != kNever) return;
  if (!entry.wanted && entry.presence != Presence::kPresent) {
    entry.presence = Presence::kAbsent;  // a foreign one is not ours to remove
    return;
  }
  if (entry.wanted && entry.presence == Presence::kPresent) return;
  entry.is_adding = entry.wanted;
  entry.request = next_request_++;
  by_request_[entry.request] = id;
  if (entry.is_adding) {
    additions_.push_back(AdditionOf(entry.request, entry.what));
  } else {
    removals_.push_back(RemovalOf(entry.request, entry.what));
  }
}

// Forgets what was removed after it had left the configuration.
void Routes::Tidy(OfInstance& of) {
  std::erase_if(of.entries, [](const Entry& entry) {
    return entry.retired && entry.request == 0 && entry.presence != Presence::kPresent;
  });
}

// ---- From the kernel ----

bool Routes::OnHostReply(const HostReply& reply, ControlTime t) {
  if (reply.id < kFirstRequest || reply.id >= next_request_) return false;
  // If it is not known whether the kernel carried out a request, the next list shows it.
  if (absl::IsUnavailable(reply.status)) {
    must_list_ = true;
    ListSoon(t.now);
  }
  const auto asked = by_request_.find(reply.id);
  if (asked == by_request_.end()) return true;  // of a left-over
  const InstanceId id = asked->second;
  by_request_.erase(asked);
  const auto of = instances_.find(id);
  if (of == instances_.end()) return true;
  touched_.push_back(id);
  for (Entry& entry : of->second.entries) {
    if (entry.request != reply.id) continue;
    entry.request = 0;
    entry.is_adding ? OnAdded(id, entry, reply.status, t) : OnRemoved(id, entry, reply.status, t);
    Reconcile(id, entry);
    break;
  }
  Tidy(of->second);
  return true;
}

void Routes::OnAdded(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t) {
  if (status.ok()) {
    entry.presence = Presence::kPresent;
    entry.error.clear();
    entry.backoff = Nanoseconds(0);
    if (entry.wanted) Record(id, occurrence::RoutingAdded{ToString(entry.what)}, t);
    return;
  }
  if (!entry.wanted) return;
  if (!absl::IsAlreadyExists(status)) return Fail(id, entry, status, t);
  if (entry.presence != Presence::kForeign) Record(id, occurrence::RoutingForeign{ToString(entry.what)}, t);
  entry.presence = Presence::kForeign;
  entry.error = std::string(status.message());
  TryLater(id, entry, kLongestBackoff, t);
}

void Routes::OnRemoved(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t) {
  if (!status.ok() && !absl::IsNotFound(status)) {
    if (!entry.wanted) Fail(id, entry, status, t);
    return;
  }
  entry.presence = Presence::kAbsent;
  entry.error.clear();
  entry.backoff = Nanoseconds(0);
  Record(id, occurrence::RoutingRemoved{ToString(entry.what)}, t);
}

void Routes::Fail(InstanceId id, Entry& entry, const absl::Status& status, ControlTime t) {
  if (entry.is_adding) entry.presence = Presence::kAbsent;
  if (entry.error.empty()) {
    Record(id, occurrence::RoutingFailed{absl::StrCat(ToString(entry.what), ": ", status.message())}, t);
  }
  entry.error = std::string(status.message());
  TryLater(id, entry, std::clamp(entry.backoff * 2, kFirstBackoff, kLongestBackoff), t);
}

void Routes::TryLater(InstanceId id, Entry& entry, Nanoseconds backoff, ControlTime t) {
  entry.backoff = backoff;
  entry.retry_at = t.now + backoff;
  retries_.insert({entry.retry_at, id});
}

void Routes::RetryNow() {
  if (retries_.empty()) return;
  retries_.clear();
  for (auto& [id, of] : instances_) {
    for (Entry& entry : of.entries) {
      if (entry.retry_at == kNever) continue;
      entry.retry_at = kNever;
      entry.backoff = Nanoseconds(0);
      Reconcile(id, entry);
    }
  }
}

void Routes::OnHostEvent(const HostEvent& event, ControlTime t) {
  using Kind = HostEvent::Kind;
  if (event.kind == Kind::kOverrun) return Resync(t);
  if (instances_.empty() || event.kind == Kind::kAddressAdded || event.kind == Kind::kMacChanged) return;
  if (event.kind == Kind::kLinkUp) RetryNow();
  ListSoon(t.now);
}

// ---- Requests, and time ----

void Routes::SendRemovals() {
  for (HostRequest& request : std::exchange(removals_, {})) context_.outbox.host.push_back(std::move(request));
}

// A request of a rule follows all requests of routes.
void Routes::SendAdditions() {
  std::stable_partition(additions_.begin(), additions_.end(),
                        [](const HostRequest& r) { return r.op == HostOp::kAddRoute; });
  for (HostRequest& request : std::exchange(additions_, {})) context_.outbox.host.push_back(std::move(request));
}

const std::vector<Routes::Entry>& Routes::EntriesOf(InstanceId id) const {
  static const std::vector<Entry> kNone;
  const auto of = instances_.find(id);
  return of == instances_.end() ? kNone : of->second.entries;
}

bool Routes::IsSettled(InstanceId id) const {
  return std::ranges::none_of(EntriesOf(id), [](const Entry& e) { return e.request != 0 || e.retry_at != kNever; });
}

void Routes::OnTime(ControlTime t) {
  while (!retries_.empty() && retries_.begin()->first <= t.now) {
    const InstanceId id = retries_.begin()->second;
    retries_.erase(retries_.begin());
    const auto of = instances_.find(id);
    if (of == instances_.end()) continue;
    for (Entry& entry : of->second.entries) {
      if (entry.retry_at > t.now) continue;
      entry.retry_at = kNever;
      Reconcile(id, entry);
    }
    touched_.push_back(id);
  }
  if (list_at_ <= t.now) Resync(t);
}

Instant Routes::NextDeadline() const { return std::min(list_at_, retries_.empty() ? kNever : retries_.begin()->first); }

}  // namespace dpvrrp
