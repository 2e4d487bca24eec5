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
  compare("state_directory", running.state_directory, wanted.state_directory);
  compare("main_lcore", running.main_lcore, wanted.main_lcore);
  compare("lcores", running.lcores, wanted.lcores);
  compare("idle", running.idle, wanted.idle);
  compare("idle_sleep", running.idle_sleep, wanted.idle_sleep);
  compare("user", running.user, wanted.user);
  compare("control_group", running.control_group, wanted.control_group);
  compare("lock_memory", running.lock_memory, wanted.lock_memory);
  compare("seccomp", running.seccomp, wanted.seccomp);
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

bool ChangesInPlace(const InstanceConfig& running, const InstanceConfig& wanted) {
  InstanceConfig otherwise = wanted;
  otherwise.priority = running.priority;
  otherwise.auth.keyring = running.auth.keyring;
  otherwise.allowed_senders = running.allowed_senders;
  return otherwise == running;
}

}  // namespace

bool ConfigDiff::empty() const {
  return added.empty() && removed.empty() && replaced.empty() && reprioritised.empty() && rekeyed.empty() &&
         relisted.empty() && !blocks_differ && needs_restart.empty();
}

ConfigDiff Diff(const Config& running, const Config& wanted) {
  ConfigDiff diff;
  DiffDaemon(running.daemon, wanted.daemon, &diff.needs_restart);
  DiffPorts(running, wanted, &diff.needs_restart);
  diff.blocks_differ = running.blocks != wanted.blocks;
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
    const InstanceConfig& running_instance = *old->second;
    if (!ChangesInPlace(running_instance, instance)) {
      diff.replaced.push_back(instance.name);
      continue;
    }
    if (running_instance.priority != instance.priority) diff.reprioritised.push_back(instance.name);
    if (running_instance.auth != instance.auth) diff.rekeyed.push_back(instance.name);
    if (running_instance.allowed_senders != instance.allowed_senders) diff.relisted.push_back(instance.name);
  }
  return diff;
}

}  // namespace dpvrrp
