// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "config/load.h"
#include "control/services.h"
#include "dataplane/dataplane.h"
#include "io/state_file.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {

// Reads and validates a configuration file; the file's own absence or permissions are an error of the result too.
LoadResult LoadConfigFile(const std::string& file);

// The controller's questions, answered by the state file, netlink and DPDK.
//
// Thread: control.
class SystemServices : public Services {
 public:
  // All must outlive this object. `ports`: the configured ones, in the order of dataplane.ports().
  SystemServices(std::string config_file, std::vector<PortConfig> ports, StateFile& state, NetlinkHost& host,
                 Dataplane& dataplane);

  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override;
  uint32_t HighestSent() override { return state_.HighestSent(); }
  absl::Status MoveRecord(absl::string_view from, absl::string_view to) override;
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                            Vrid vrid) override;
  void ReleaseDevice(const std::string& device) override;
  absl::Status RestoreDevice(const std::string& device) override;
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override;
  LoadResult LoadConfiguration() override;
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override;
  std::vector<PortStatus> Ports() override;
  std::vector<WorkerStatus> Workers() override;

  // Virtual-MAC devices that a crashed run left behind and nobody has acquired since: removed. Returns their names.
  std::vector<std::string> RemoveLeftoverDevices();

 private:
  struct VirtualMacDevice {
    int users = 0;  // acquired so many times
    std::string parent;
    Family family{};
    Vrid vrid{};
  };

  std::string config_file_;
  std::vector<PortConfig> ports_;
  StateFile& state_;
  NetlinkHost& host_;
  Dataplane& dataplane_;
  absl::flat_hash_map<std::string, VirtualMacDevice> virtual_mac_devices_;
};

}  // namespace dpvrrp
