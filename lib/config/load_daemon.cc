// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/port_interface.h"
#include "config/draft.h"
#include "config/instance_rules.h"
#include "config/port_kind.h"
#include "config/schema.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {
namespace {

constexpr int64_t kMaxLcore = 127;                                     // DPDK's RTE_MAX_LCORE is 128
constexpr Nanoseconds kMaxIdleSleep = std::chrono::milliseconds(100);  // an advert can be late by this much
constexpr Nanoseconds kDefaultIdleSleep = std::chrono::microseconds(150);

constexpr Choice<IdleMode> kIdleModes[] = {{"poll", IdleMode::kPoll},
                                           {"pause", IdleMode::kPause},
                                           {"sleep", IdleMode::kSleep},
                                           {"interrupt", IdleMode::kInterrupt}};

constexpr Choice<KernelShare> kKernelShares[] = {
    {"shared", KernelShare::kShared}, {"twin", KernelShare::kTwin}, {"none", KernelShare::kNone}};

constexpr Choice<SchedulingPolicy> kSchedulingPolicies[] = {
    {"fifo", SchedulingPolicy::kFifo}, {"rr", SchedulingPolicy::kRoundRobin}, {"other", SchedulingPolicy::kOther}};
constexpr int64_t kMaxSchedulingPriority = 98;  // the limit of Linux is 99, and workers have one more

bool IsPrintable(absl::string_view text) { return std::all_of(text.begin(), text.end(), absl::ascii_isgraph); }

// The valid CPUs. An invalid one is reported.
std::vector<uint32_t> ReadLcores(const TableReader& reader) {
  std::vector<uint32_t> lcores;
  for (const Node* item : reader.Items("lcores", kInteger, "a list of integers")) {
    const int64_t lcore = item->integer();
    if (lcore < 0 || lcore > kMaxLcore) {
      reader.Refuse("lcores", *item, absl::StrCat("must be 0..", kMaxLcore));
    } else if (std::count(lcores.begin(), lcores.end(), lcore) != 0) {
      reader.Refuse("lcores", *item, "is given twice");
    } else {
      lcores.push_back(static_cast<uint32_t>(lcore));
    }
  }
  const Node& list = *reader.Find("lcores");
  if (list.items().empty()) reader.faults().Error(list.at, "lcores: must name a CPU");
  return lcores;
}

// `idle_sleep` without `idle` means "sleep": the key is older than `idle`.
void ReadIdle(const TableReader& reader, DaemonConfig* daemon) {
  const auto sleep = reader.Duration("idle_sleep");
  if (sleep && *sleep > kMaxIdleSleep) {
    reader.Refuse("idle_sleep", *reader.Find("idle_sleep"),
                  "must be at most 100ms, because an advert can be late by that much");
  }
  const auto idle = reader.Choose("idle", kIdleModes);
  if (idle) daemon->idle = *idle;
  if (!reader.Has("idle") && sleep && *sleep > Nanoseconds(0)) daemon->idle = IdleMode::kSleep;
  if (daemon->idle == IdleMode::kSleep) {
    daemon->idle_sleep = sleep.value_or(kDefaultIdleSleep);
    if (sleep == Nanoseconds(0))
      reader.Refuse("idle_sleep", *reader.Find("idle_sleep"), "must be more than 0 with idle = \"sleep\"");
  } else if (idle && sleep && *sleep > Nanoseconds(0)) {
    reader.Refuse("idle_sleep", *reader.Find("idle_sleep"), "is allowed only with idle = \"sleep\"");
  }
}

void ReadScheduling(const TableReader& reader, DaemonConfig* daemon) {
  const auto policy = reader.Choose("scheduling", kSchedulingPolicies);
  if (policy) daemon->scheduling = *policy;
  const auto priority = reader.Integer("scheduling_priority", {1, kMaxSchedulingPriority});
  if (!priority) return;
  daemon->scheduling_priority = static_cast<int>(*priority);
  if (policy != SchedulingPolicy::kOther) return;
  reader.Refuse("scheduling_priority", *reader.Find("scheduling_priority"),
                "is allowed only with scheduling = \"fifo\" or \"rr\"");
}

// The values of `kernel` for a device.
absl::string_view KernelSharesOf(const PortInterfaces& interfaces) {
  if (interfaces.takes_filter) return "shared and none";
  return interfaces.allows_twin() ? "twin and none" : "none";
}

// Without the key, a device that takes a filter has one. False: a value that is refused.
bool ReadKernelShare(const TableReader& reader, PortConfig* port) {
  const PortInterfaces interfaces = PortInterfacesOf(port->device);
  port->kernel = interfaces.takes_filter ? KernelShare::kShared : KernelShare::kNone;
  if (!reader.Has("kernel")) return true;
  const auto share = reader.Choose("kernel", kKernelShares);
  if (!share) return false;
  absl::string_view rule;
  if (*share == KernelShare::kShared && !interfaces.takes_filter) {
    rule = "needs a device that receives from packet sockets of a kernel interface, such as net_af_packet0,iface=eth0";
  } else if (*share == KernelShare::kTwin && !interfaces.allows_twin()) {
    rule = "needs a device that is not an interface of the kernel, such as a PCI address";
  }
  port->kernel = *share;
  if (rule.empty()) return true;
  reader.Refuse("kernel", *reader.Find("kernel"),
                absl::StrCat(rule, "; device '", port->device, "' allows only ", KernelSharesOf(interfaces)));
  return false;
}

// The kernel would take '%' in a name for a place for a number.
void ReadTwin(const TableReader& reader, PortConfig* port) {
  const Node* twin = reader.Find("twin");
  if (port->kernel != KernelShare::kTwin) {
    if (twin != nullptr) reader.Refuse("twin", *twin, "is allowed only with kernel = \"twin\"");
    return;
  }
  if (twin == nullptr) {
    if (reader.Has("twin")) return;  // of another type, and reported
    return reader.Refuse("kernel", *reader.Find("kernel"), "needs twin, the name of the kernel interface, such as gw0");
  }
  port->twin = twin->text();
  absl::string_view fault = InterfaceNameFault(port->twin);
  if (fault.empty() && absl::StrContains(port->twin, '%')) fault = "must be an interface name without '%'";
  if (!fault.empty()) reader.Refuse("twin", *twin, fault);
}

// Both CPU keys are valid or absent.
void CheckMainLcoreIsFree(const TableReader& reader, const DaemonConfig& daemon) {
  if (std::count(daemon.lcores.begin(), daemon.lcores.end(), daemon.main_lcore) == 0) return;
  const Node* list = reader.Find("lcores");
  const Node* at = list != nullptr ? list : reader.Find("main_lcore");  // the defaults differ, so at least one is given
  reader.faults().Error(at->at, absl::StrCat(list != nullptr ? "lcores" : "main_lcore", ": CPU ", daemon.main_lcore,
                                             " cannot be both the control thread's (main_lcore) and a poll-mode "
                                             "worker's (lcores)"));
}

}  // namespace

void ReadPath(const TableReader& reader, absl::string_view key, size_t max_bytes, std::string* path) {
  const Node* node = reader.Find(key);
  if (node == nullptr) return;
  *path = node->text();
  if (!absl::StartsWith(*path, "/") || absl::StrContains(*path, '\0')) {
    return reader.Refuse(key, *node, "must be an absolute path");
  }
  if (path->size() > max_bytes) reader.Refuse(key, *node, absl::StrCat("must be at most ", max_bytes, " bytes"));
}

// A user's or group's name in the form of useradd(8). Whether it exists is checked at start-up.
void ReadAccount(const TableReader& reader, absl::string_view key, std::string* name) {
  const Node* node = reader.Find(key);
  if (node == nullptr) return;
  *name = node->text();
  const auto usual = [](char c) { return absl::ascii_isalnum(c) || absl::StrContains("._-", c); };
  if (name->empty() || name->size() > 32 || name->front() == '-' || !std::all_of(name->begin(), name->end(), usual)) {
    reader.Refuse(key, *node, "must be 1 to 32 of A-Z a-z 0-9 . _ -, not beginning with -");
  }
}

const Node* ReadName(const TableReader& reader, std::string* name) {
  const Node* node = reader.Find("name");
  if (node == nullptr) return nullptr;
  *name = node->text();
  const absl::string_view fault = NameFault(*name);
  if (fault.empty()) return node;
  reader.Refuse("name", *node, fault);
  return nullptr;
}

DaemonConfig ReadDaemon(const Node& table, Faults& faults) {
  const TableReader reader(table, kDaemonRule, faults);
  DaemonConfig daemon;
  ReadPath(reader, "control_socket", kMaxSocketPathBytes, &daemon.control_socket);
  ReadPath(reader, "read_only_socket", kMaxSocketPathBytes, &daemon.read_only_socket);
  if (daemon.read_only_socket == daemon.control_socket) {
    reader.Refuse("read_only_socket", *reader.Find("read_only_socket"), "must be another path than control_socket");
  }
  ReadPath(reader, "state_directory", kMaxPathBytes, &daemon.state_directory);
  const auto main_lcore = reader.Integer("main_lcore", {0, kMaxLcore});
  if (main_lcore) daemon.main_lcore = static_cast<uint32_t>(*main_lcore);
  if (reader.Find("lcores") != nullptr) daemon.lcores = ReadLcores(reader);
  const bool main_lcore_good = main_lcore || !reader.Has("main_lcore");
  const bool lcores_good = reader.Find("lcores") != nullptr || !reader.Has("lcores");
  if (main_lcore_good && lcores_good) CheckMainLcoreIsFree(reader, daemon);
  ReadIdle(reader, &daemon);
  ReadAccount(reader, "user", &daemon.user);
  ReadAccount(reader, "control_group", &daemon.control_group);
  if (const Node* node = reader.Find("lock_memory")) daemon.lock_memory = node->boolean();
  if (const Node* node = reader.Find("seccomp")) daemon.seccomp = node->boolean();
  ReadScheduling(reader, &daemon);
  if (const auto events = reader.Integer("events", {kMinEvents, kMaxEvents})) {
    daemon.events = static_cast<size_t>(*events);
  }
  return daemon;
}

PortDraft ReadPort(const Node& table, Faults& faults) {
  const TableReader reader(table, kPortRule, faults);
  PortDraft port;
  port.name = ReadName(reader, &port.config.name);
  port.lcores = reader.Find("lcores");
  if (port.lcores != nullptr) port.config.lcores = ReadLcores(reader);
  const Node* device = reader.Find("device");
  if (device == nullptr) return port;
  port.config.device = device->text();
  const absl::string_view name = absl::string_view(port.config.device).substr(0, port.config.device.find(','));
  const bool is_vdev = absl::StartsWith(name, "net_") && name.size() > 4;
  if (IsPrintable(port.config.device) && (IsPciDeviceName(name) || is_vdev)) {
    port.device = device;
    if (ReadKernelShare(reader, &port.config)) ReadTwin(reader, &port.config);
    port.twin = reader.Find("twin");
  } else {
    reader.Refuse("device", *device,
                  "must be a PCI address such as 0000:3b:00.0 or a DPDK device such as net_af_packet0,iface=eth0");
  }
  return port;
}

void CheckPortLcores(const Draft& draft, Faults& faults) {
  const std::vector<uint32_t>& workers = draft.daemon.lcores;
  for (const PortDraft& port : draft.ports) {
    if (port.lcores == nullptr) continue;
    for (const Node& item : port.lcores->items()) {
      const auto* lcore = std::get_if<int64_t>(&item.value);
      if (lcore == nullptr || std::count(workers.begin(), workers.end(), *lcore) != 0) continue;
      faults.Error(item.at, absl::StrCat("lcores ", ValueText(item), ": must be a poll-mode worker, one of lcores in ",
                                         "[daemon] (", absl::StrJoin(workers, ", "), ")"));
    }
  }
}

}  // namespace dpvrrp::config_internal
