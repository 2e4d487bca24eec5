// SPDX-License-Identifier: BSD-3-Clause
#include "system_services.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/port_interface.h"
#include "credentials.h"
#include "io/privileges.h"
#include "io/scheduling.h"
#include "io/secret_file.h"
#include "io/thread_state.h"
#include "log.h"

namespace dpvrrp {

namespace {

// Reads without a buffer of the stream, which would not be wiped. The growing copies of the bytes are wiped.
absl::StatusOr<SecretBytes> ReadWhole(const std::string& file) {
  constexpr size_t kPiece = 65536;
  std::ifstream in;
  in.rdbuf()->pubsetbuf(nullptr, 0);
  in.open(file, std::ios::binary);
  SecretBytes text;
  while (in) {
    const size_t had = text.bytes.size();
    if (had + kPiece > text.bytes.capacity()) {
      SecretBytes longer;
      longer.bytes.reserve(2 * had + kPiece);
      longer.bytes.assign(text.bytes.begin(), text.bytes.end());
      text = std::move(longer);
    }
    text.bytes.resize(had + kPiece);
    in.read(reinterpret_cast<char*>(text.bytes.data() + had), kPiece);
    text.bytes.resize(had + static_cast<size_t>(in.gcount()));
  }
  if (!in.eof()) return absl::UnavailableError(strerror(errno));
  return text;
}

// Reads a key file, or one of systemd's credentials. `trusted` as for ReadSecretFile().
absl::StatusOr<SecretBytes> ReadSecret(const std::string& path, const std::function<bool(uid_t)>& trusted) {
  absl::string_view name = absl::string_view(path).substr(path.rfind('/') + 1);
  if (absl::ConsumePrefix(&name, kCredentialPrefix)) return Credentials::OfService().Find(std::string(name));
  absl::StatusOr<std::vector<uint8_t>> bytes = ReadSecretFile(path, trusted);
  if (!bytes.ok()) return bytes.status();
  return SecretBytes(*std::move(bytes));
}

// Key files may belong to the user that the daemon changes to, and only the configuration names that user. So the first
// pass accepts and records every owner. If another owner than that user was found, a second pass refuses it. A file
// with faults may not name the user, so the faults are reported first.
LoadResult LoadWithKeys(absl::string_view toml, const std::string& file, const HostFacts* host) {
  std::set<uid_t> others;
  const auto load = [&](const std::function<bool(uid_t)>& trusted) {
    return LoadConfig(
        toml, file, [&](const std::string& path) { return ReadSecret(path, trusted); }, host);
  };
  LoadResult result = load([&](uid_t owner) { return others.insert(owner), true; });
  if (others.empty() || !result.errors.empty()) return result;
  const std::string& user = result.config.daemon.user;
  const absl::StatusOr<UserAccount> account =
      user.empty() ? absl::NotFoundError("no user is configured") : FindUser(user);
  if (account.ok() && others == std::set<uid_t>{account->uid}) return result;
  return load([&](uid_t owner) { return account.ok() && owner == account->uid; });
}

}  // namespace

LoadResult LoadConfigFile(const std::string& file, const HostFacts* host) {
  const absl::StatusOr<SecretBytes> text = ReadWhole(file);  // it may contain keys
  if (!text.ok()) {
    LoadResult result;
    result.errors.push_back(ConfigFault{file, 1, 1, absl::StrCat("cannot read the file: ", text.status().message())});
    return result;
  }
  const absl::string_view toml(reinterpret_cast<const char*>(text->bytes.data()), text->bytes.size());
  return LoadWithKeys(toml, file, host);
}

SystemServices::SystemServices(std::string config_file, std::vector<PortConfig> ports, StateRecords& state,
                               HandoverFile& handover, NetlinkHost& host, Dataplane& dataplane,
                               const PortKeeper& port_keeper)
    : config_file_(std::move(config_file)),
      ports_(std::move(ports)),
      state_(state),
      handover_(handover),
      host_(host),
      dataplane_(dataplane),
      port_keeper_(port_keeper) {}

absl::StatusOr<SequenceRecord*> SystemServices::AcquireRecord(absl::string_view key) { return state_.Acquire(key); }

absl::Status SystemServices::MoveRecord(absl::string_view from, absl::string_view to) { return state_.Move(from, to); }

absl::StatusOr<std::string> SystemServices::AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                                          Vrid vrid) {
  if (mac == SourceMac::kVirtual) {
    absl::StatusOr<std::string> made = host_.EnsureVirtualMacDevice(device, family, vrid);
    if (!made.ok()) return made;
    VirtualMacDevice& ours = virtual_mac_devices_[*made];
    ours = {ours.users + 1, device, family, vrid};
    return made;
  }
  const absl::Status status = host_.PrepareDevice(device);
  if (!status.ok()) return status;
  return device;
}

void SystemServices::ReleaseDevice(const std::string& device) {
  const auto it = virtual_mac_devices_.find(device);
  if (it == virtual_mac_devices_.end()) return;  // an operator's device
  if (--it->second.users > 0) return;
  virtual_mac_devices_.erase(it);
  host_.RemoveVirtualMacDevice(device).IgnoreError();  // already removed together with its parent
}

absl::StatusOr<std::string> SystemServices::RestoreDevice(const std::string& device) {
  const auto it = virtual_mac_devices_.find(device);
  if (it == virtual_mac_devices_.end()) return absl::NotFoundError("it is not a device of this daemon");
  const auto& [users, parent, family, vrid] = it->second;
  absl::StatusOr<std::string> made = host_.EnsureVirtualMacDevice(parent, family, vrid);
  if (!made.ok() || *made == device) return made;
  virtual_mac_devices_[*made] = it->second;
  virtual_mac_devices_.erase(device);
  return made;
}

absl::Status SystemServices::PrepareDevice(const std::string& device) { return host_.PrepareDevice(device); }

bool SystemServices::LinkIsUp(const std::string& device) {
  const absl::StatusOr<HostLink> link = host_.FindLink(device);
  return link.ok() && link->up && link->running;
}

bool SystemServices::HasNeighbours(const std::string& device) {
  const absl::StatusOr<HostLink> link = host_.FindLink(device);
  return !link.ok() || link->has_neighbours;
}

bool SystemServices::HasMac(const MacAddress& mac) { return host_.HasMac(mac); }

absl::StatusOr<std::vector<HostAddress>> SystemServices::ListAddresses() { return host_.ListAddresses(); }

LoadResult SystemServices::LoadConfiguration() { return LoadConfigFile(config_file_); }

absl::StatusOr<SecretBytes> SystemServices::ReadKeyFile(const std::string& path) {
  return ReadSecret(std::filesystem::path(config_file_).parent_path() / path, {});  // owned by our user or by root
}

// If the kernel selects the port's frames, the daemon may receive none although the port works. The kernel counts all.
uint64_t SystemServices::HeardBy(const PortConfig& port, uint64_t received) {
  if (port.kernel != KernelShare::kShared) return received;
  return host_.ReceivedFrames(PortInterfacesOf(port.device).names[0]).value_or(received);
}

std::vector<PortStatus> SystemServices::Ports() {
  std::vector<PortStatus> out;
  for (size_t i = 0; i < ports_.size(); ++i) {
    const PortInfo& info = dataplane_.ports()[i];
    const PortStatistics counts = dataplane_.statistics(info.id);
    const PortKeeper::Status& status = port_keeper_.status(info.id);
    PortStatus port;
    port.id = info.id;
    port.name = ports_[i].name;
    port.device = ports_[i].device;
    port.driver = info.driver;
    port.filter = std::string(ToString(info.filter));
    port.mac = status.mac;
    port.up = status.up;
    port.down_reason = status.reason;
    for (const size_t worker : info.workers) port.lcores.push_back(dataplane_.lcore(worker));
    port.steering = std::string(ToString(info.steering));
    port.kernel = std::string(ToString(info.kernel));
    port.kernel_instructions = info.filter_instructions;
    port.kernel_widened = absl::StrJoin(info.filter_widened, ", ");
    port.received = counts.rx_packets;
    port.heard = HeardBy(ports_[i], port.received);
    port.missed = counts.rx_missed + counts.rx_no_mbuf;
    port.sent = counts.tx_packets;
    port.send_errors = counts.tx_errors;
    port.counts = {.rx_packets = counts.rx_packets,
                   .rx_bytes = counts.rx_bytes,
                   .rx_missed = counts.rx_missed,
                   .rx_errors = counts.rx_errors,
                   .rx_no_mbuf = counts.rx_no_mbuf,
                   .tx_packets = counts.tx_packets,
                   .tx_bytes = counts.tx_bytes,
                   .tx_errors = counts.tx_errors};
    if (info.open) port.number = info.dpdk.value();
    port.promiscuous = info.promiscuous || info.filter == MulticastFilter::kPromiscuous;
    if (!info.twin.empty()) port.twin = DescribeTwin(info);
    out.push_back(std::move(port));
  }
  return out;
}

TwinStatus SystemServices::DescribeTwin(const PortInfo& port) {
  TwinStatus twin;
  twin.interface = port.twin;
  if (const absl::StatusOr<HostLink> link = host_.FindLink(port.twin); link.ok()) {
    twin.link = link->up && link->running;
    twin.mtu = link->mtu;
    twin.promiscuous = link->promiscuous;
  }
  const TwinStatistics counts = dataplane_.twin_statistics(port.id);
  twin.up = counts.up;
  twin.up_dropped = counts.up_dropped;
  twin.up_refused = counts.up_refused;
  twin.down = counts.down;
  twin.down_dropped = counts.down_dropped;
  twin.down_too_long = counts.down_too_long;
  twin.down_missed = host_.UnsentFrames(port.twin).value_or(0);
  return twin;
}

std::vector<WorkerStatus> SystemServices::Workers() {
  std::vector<WorkerStatus> out;
  for (size_t i = 0; i < dataplane_.workers(); ++i) {
    const WorkerCounters& loop = dataplane_.worker_counters(i);
    const ShardCounters& shard = dataplane_.shard_counters(i);
    WorkerStatus worker;
    worker.lcore = dataplane_.lcore(i);
    worker.icv_engine = std::string(dataplane_.icv_engine(i));
    worker.scheduling = DescribeScheduling(static_cast<pid_t>(loop.thread_id.value()));
    worker.turns = loop.turns.value();
    worker.rests = loop.rests.value();
    worker.longest_turn_us = loop.longest_turn_ns.value() / 1000;
    worker.latest_wake_us = loop.latest_wake_ns.value() / 1000;
    worker.received = loop.rx_frames.value();
    worker.handed_over = loop.handed_over.value();
    worker.accepted = shard.adverts_accepted.value();
    for (const Counter& drop : shard.drops) worker.not_accepted += drop.value();
    worker.sent = loop.tx_frames.value();
    worker.lost = loop.lost();
    worker.command_ring_full = dataplane_.command_ring_full(i);
    if (const auto thread = ReadThreadState(static_cast<pid_t>(loop.thread_id.value()))) {
      worker.thread_state = thread->state;
      worker.thread_cpu = thread->cpu;
      worker.thread_waited_ns = thread->waited_ns;
    }
    out.push_back(std::move(worker));
  }
  return out;
}

ProcessStatus SystemServices::Process() {
  ProcessStatus process;
  process.scheduling = DescribeScheduling(0);
  process.log_lines_dropped = LogLinesDropped();
  process.log_level = std::string(ToString(LogLevel()));
  const std::pair<absl::string_view, uint64_t*> sizes[] = {{"VmRSS:", &process.resident},
                                                           {"VmHWM:", &process.resident_peak},
                                                           {"VmLck:", &process.locked},
                                                           {"RssShmem:", &process.shared}};
  std::ifstream status("/proc/self/status");  // proc(5): "VmRSS:    12345 kB"
  for (std::string line; std::getline(status, line);) {
    for (const auto& [key, bytes] : sizes) {
      absl::string_view rest = line;
      if (!absl::ConsumePrefix(&rest, key) || !absl::ConsumeSuffix(&rest, " kB")) continue;
      if (absl::SimpleAtoi(rest, bytes)) *bytes *= 1024;
    }
  }
  return process;
}

std::vector<ClientStatus> SystemServices::Clients() {
  const auto seconds = [](Nanoseconds time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); };
  std::vector<ClientStatus> clients;
  std::map<uid_t, std::string> names;  // each is a search in a file
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i] == nullptr) continue;
    for (const ControlClientInfo& info : servers_[i]->ListClients()) {
      ClientStatus client;
      client.number = info.id.value();
      client.pid = info.peer.pid;
      client.uid = info.peer.user;
      const auto [name, is_new] = names.try_emplace(info.peer.user);
      if (is_new) name->second = FindUserName(info.peer.user);
      client.user = name->second;
      client.connected_seconds = seconds(info.connected);
      client.idle_seconds = seconds(info.idle);
      client.request = info.request;
      client.read_only = i == 1;
      clients.push_back(std::move(client));
    }
  }
  return clients;
}

std::vector<std::string> SystemServices::ProgramsOn(uint32_t cpu) { return ThreadsThatWant(cpu); }

std::vector<std::string> SystemServices::RemoveLeftoverDevices() {
  std::vector<std::string> removed;
  const absl::StatusOr<std::vector<std::string>> devices = host_.ListVirtualMacDevices();
  if (!devices.ok()) return removed;
  for (const std::string& device : *devices) {
    if (virtual_mac_devices_.contains(device)) continue;
    if (host_.RemoveVirtualMacDevice(device).ok()) removed.push_back(device);
  }
  return removed;
}

}  // namespace dpvrrp
