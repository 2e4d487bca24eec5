// SPDX-License-Identifier: BSD-3-Clause
#include "control/journal/event_log.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "absl/strings/str_format.h"

namespace dpvrrp {
namespace {

constexpr uint64_t kKeptEventNumber = uint64_t{1} << 41;

}  // namespace

void EventLog::SetCapacity(size_t capacity) {
  capacity_ = capacity;
  while (events_.size() > capacity_) events_.pop_front();
}

void EventLog::ContinueIn(SequenceRecord& record) {
  if (record.sent >= kKeptEventNumber) last_number_ = std::max(last_number_, record.sent - kKeptEventNumber);
  record_ = &record;
}

const LogEvent& EventLog::Add(LogEvent event) {
  event.number = ++last_number_;
  if (record_ != nullptr) {
    std::atomic_ref(record_->sent).store(kKeptEventNumber + last_number_, std::memory_order_relaxed);
  }
  event.cause.clear();
  if (events_.size() >= capacity_) events_.pop_front();
  events_.push_back(std::move(event));
  return events_.back();
}

std::string FormatTime(int64_t unix_ms) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> at{milliseconds(unix_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> time(at - day);
  return absl::StrFormat("%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                         time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace dpvrrp
