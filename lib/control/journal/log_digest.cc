// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/log_digest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

// What a summary line is about: a segment, all segments of a port, or the daemon.
struct Group {
  std::string where;  // "port lan, VLAN 12: "; empty: the daemon
  size_t events = 0;
  size_t held = 0;  // of them, not written
  absl::flat_hash_set<std::string> instances;
  std::optional<LogEvent> example;  // nothing: no event of the group was held
};

std::string CountOf(const Group& group) {
  const size_t instances = group.instances.size();
  if (instances == 0) return absl::StrCat(group.events, " times");
  const std::string of = absl::StrCat(instances, instances == 1 ? " instance" : " instances");
  return group.events == instances ? of : absl::StrCat(group.events, " times in ", of);
}

// The example of a fault is written in full. For other events the name is enough, unless they have no cause.
std::string ExampleOf(const Group& group, const std::string& cause) {
  const LogEvent& event = *group.example;
  const bool in_full = cause.empty() || event.severity <= Severity::kWarning || event.instance.empty();
  if (!in_full) return event.instance;
  return event.instance.empty() ? event.text : absl::StrCat(event.instance, ": ", event.text);
}

LogEvent LineOf(const Group& group, const std::string& cause, int64_t unix_ms) {
  LogEvent line;
  line.unix_ms = unix_ms;
  line.severity = group.example->severity;
  line.kind = group.example->kind;
  line.text = absl::StrCat(group.where, CountOf(group), cause.empty() ? "" : ": ", cause, "; for example ",
                           ExampleOf(group, cause), line.kind.empty() ? "" : "; show events has each");
  return line;
}

}  // namespace

std::optional<LogEvent> LogDigest::Add(LogEvent event, Instant now) {
  Storm& storm = storms_[Cause(event.severity, event.kind, event.cause)];
  if (storm.ends == Instant{}) storm.ends = now + kWindow;
  storm.last_unix_ms = std::max(storm.last_unix_ms, event.unix_ms);
  Sum& sum = storm.sums[Place(event.port, event.vlan)];
  if (!event.instance.empty()) sum.instances.insert(event.instance);
  if (!storm.quiet && sum.written < kSingles && storm.written < kSinglesInAll) {
    ++sum.written;
    ++storm.written;
    return event;
  }
  if (++sum.held == 1) sum.first_held = std::move(event);
  return std::nullopt;
}

void LogDigest::Summarise(const Cause& cause, Storm& storm, std::vector<LogEvent>& out) {
  const auto is_held = [](const auto& entry) { return entry.second.held > 0; };
  const bool by_port = static_cast<size_t>(std::ranges::count_if(storm.sums, is_held)) > kSegmentLines;
  std::map<Place, Group> groups;
  std::map<Place, std::set<std::string>> vlans;
  for (auto& [place, sum] : storm.sums) {
    // What is summed up by port counts the segments that were written one by one, too: the figure is the whole.
    if (sum.held == 0 && !by_port) continue;
    const auto& [port, vlan] = place;
    const Place key = by_port ? Place(port, "") : place;
    Group& group = groups[key];
    if (!group.example.has_value() && sum.held > 0) group.example = std::move(sum.first_held);
    group.events += sum.written + sum.held;
    group.held += sum.held;
    group.instances.merge(sum.instances);
    vlans[key].insert(vlan);
    if (port.empty()) continue;
    if (vlans[key].size() > 1) {
      group.where = absl::StrCat("port ", port, ", ", vlans[key].size(), " VLANs: ");
    } else {
      group.where = absl::StrCat("port ", port, vlan == "-" ? "" : absl::StrCat(", VLAN ", vlan), ": ");
    }
  }
  for (auto& [key, group] : groups) {
    if (!group.example.has_value()) continue;
    const bool alone = group.held == 1;  // a summary of one event is that event itself
    out.push_back(alone ? *std::move(group.example) : LineOf(group, std::get<2>(cause), storm.last_unix_ms));
  }
}

std::vector<LogEvent> LogDigest::OnTime(Instant now) {
  std::vector<LogEvent> out;
  for (auto it = storms_.begin(); it != storms_.end();) {
    auto& [cause, storm] = *it;
    if (storm.ends > now) {
      ++it;
      continue;
    }
    const size_t before = out.size();
    Summarise(cause, storm, out);
    if (out.size() == before) {
      it = storms_.erase(it);
      continue;
    }
    storm = Storm{};
    storm.quiet = true;
    storm.ends = now + kWindow;
    ++it;
  }
  return out;
}

std::vector<LogEvent> LogDigest::Close() {
  std::vector<LogEvent> out;
  for (auto& [cause, storm] : storms_) Summarise(cause, storm, out);
  storms_.clear();
  return out;
}

Instant LogDigest::NextDeadline() const {
  Instant next = kNever;
  for (const auto& [cause, storm] : storms_) next = std::min(next, storm.ends);
  return next;
}

}  // namespace dpvrrp
