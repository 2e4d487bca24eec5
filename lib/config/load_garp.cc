// SPDX-License-Identifier: BSD-3-Clause
#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/duration.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMaxRepeats = 16;
constexpr Nanoseconds kLongestRepeat = std::chrono::seconds(600);
constexpr Nanoseconds kLongestInterval = std::chrono::seconds(1);
constexpr Nanoseconds kShortestCorrection = std::chrono::milliseconds(100);
constexpr Nanoseconds kShortestRefresh = std::chrono::seconds(1);

std::vector<Nanoseconds> ReadRepeats(const TableReader& reader) {
  std::vector<Nanoseconds> repeats;
  for (const Node* item : reader.Items("repeats", kDuration, "a list of durations")) {
    const absl::StatusOr<Nanoseconds> at =
        TypeOf(*item) == kInteger ? DurationOfSeconds(item->integer()) : ParseDuration(item->text());
    if (!at.ok()) {
      reader.Refuse("repeats", *item, at.status().message());
    } else if (at->count() == 0 || *at > kLongestRepeat) {
      reader.Refuse("repeats", *item, "must be more than 0 and at most 600s after becoming master");
    } else if (!repeats.empty() && *at <= repeats.back()) {
      reader.Refuse("repeats", *item, "must be later than the one before it");
    } else {
      repeats.push_back(*at);
    }
  }
  const Node& list = *reader.Find("repeats");
  if (list.items().size() > kMaxRepeats) {
    reader.faults().Error(list.at,
                          absl::StrCat("repeats: must be at most ", kMaxRepeats, ", got ", list.items().size()));
  }
  return repeats;
}

}  // namespace

GarpConfig ReadGarp(const Node& table, Faults& faults) {
  const TableReader reader(table, kGarpRule, faults);
  GarpConfig garp;
  if (const auto interval = reader.Duration("interval")) {
    garp.interval = *interval;
    if (*interval > kLongestInterval) reader.Refuse("interval", *reader.Find("interval"), "must be at most 1s");
  }
  if (reader.Find("repeats") != nullptr) garp.repeats = ReadRepeats(reader);
  if (const auto refresh = reader.Duration("refresh")) {
    garp.refresh = *refresh;
    if (refresh->count() != 0 && *refresh < kShortestRefresh) {
      reader.Refuse("refresh", *reader.Find("refresh"), "must be at least 1s, or 0s for none");
    }
  }
  if (const auto spacing = reader.Duration("correction_interval")) {
    garp.correction_interval = *spacing;
    if (spacing->count() != 0 && (*spacing < kShortestCorrection || *spacing > kLongestRepeat)) {
      reader.Refuse("correction_interval", *reader.Find("correction_interval"), "must be 100ms..600s, or 0s for none");
    }
  }
  return garp;
}

}  // namespace dpvrrp::config_internal
