// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/natural_order.h"
#include "base/time.h"
#include "config/model.h"
#include "control/control_time.h"

namespace dpvrrp {

// The instances of the configuration that could not be set up, for example because a kernel device is missing: the
// reason, and when each one is tried again. The wait doubles with each try. An event about a device ends the wait of
// the instances that have an address on it.
//
// Thread: control.
class NotStarted {
 public:
  static constexpr Nanoseconds kFirstWait = std::chrono::seconds(1);
  static constexpr Nanoseconds kLongestWait = std::chrono::seconds(30);
  static constexpr Nanoseconds kShortestWait = std::chrono::milliseconds(100);  // a busy device has many events
  static constexpr size_t kTriesATurn = 64;  // thousands may wait for one device, and a try asks the kernel

  struct Entry {
    InstanceConfig config;
    std::string why;
    int64_t since_unix_ms = 0;  // of the first failure
    Nanoseconds wait{0};
    Instant tried_at{};
    Instant retry_at = kNever;
  };

  // A try has failed. Returns whether that is news: it is the first failure, or the reason is another one.
  bool Note(InstanceConfig config, std::string why, ControlTime t);
  // The instance has started, or was removed from the configuration. Returns whether it had failed before.
  bool Forget(const std::string& name);
  void Clear();

  void OnDevice(const std::string& device, Instant now);
  // The instances that are to be tried now, at most kTriesATurn.
  std::vector<std::string> Due(Instant now) const;
  Instant NextDeadline() const { return retries_.empty() ? kNever : retries_.begin()->first; }

  using Entries = std::map<std::string, Entry, NaturalLess>;  // by name
  const Entries& entries() const { return entries_; }
  const Entry* Find(const std::string& name) const;

 private:
  void RetryAt(Entry& entry, Instant at);
  void Index(const InstanceConfig& config, bool add);

  Entries entries_;
  std::map<std::string, std::set<std::string>> by_device_;  // the names of those with an address there
  std::set<std::pair<Instant, std::string>> retries_;
};

}  // namespace dpvrrp
