// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "control/services.h"

namespace dpvrrp {

// The controller's services in a replay, from memory: no state of an earlier run, and a kernel that accepts everything.
//
// Thread: one.
class ReplayServices : public Services {
 public:
  explicit ReplayServices(std::vector<PortStatus> ports) : ports_(std::move(ports)) {}

  // A worker that turns, at each call.
  std::vector<WorkerStatus> Workers() override;
  size_t TakeFrames(std::span<FrameCopy>) override { return 0; }
  uint64_t FramesNotShown() override { return 0; }
  void SetLogLevel(Severity) override {}

  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override { return &records_[std::string(key)]; }
  absl::Status MoveRecord(absl::string_view from, absl::string_view to) override;
  uint32_t HighestSent() override;
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac, Family, Vrid) override {
    return device;
  }
  void ReleaseDevice(const std::string&) override {}
  absl::StatusOr<std::string> RestoreDevice(const std::string& device) override { return device; }
  absl::Status PrepareDevice(const std::string&) override { return absl::OkStatus(); }
  bool LinkIsUp(const std::string&) override { return true; }
  bool HasNeighbours(const std::string&) override { return true; }
  bool HasMac(const MacAddress&) override { return false; }
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override { return std::vector<HostAddress>(); }
  absl::StatusOr<std::vector<RoutingEntry>> ListRouting() override { return std::vector<RoutingEntry>(); }
  absl::StatusOr<std::string> TakeHandover() override { return absl::NotFoundError("no earlier run"); }
  LoadResult LoadConfiguration() override { return {}; }
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string&) override { return absl::NotFoundError("a replay"); }
  std::vector<PortStatus> Ports() override { return ports_; }
  absl::Status SetPromiscuous(PortId, bool) override { return absl::OkStatus(); }
  std::vector<std::string> ProgramsOn(uint32_t) override { return {}; }
  ProcessStatus Process() override { return {}; }
  std::vector<ClientStatus> Clients() override { return {}; }

 private:
  std::vector<PortStatus> ports_;
  std::map<std::string, SequenceRecord> records_;
  uint64_t turns_ = 0;
};

}  // namespace dpvrrp
