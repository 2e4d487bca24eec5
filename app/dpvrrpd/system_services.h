// SPDX-License-Identifier: BSD-3-Clause
//
// The parts of the outside world that the controller asks: files, the state, netlink, DPDK.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "config/load.h"
#include "control/port_keeper.h"
#include "control/services.h"
#include "dataplane/dataplane.h"
#include "io/control_server.h"
#include "io/handover_file.h"
#include "io/state_records.h"
#include "kernel/netlink_host.h"
#include "log.h"

namespace dpvrrp {

// Reads and validates a configuration file. If the file cannot be read, that is an error of the result too. `host`: the
// machine to check it against, as in LoadConfig().
LoadResult LoadConfigFile(const std::string& file, const HostFacts* host = nullptr);

// Answers the controller's questions, from the state file, netlink and DPDK.
//
// Thread: control.
class SystemServices : public Services {
 public:
  // All must outlive this object. `ports`: the configured ports, in the order of dataplane.ports().
  SystemServices(std::string config_file, std::vector<PortConfig> ports, StateRecords& state, HandoverFile& handover,
                 NetlinkHost& host, Dataplane& dataplane, const PortKeeper& port_keeper);

  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override;
  uint32_t HighestSent() override { return state_.HighestSent(); }
  absl::Status MoveRecord(absl::string_view from, absl::string_view to) override;
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                            Vrid vrid) override;
  void ReleaseDevice(const std::string& device) override;
  absl::StatusOr<std::string> RestoreDevice(const std::string& device) override;
  absl::Status PrepareDevice(const std::string& device) override;
  bool LinkIsUp(const std::string& device) override;
  bool HasNeighbours(const std::string& device) override;
  bool HasMac(const MacAddress& mac) override;
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override;
  absl::StatusOr<std::vector<RoutingEntry>> ListRouting() override { return host_.ListRouting(); }
  absl::StatusOr<std::string> TakeHandover() override { return handover_.Take(); }
  LoadResult LoadConfiguration() override;
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override;
  std::vector<PortStatus> Ports() override;
  absl::Status SetPromiscuous(PortId port, bool on) override { return dataplane_.SetPromiscuous(port, on); }
  std::vector<WorkerStatus> Workers() override;
  size_t TakeFrames(std::span<FrameCopy> out) override { return dataplane_.TakeFrames(out); }
  uint64_t FramesNotShown() override { return dataplane_.frames_not_shown(); }
  std::vector<std::string> ProgramsOn(uint32_t cpu) override;
  ProcessStatus Process() override;
  void SetLogLevel(Severity least) override { WriteLogFrom(least); }
  std::vector<ClientStatus> Clients() override;

  // They must outlive this object's commands. `read_only`: null if there is none.
  void set_servers(const ControlServer& server, const ControlServer* read_only) { servers_ = {&server, read_only}; }

  // Removes virtual-MAC devices that a crashed run left behind and no instance has acquired since. Returns their names.
  std::vector<std::string> RemoveLeftoverDevices();

 private:
  struct VirtualMacDevice {
    int users = 0;  // number of acquisitions
    std::string parent;
    Family family{};
    Vrid vrid{};
  };

  TwinStatus DescribeTwin(const PortInfo& port);
  uint64_t HeardBy(const PortConfig& port, uint64_t received);

  std::string config_file_;
  std::vector<PortConfig> ports_;
  StateRecords& state_;
  HandoverFile& handover_;
  NetlinkHost& host_;
  Dataplane& dataplane_;
  const PortKeeper& port_keeper_;
  std::array<const ControlServer*, 2> servers_{};  // for orders, and the read-only one
  absl::flat_hash_map<std::string, VirtualMacDevice> virtual_mac_devices_;
};

}  // namespace dpvrrp
