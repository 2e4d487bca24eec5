// SPDX-License-Identifier: BSD-3-Clause
//
// The services of the control thread, answered from memory, and configurations for tests.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/services.h"

namespace dpvrrp {

// The kernel's addresses, and the faults that a test requests.
class FakeServices : public Services {
 public:
  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override { return &records[std::string(key)]; }
  uint32_t HighestSent() override {
    uint32_t highest = 0;
    for (const auto& [key, record] : records) {
      if (record.sent <= UINT32_MAX) highest = std::max(highest, static_cast<uint32_t>(record.sent));
    }
    return highest;
  }
  absl::Status MoveRecord(absl::string_view from, absl::string_view to) override;
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                            Vrid vrid) override;
  void ReleaseDevice(const std::string& device) override;
  absl::StatusOr<std::string> RestoreDevice(const std::string& device) override;
  absl::Status PrepareDevice(const std::string& device) override { return prepared.insert(device), absl::OkStatus(); }
  bool LinkIsUp(const std::string& device) override { return !links_down.contains(device); }
  bool HasNeighbours(const std::string& device) override { return !without_neighbours.contains(device); }
  bool HasMac(const MacAddress& mac) override { return own_macs.contains(mac); }
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override { return addresses; }
  absl::StatusOr<std::vector<RoutingEntry>> ListRouting() override {
    if (!refuse_listing.ok()) return refuse_listing;
    return routing;
  }
  absl::StatusOr<std::string> TakeHandover() override {
    return std::exchange(handover, absl::NotFoundError("no hand-over"));
  }
  LoadResult LoadConfiguration() override { return next_load; }
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override;
  std::vector<PortStatus> Ports() override { return ports; }
  absl::Status SetPromiscuous(PortId port, bool on) override {
    if (refuse_promiscuous.ok()) ports.at(port.value()).promiscuous = on;
    return refuse_promiscuous;
  }
  std::vector<WorkerStatus> Workers() override { return workers; }
  size_t TakeFrames(std::span<FrameCopy> out) override {
    const size_t count = std::min(out.size(), frames.size());
    std::copy_n(frames.begin(), count, out.begin());
    frames.erase(frames.begin(), frames.begin() + static_cast<ptrdiff_t>(count));
    return count;
  }
  uint64_t FramesNotShown() override { return frames_not_shown; }
  std::vector<std::string> ProgramsOn(uint32_t cpu) override { return programs[cpu]; }
  ProcessStatus Process() override { return process; }
  void SetLogLevel(Severity least) override { log_level = least; }
  std::vector<ClientStatus> Clients() override { return clients; }

  HostReply Answer(const HostRequest& request);  // carries it out
  absl::Status AnswerRouting(const HostRequest& request);
  bool Has(absl::string_view prefix, absl::string_view device = "eth0") const;

  std::vector<FrameCopy> frames;  // selected ones that wait
  uint64_t frames_not_shown = 0;
  std::map<std::string, SequenceRecord> records;
  std::multiset<std::string> acquired;
  std::set<std::string> links_up;
  std::set<std::string> links_down;  // of the operator's devices, before any event
  std::set<std::string> prepared;
  std::set<std::string> without_neighbours;  // devices
  std::vector<std::string> announced;        // on devices: "10.98.0.100 on eth1"
  absl::Status refuse_announcing = absl::OkStatus();
  std::set<MacAddress> own_macs;
  std::vector<HostAddress> addresses;
  std::vector<RoutingEntry> routing;      // with our mark
  std::set<std::string> foreign_routing;  // places of routes and rules of others, see PlaceKey()
  absl::Status refuse_routing = absl::OkStatus();
  absl::Status refuse_listing = absl::OkStatus();  // of routing
  absl::Status refuse = absl::OkStatus();          // every request, while not OK
  absl::Status refuse_link_up = absl::OkStatus();
  bool lose_answers = false;  // requests are carried out, but not answered
  std::set<std::string> missing_devices = {"missing"};
  std::set<std::string> removed_devices;  // by another program
  absl::Status refuse_restoring = absl::OkStatus();
  std::map<std::string, std::string> restored_as;  // the new names, if they differ
  LoadResult next_load;
  absl::StatusOr<std::string> handover = absl::NotFoundError("no hand-over");
  std::map<std::string, std::string> key_files;
  std::vector<WorkerStatus> workers;
  std::map<uint32_t, std::vector<std::string>> programs;  // by CPU
  ProcessStatus process;
  Severity log_level = Severity::kInfo;
  std::vector<ClientStatus> clients;
  std::vector<PortStatus> ports;
  absl::Status refuse_promiscuous = absl::OkStatus();
};

// "lan", "lan1", "lan2" ...
std::string PortName(size_t port);
InstanceConfig AhInstance(const std::string& name = "gw", uint8_t vrid = 51);
Config WithInstances(std::vector<InstanceConfig> instances);
// 4,080: every VRID on half of the ports.
std::vector<InstanceConfig> ManyInstances();

}  // namespace dpvrrp
