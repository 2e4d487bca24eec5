// SPDX-License-Identifier: BSD-3-Clause
//
// A whole gateway in one thread: controller, shard, and a kernel in memory. Rows 3 to 16 of an advert's journey
// (docs/architecture.md) without EAL, root or a clock.
#pragma once

#include <string>
#include <vector>

#include "control/controller.h"
#include "support/test_shard.h"
#include "unit/control/fake_services.h"

namespace dpvrrp {

inline const MacAddress kPortMac = Mac("02:00:00:00:00:0b");  // of the gateway's port

class Gateway {
 public:
  Gateway();
  ~Gateway();  // as the daemon stops

  void Start(const Config& config) {
    controller.Start(config, Time());
    Turn();
  }
  ControlTime Time() const { return {shard.now, 1'700'000'000'000 + (shard.now - kTestStart) / 1ms}; }

  // Passes messages between the parts until none is left.
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
  bool disk_answers = true;  // false: records stay unwritten, and everything that depends on them waits
  bool host_answers = true;  // false: requests accumulate in `unanswered`
  std::vector<HostRequest> unanswered;
  bool lcore_runs = true;  // false: commands stay in its ring
  std::vector<ShardCommand> in_ring;
  std::vector<ProgramOrder> programs;  // for the agent
  std::vector<Answer> answers;
  std::vector<LogEvent> logged;     // for the log, with their causes
  std::vector<ShardCommand> moves;  // those of a VRID move, as the ports' filters see them

 private:
  uint64_t unwritten_ = 0;
  std::vector<Sent> sent_;
};

// Instances gw-1, gw-2, ... without a device, each on a VLAN of its own.
std::vector<InstanceConfig> OnVlans(uint16_t vlans);

// The AH sequence numbers of the adverts among `sent`; 0 for an advert without AH.
std::vector<uint32_t> NumbersOf(const std::vector<Sent>& sent);

}  // namespace dpvrrp
