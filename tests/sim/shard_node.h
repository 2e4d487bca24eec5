// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "ah/sequence_record.h"
#include "pipeline/shard.h"
#include "sim/invariants.h"
#include "sim/node.h"
#include "sim/prng.h"

namespace dpvrrp::sim {

// dpvrrp itself: a real Shard with the records of a real state file, the judges that watch it, and a model of control
// that adds addresses to the host after the shard's events.
class ShardNode : public Node {
 public:
  ShardNode(Hub& hub, const Scenario& scenario, int number, IcvEngine& engine, Prng prng);
  ~ShardNode() override;

  void Start(SimTime now, StateFile file) override;
  void Crash(SimTime now) override;
  void Stop(SimTime now) override;
  void WriteBack(SimTime now) override;
  void SetLink(SimTime now, bool up) override;
  void Stall(SimTime now, Nanoseconds time) override;
  void Jump(SimTime now, Nanoseconds by) override;
  void SetRate(SimTime now, int64_t ppm) override;
  void SetPriority(SimTime now, int router, Priority priority) override;
  void SetInterval(SimTime now, int router, Nanoseconds interval) override;
  void SetPreempt(SimTime now, int router, bool preempt) override;
  void Readd(SimTime now, int router) override;
  void Resign(SimTime now, int router) override;
  void TakeOver(SimTime now, int router) override;
  void Poll(SimTime now) override;
  SimTime NextWake() const override;
  void Audit(SimTime now) override;
  bool IsMaster(int router) const override;

 private:
  // The state file's record of an instance, and the replay judge's knowledge of the same senders.
  struct Memory {
    SequenceRecord record;
    std::vector<Believed> believed;  // one for each node
  };
  struct Judges {
    Judges(Nanoseconds timer, Nanoseconds host) : takeover(timer), on_time(timer), vip(host) {}
    Takeover takeover;
    AdvertOnTime on_time;
    VipFollowsMaster vip;
  };
  struct Instance {
    std::unique_ptr<VirtualRouter> router;  // null while it is not configured
    Memory memory;
    Memory written_back;
    State state = State::kInitialize;  // as last seen
    std::unique_ptr<Judges> judges;    // of this run
    SequenceOnce sequence;
    NoStorm storm;
    Nanoseconds learned{};             // VRRPv3's Active_Adver_Interval; 0: our own
    std::optional<Instant> discarded;  // last, since the timer was armed: an advert of lower priority
    uint32_t last_id = 0;
  };
  // Control's model: the reported state, and the time at which it acts on it.
  struct HostChange {
    SimTime at;
    int router;
    bool present;
  };
  struct Reservation {
    SimTime at;
    uint32_t id;  // of the instance
    uint64_t reached;
  };

  const VirtualRouterPlan& PlanOf(size_t i) const { return scenario_.routers[i]; }
  VirtualRouterConfig ConfigOf(size_t i, InstanceId id);
  Nanoseconds TimerAllowance() const;
  Nanoseconds Learned(size_t i) const;
  Nanoseconds Down(size_t i) const { return DownInterval(static_cast<int>(i), Learned(i)); }
  Nanoseconds Skew(size_t i) const;
  void Command(const ShardCommand& command, size_t i, SimTime now);
  void Reconfigure(size_t i, SimTime now);
  void Add(size_t i, SimTime now);
  void Remove(size_t i, SimTime now);
  void ResumeNumbers(size_t i, SimTime now);
  void Reserve(size_t i, uint64_t reached, SimTime now);
  void AnswerReservations(SimTime now);
  void Excuse(Instant until);

  bool MustRefuse(const Packet& packet) const;
  size_t TakeBurst(std::vector<PacketPtr>& burst);
  void ReceiveBurst(SimTime now);
  void Accepted(const Packet& packet, State before, bool held, SimTime now);
  void Transmit(SimTime now);
  void Sent(const Bytes& frame, SimTime now);
  void TakeEvents(SimTime now);
  void ApplyHostChanges(SimTime now);
  void SeeState(size_t i, SimTime now);
  void Report(size_t i, const Finding& finding) {
    if (finding.has_value()) hub_.Fail(number_, static_cast<int>(i), *finding);
  }

  IcvEngine& engine_;
  Prng prng_;
  std::unique_ptr<Shard> shard_;
  std::vector<Instance> instances_;
  std::vector<std::unique_ptr<VirtualRouter>> replacements_;  // in the shard, until they are returned
  std::deque<HostChange> host_changes_;
  std::deque<Reservation> reservations_;
  std::vector<bool> vip_;  // on the host
  std::vector<Bytes> buffers_;
  uint32_t next_id_ = 0;
};

}  // namespace dpvrrp::sim
