// SPDX-License-Identifier: BSD-3-Clause
#include "config/diff.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

template <typename T>
absl::flat_hash_map<std::string, const T*> ByName(const std::vector<T>& items) {
  absl::flat_hash_map<std::string, const T*> by_name;
  for (const T& item : items) by_name.emplace(item.name, &item);
  return by_name;
}

void DiffDaemon(const DaemonConfig& running, const DaemonConfig& wanted, std::vector<std::string>* needs_restart) {
  const auto compare = [&](const char* key, const auto& a, const auto& b) {
    if (a != b) needs_restart->push_back(absl::StrCat("daemon.", key));
  };
  compare("control_socket", running.control_socket, wanted.control_socket);
  compare("read_only_socket", running.read_only_socket, wanted.read_only_socket);
  compare("state_directory", running.state_directory, wanted.state_directory);
  compare("main_lcore", running.main_lcore, wanted.main_lcore);
  compare("lcores", running.lcores, wanted.lcores);
  compare("idle", running.idle, wanted.idle);
  compare("idle_sleep", running.idle_sleep, wanted.idle_sleep);
  compare("user", running.user, wanted.user);
  compare("control_group", running.control_group, wanted.control_group);
  compare("lock_memory", running.lock_memory, wanted.lock_memory);
  compare("seccomp", running.seccomp, wanted.seccomp);
  compare("scheduling", running.scheduling, wanted.scheduling);
  compare("scheduling_priority", running.scheduling_priority, wanted.scheduling_priority);
}

void DiffMetrics(const MetricsConfig& running, const MetricsConfig& wanted, std::vector<std::string>* needs_restart) {
  if (running.port != wanted.port || running.address != wanted.address) needs_restart->push_back("metrics.listen");
  if (running.socket != wanted.socket) needs_restart->push_back("metrics.socket");
}

void DiffPorts(const Config& running, const Config& wanted, std::vector<std::string>* needs_restart) {
  const auto before = ByName(running.ports);
  const auto after = ByName(wanted.ports);
  for (const PortConfig& port : running.ports) {
    if (!after.contains(port.name)) needs_restart->push_back(absl::StrCat("port ", port.name));
  }
  for (const PortConfig& port : wanted.ports) {
    const auto old = before.find(port.name);
    if (old == before.end() || *old->second != port) needs_restart->push_back(absl::StrCat("port ", port.name));
  }
}

template <typename T>
NamedChanges DiffNamed(const std::vector<T>& running, const std::vector<T>& wanted) {
  NamedChanges changes;
  const auto before = ByName(running);
  const auto after = ByName(wanted);
  for (const T& item : running) {
    if (!after.contains(item.name)) changes.removed.push_back(item.name);
  }
  for (const T& item : wanted) {
    const auto old = before.find(item.name);
    if (old == before.end()) {
      changes.added.push_back(item.name);
    } else if (*old->second != item) {
      changes.changed.push_back({item.name, DifferencesOf(*old->second, item)});
    }
  }
  return changes;
}

}  // namespace

bool ConfigDiff::empty() const {
  return added.empty() && removed.empty() && changed.empty() && !blocks_differ && scripts.empty() && tracks.empty() &&
         groups.empty() && needs_restart.empty();
}

ConfigDiff Diff(const Config& running, const Config& wanted) {
  ConfigDiff diff;
  DiffDaemon(running.daemon, wanted.daemon, &diff.needs_restart);
  DiffMetrics(running.metrics, wanted.metrics, &diff.needs_restart);
  DiffPorts(running, wanted, &diff.needs_restart);
  diff.blocks_differ = running.blocks != wanted.blocks;
  diff.scripts = DifferencesOf(running.scripts, wanted.scripts);
  diff.tracks = DiffNamed(running.tracks, wanted.tracks);
  diff.groups = DiffNamed(running.groups, wanted.groups);
  const auto before = ByName(running.instances);
  const auto after = ByName(wanted.instances);
  for (const InstanceConfig& instance : running.instances) {
    if (!after.contains(instance.name)) diff.removed.push_back(instance.name);
  }
  for (const InstanceConfig& instance : wanted.instances) {
    const auto old = before.find(instance.name);
    if (old == before.end()) {
      diff.added.push_back(instance.name);
      continue;
    }
    InstanceChange change = ChangeOf(*old->second, instance);
    if (!change.empty()) diff.changed.push_back(std::move(change));
  }
  return diff;
}

}  // namespace dpvrrp
