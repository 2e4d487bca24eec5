// SPDX-License-Identifier: BSD-3-Clause
#include "gen/outcome.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "gen/svg.h"

namespace dpvrrp {
namespace {

// Milliseconds with three places: microseconds.
double Ms(Nanoseconds time) { return std::round(static_cast<double>(time.count()) / 1000) / 1000; }

Value MsOrNull(const std::optional<Nanoseconds>& time) { return time ? Value(Ms(*time)) : Null(); }

double PerSecond(uint64_t count, Nanoseconds time) {
  return time <= Nanoseconds(0) ? 0 : std::round(static_cast<double>(count) * 1e9 / static_cast<double>(time.count()));
}

Value Address(const IpAddress& address) { return Text(ToString(address)); }

Section RunSection(const GenProfile& profile, const GenRunFacts& facts, const GenObserver& observer) {
  uint64_t sent = 0;
  for (const GenStreamCounts& counts : facts.streams) sent += counts.sent;
  return {"run", Record{{{"device", Text(profile.device)},
                         {"seconds", Ms(facts.time) / 1000},
                         {"interrupted", facts.interrupted},
                         {"sent", Count(sent)},
                         {"sent_per_second", PerSecond(sent, facts.time)},
                         {"sent_per_cpu_second", PerSecond(sent, facts.cpu)},
                         {"received", Count(observer.received())},
                         {"adverts_of_devices", Count(observer.adverts())},
                         {"other_adverts", Count(observer.other_adverts())},
                         {"engine", Text(facts.engine)}}}};
}

Section StreamsSection(const GenProfile& profile, const GenRunFacts& facts, const GenObserver& observer) {
  Table table{
      {"stream", "kind", "routers", "sent", "refused", "skipped", "worst_late_ms", "expected_end", "asked", "answered"},
      {}};
  for (size_t i = 0; i < profile.streams.size(); ++i) {
    const GenStream& stream = profile.streams[i];
    const GenStreamCounts& counts = facts.streams[i];
    const bool asks = stream.kind->role == GenRole::kQuestion;
    const GenAnswers& answers = observer.answers()[i];
    const std::optional<DropReason> end = stream.kind->End(stream.version, stream.auth.kind);
    table.rows.push_back({Text(stream.name), Text(stream.kind->name), Count(stream.routers.size()), Count(counts.sent),
                          Count(counts.refused), Count(counts.skipped), Ms(counts.worst),
                          !end || asks ? Null() : Text(*end == DropReason::kNone ? "accepted" : ToString(*end)),
                          asks ? Count(answers.asked) : Null(), asks ? Count(answers.answered) : Null()});
  }
  return {"streams", std::move(table)};
}

// A row of figures: how many, the median, and so on, in milliseconds.
std::vector<Value> Figures(absl::string_view name, const Samples& samples) {
  std::vector<Value> row = {Text(name), Count(samples.size())};
  for (const int permille : {0, 500, 990, 1000}) {
    row.push_back(samples.empty() ? Null() : Value(Ms(samples.At(permille))));
  }
  return row;
}

Section TimesSection(const GenObserver& observer) {
  Table table{{"time", "count", "least_ms", "median_ms", "p99_ms", "most_ms"}, {}};
  table.rows.push_back(Figures("takeover", observer.took()));
  table.rows.push_back(Figures("lateness", observer.lateness()));
  table.rows.push_back(Figures("announced", observer.announced()));
  table.rows.push_back(Figures("jitter", observer.jitter()));
  table.rows.push_back(Figures("answer", observer.answer_times()));
  return {"times", std::move(table)};
}

Section MastersSection(const GenProfile& profile, const GenObserver& observer) {
  Table table{{"stream", "routers", "taken_over", "not_taken_over", "did_not_give_way", "missed_intervals",
               "false_transitions", "false_adverts"},
              {}};
  for (size_t i = 0; i < profile.streams.size(); ++i) {
    const GenStream& stream = profile.streams[i];
    if (!stream.is_master()) continue;
    const bool stops = stream.silent_at.has_value() || stream.resign_at.has_value();
    uint64_t taken = 0, not_taken = 0, stayed = 0, missed = 0, transitions = 0, adverts = 0;
    for (const GenInstance& instance : observer.instances()) {
      if (instance.stream != i) continue;
      taken += instance.took.has_value() ? 1 : 0;
      stayed += instance.was_master ? 1 : 0;
      not_taken += stops && !instance.took && !instance.was_master ? 1 : 0;
      missed += instance.missed;
      transitions += instance.false_transitions;
      adverts += instance.false_adverts;
    }
    table.rows.push_back({Text(stream.name), Count(stream.routers.size()), Count(taken), Count(not_taken),
                          Count(stayed), Count(missed), Count(transitions), Count(adverts)});
  }
  return {"masters", std::move(table)};
}

Section InstancesSection(const GenProfile& profile, const GenObserver& observer) {
  Table table{{"stream", "vlan", "vrid", "family", "device", "mac", "priority", "adverts", "takeover_ms", "lateness_ms",
               "announced_ms", "missed_intervals", "false_transitions"},
              {}};
  for (const GenInstance& instance : observer.instances()) {
    const GenStream& stream = profile.streams[instance.stream];
    const GenRouter& router = stream.routers[instance.router];
    const bool seen = instance.adverts != 0;
    const std::string vlan = router.vlan.inner != 0 ? absl::StrCat(router.vlan.outer, ".", router.vlan.inner)
                                                    : absl::StrCat(router.vlan.outer);
    table.rows.push_back({Text(stream.name), router.vlan.outer == 0 ? Null() : Text(vlan), int64_t{router.vrid.value()},
                          int64_t{static_cast<uint8_t>(router.source.family())},
                          seen ? Address(instance.device) : Null(), seen ? Text(ToString(instance.device_mac)) : Null(),
                          seen ? Value(int64_t{instance.device_priority.value()}) : Null(), Count(instance.adverts),
                          MsOrNull(instance.took), MsOrNull(instance.lateness), MsOrNull(instance.announced),
                          Count(instance.missed), Count(instance.false_transitions)});
  }
  return {"instances", std::move(table)};
}

}  // namespace

Report GenOutcome(const GenProfile& profile, const GenRunFacts& facts, const GenObserver& observer,
                  bool all_instances) {
  Report report;
  report.sections.push_back(RunSection(profile, facts, observer));
  report.sections.push_back(StreamsSection(profile, facts, observer));
  report.sections.push_back(MastersSection(profile, observer));
  report.sections.push_back(TimesSection(observer));
  if (all_instances) report.sections.push_back(InstancesSection(profile, observer));
  return report;
}

std::string GenPictures(const GenObserver& observer) {
  std::vector<Histogram> histograms;
  const auto add = [&](absl::string_view title, const Samples& samples) {
    if (!samples.empty()) histograms.push_back({std::string(title), &samples});
  };
  add("Takeover: last advert of the master to first advert of the device", observer.took());
  add("Lateness: takeover beyond the rule", observer.lateness());
  add("Announcement: first advert to first gratuitous ARP or neighbour advertisement", observer.announced());
  add("Jitter: time between two adverts beyond the interval", observer.jitter());
  add("Answer to an ARP request or a neighbour solicitation", observer.answer_times());
  return HistogramSvg(histograms);
}

}  // namespace dpvrrp
