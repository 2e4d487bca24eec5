// SPDX-License-Identifier: BSD-3-Clause
#include "system_services.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "credentials.h"
#include "io/privileges.h"
#include "io/secret_file.h"

namespace dpvrrp {

namespace {

// Without a buffer of the stream's own, which nobody would wipe; what the bytes grow out of is wiped.
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

// A key file, or one of systemd's credentials. `trusted` as for ReadSecretFile().
absl::StatusOr<SecretBytes> ReadSecret(const std::string& path, const std::function<bool(uid_t)>& trusted) {
  absl::string_view name = absl::string_view(path).substr(path.rfind('/') + 1);
  if (absl::ConsumePrefix(&name, kCredentialPrefix)) return Credentials::OfService().Find(std::string(name));
  absl::StatusOr<std::vector<uint8_t>> bytes = ReadSecretFile(path, trusted);
  if (!bytes.ok()) return bytes.status();
  return SecretBytes(*std::move(bytes));
}

// Key files may belong to the user that the daemon becomes, which only the configuration says. So the first time
// whoever owns one is taken down, and only if that is not the user alone a second time refuses all others. A file with
// faults does not say who the user is: the faults come first.
LoadResult LoadWithKeys(absl::string_view toml, const std::string& file) {
  std::set<uid_t> others;
  const auto load = [&](const std::function<bool(uid_t)>& trusted) {
    return LoadConfig(toml, file, [&](const std::string& path) { return ReadSecret(path, trusted); });
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

LoadResult LoadConfigFile(const std::string& file) {
  const absl::StatusOr<SecretBytes> text = ReadWhole(file);  // there may be keys in it
  if (!text.ok()) {
    LoadResult result;
    result.errors.push_back(ConfigFault{file, 1, 1, absl::StrCat("cannot read the file: ", text.status().message())});
    return result;
  }
  const absl::string_view toml(reinterpret_cast<const char*>(text->bytes.data()), text->bytes.size());
  return LoadWithKeys(toml, file);
}

SystemServices::SystemServices(std::string config_file, std::vector<PortConfig> ports, StateFile& state,
                               NetlinkHost& host, Dataplane& dataplane)
    : config_file_(std::move(config_file)),
      ports_(std::move(ports)),
      state_(state),
      host_(host),
      dataplane_(dataplane) {}

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
  if (it == virtual_mac_devices_.end()) return;  // the operator's
  if (--it->second.users > 0) return;
  virtual_mac_devices_.erase(it);
  host_.RemoveVirtualMacDevice(device).IgnoreError();  // gone with its parent: as good
}

absl::Status SystemServices::RestoreDevice(const std::string& device) {
  const auto it = virtual_mac_devices_.find(device);
  if (it == virtual_mac_devices_.end()) return absl::NotFoundError("it is not ours");
  const auto& [users, parent, family, vrid] = it->second;
  const absl::StatusOr<std::string> made = host_.EnsureVirtualMacDevice(parent, family, vrid);
  if (!made.ok()) return made.status();
  if (*made == device) return absl::OkStatus();
  host_.RemoveVirtualMacDevice(*made).IgnoreError();
  return absl::FailedPreconditionError(
      absl::StrCat(parent, " is another interface than it was, and a restart is needed"));
}

absl::StatusOr<std::vector<HostAddress>> SystemServices::ListAddresses() { return host_.ListAddresses(); }

LoadResult SystemServices::LoadConfiguration() { return LoadConfigFile(config_file_); }

absl::StatusOr<SecretBytes> SystemServices::ReadKeyFile(const std::string& path) {
  return ReadSecret(std::filesystem::path(config_file_).parent_path() / path, {});  // ours by now, or root's
}

std::vector<PortStatus> SystemServices::Ports() {
  std::vector<PortStatus> out;
  const std::vector<PortLink> links = dataplane_.PollLinks();
  for (size_t i = 0; i < ports_.size(); ++i) {
    const PortInfo& info = dataplane_.ports()[i];
    const PortStatistics counts = dataplane_.statistics(info.id);
    PortStatus port;
    port.id = info.id;
    port.name = ports_[i].name;
    port.device = ports_[i].device;
    port.driver = info.driver;
    port.filter = std::string(ToString(info.filter));
    port.mac = info.mac;
    port.up = links[i].up;
    for (const size_t worker : info.workers) port.lcores.push_back(dataplane_.lcore(worker));
    port.steering = std::string(ToString(info.steering));
    port.received = counts.rx_packets;
    port.missed = counts.rx_missed + counts.rx_no_mbuf;
    port.sent = counts.tx_packets;
    port.send_errors = counts.tx_errors;
    out.push_back(std::move(port));
  }
  return out;
}

std::vector<WorkerStatus> SystemServices::Workers() {
  std::vector<WorkerStatus> out;
  for (size_t i = 0; i < dataplane_.workers(); ++i) {
    const WorkerCounters& loop = dataplane_.worker_counters(i);
    const ShardCounters& shard = dataplane_.shard_counters(i);
    WorkerStatus worker;
    worker.lcore = dataplane_.lcore(i);
    worker.icv_engine = std::string(dataplane_.icv_engine(i));
    worker.turns = loop.turns.value();
    worker.rests = loop.rests.value();
    worker.longest_turn_us = loop.longest_turn_ns.value() / 1000;
    worker.latest_wake_us = loop.latest_wake_ns.value() / 1000;
    worker.received = loop.rx_frames.value();
    worker.handed_over = loop.handed_over.value();
    worker.accepted = shard.adverts_accepted.value();
    for (const Counter& drop : shard.drops) worker.not_accepted += drop.value();
    worker.sent = loop.tx_frames.value();
    worker.lost = loop.rx_unusable.value() + loop.tx_dropped.value() + loop.handoff_dropped.value();
    out.push_back(std::move(worker));
  }
  return out;
}

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
