// SPDX-License-Identifier: BSD-3-Clause
#include "control/apply/not_started.h"

#include <algorithm>

namespace dpvrrp {

bool NotStarted::Note(InstanceConfig config, std::string why, ControlTime t) {
  const std::string name = config.name;
  const auto [it, is_new] = entries_.try_emplace(name);
  Entry& entry = it->second;
  const bool news = is_new || entry.why != why;
  if (is_new) entry.since_unix_ms = t.unix_ms;
  Index(entry.config, false);
  entry.config = std::move(config);
  Index(entry.config, true);
  entry.why = std::move(why);
  entry.wait = std::clamp(entry.wait * 2, kFirstWait, kLongestWait);
  entry.tried_at = t.now;
  RetryAt(entry, t.now + entry.wait);
  return news;
}

bool NotStarted::Forget(const std::string& name) {
  const auto it = entries_.find(name);
  if (it == entries_.end()) return false;
  Index(it->second.config, false);
  RetryAt(it->second, kNever);
  entries_.erase(it);
  return true;
}

void NotStarted::Clear() {
  entries_.clear();
  by_device_.clear();
  retries_.clear();
}

void NotStarted::OnDevice(const std::string& device, Instant now) {
  const auto users = by_device_.find(device);
  if (users == by_device_.end()) return;
  for (const std::string& name : users->second) {
    Entry& entry = entries_.at(name);
    RetryAt(entry, std::max(now, entry.tried_at + kShortestWait));
  }
}

std::vector<std::string> NotStarted::Due(Instant now) const {
  std::vector<std::string> due;
  for (const auto& [at, name] : retries_) {
    if (at > now || due.size() == kTriesATurn) break;
    due.push_back(name);
  }
  return due;
}

const NotStarted::Entry* NotStarted::Find(const std::string& name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : &it->second;
}

void NotStarted::RetryAt(Entry& entry, Instant at) {
  retries_.erase({entry.retry_at, entry.config.name});
  entry.retry_at = at;
  if (at != kNever) retries_.emplace(at, entry.config.name);
}

void NotStarted::Index(const InstanceConfig& config, bool add) {
  for (const VirtualAddress& address : config.virtual_addresses) {
    if (address.device.empty()) continue;
    std::set<std::string>& users = by_device_[address.device];
    add ? (void)users.insert(config.name) : (void)users.erase(config.name);
    if (users.empty()) by_device_.erase(address.device);
  }
}

}  // namespace dpvrrp
