// SPDX-License-Identifier: BSD-3-Clause
//
// A whole gateway in one thread: controller, shard, and a kernel in memory. Rows 3 to 16 of an advert's journey
// (docs/architecture.md) without EAL, root or a clock.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "control/controller.h"
#include "support/test_shard.h"

namespace dpvrrp {

// The kernel's addresses, and whatever the test wants to go wrong.
class FakeServices : public Services {
 public:
  absl::StatusOr<SequenceRecord*> AcquireRecord(absl::string_view key) override { return &records[std::string(key)]; }
  uint32_t HighestSent() override {
    uint32_t highest = 0;
    for (const auto& [key, record] : records) highest = std::max(highest, static_cast<uint32_t>(record.sent));
    return highest;
  }
  absl::Status MoveRecord(absl::string_view from, absl::string_view to) override;
  absl::StatusOr<std::string> AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                            Vrid vrid) override;
  void ReleaseDevice(const std::string& device) override;
  absl::Status RestoreDevice(const std::string& device) override;
  absl::StatusOr<std::vector<HostAddress>> ListAddresses() override { return addresses; }
  LoadResult LoadConfiguration() override { return next_load; }
  absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) override;
  std::vector<PortStatus> Ports() override { return {}; }
  std::vector<WorkerStatus> Workers() override { return workers; }

  HostReply Answer(const HostRequest& request);  // carries it out
  bool Has(absl::string_view prefix, absl::string_view device = "eth0") const;

  std::map<std::string, SequenceRecord> records;
  std::multiset<std::string> acquired;
  std::set<std::string> links_up;
  std::vector<HostAddress> addresses;
  absl::Status refuse = absl::OkStatus();  // every request, while not OK
  absl::Status refuse_link_up = absl::OkStatus();
  bool lose_answers = false;  // requests are carried out, but nobody hears of it
  std::set<std::string> missing_devices = {"missing"};
  std::set<std::string> removed_devices;  // by somebody else
  absl::Status refuse_restoring = absl::OkStatus();
  LoadResult next_load;
  std::map<std::string, std::string> key_files;
  std::vector<WorkerStatus> workers;
};

InstanceConfig AhInstance(const std::string& name = "gw", uint8_t vrid = 51);
Config WithInstances(std::vector<InstanceConfig> instances);
// 4,080: every VRID on half of the ports.
std::vector<InstanceConfig> ManyInstances();

class Gateway {
 public:
  Gateway();
  ~Gateway();  // as the daemon stops

  void Start(const Config& config) {
    started = controller.Start(config, Time());
    Turn();
  }
  ControlTime Time() const { return {shard.now, 1'700'000'000'000 + (shard.now - kTestStart) / 1ms}; }

  // Carries messages to and fro until nobody has anything to say.
  void Turn();
  // Lets time pass; returns what was sent.
  std::vector<Sent> RunFor(Nanoseconds time);
  void Receive(const Bytes& frame) {
    shard.Receive(frame);
    Turn();
  }
  // The last answer to this line.
  Answer Ask(const std::string& line);
  // The event log's texts of this kind, oldest first.
  std::vector<std::string> Logged(absl::string_view kind) const;

  FakeServices services;
  TestShard shard;
  Controller controller;
  absl::Status started;
  bool host_answers = true;  // else requests pile up in `unanswered`
  std::vector<HostRequest> unanswered;
  std::vector<Answer> answers;
  std::vector<ShardCommand> moves;  // kSpeakNextVrid and kForgetMac, as the ports' filters see them

 private:
  std::vector<Sent> sent_;
};

}  // namespace dpvrrp
