// SPDX-License-Identifier: BSD-3-Clause
//
// One turn of the worker loop, and the observations of the judges.
#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "sim/advert_codec.h"
#include "sim/shard_node.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;

// All that a refused frame may not touch, byte for byte.
struct Image {
  std::array<uint8_t, sizeof(Machine)> machine;
  std::array<uint8_t, sizeof(SenderTable)> senders;
  SequenceRecord record;
  Instant timer;
  std::optional<Priority> due;

  explicit Image(const VirtualRouter& router) : timer(router.timer.at), due(router.advert_due) {
    std::memcpy(machine.data(), static_cast<const void*>(&router.machine), machine.size());
    std::memcpy(senders.data(), static_cast<const void*>(&router.senders), senders.size());
    const SequenceRecord& from = router.config.record != nullptr ? *router.config.record : *router.unrecorded;
    std::memcpy(static_cast<void*>(&record), &from, sizeof record);
  }
  bool operator==(const Image& other) const {
    return machine == other.machine && senders == other.senders &&
           std::memcmp(&record, &other.record, sizeof record) == 0 && timer == other.timer && due == other.due;
  }
};

}  // namespace

void ShardNode::Poll(SimTime now) {
  if (!running_ || stalled(now)) return;
  while (!ring_.empty()) ReceiveBurst(now);
  AnswerReservations(now);
  Transmit(now);
  TakeEvents(now);
  ApplyHostChanges(now);
  Audit(now);
}

// Whether the rules leave no choice, whatever its sender and time.
bool ShardNode::MustRefuse(const Packet& packet) const {
  if (packet.router < 0 || !packet.acceptable || packet.sender == number_) return true;
  const Instance& instance = instances_[static_cast<size_t>(packet.router)];
  if (PlanOf(static_cast<size_t>(packet.router)).auth != AuthKind::kAh) return false;
  if (!packet.authentic || packet.sender < 0) return true;
  return instance.memory.believed[static_cast<size_t>(packet.sender)].MustRefuse(packet.sequence);
}

// The next frames of the ring, at most one of them new: so it is known which one was accepted. Copies of it that came
// in the same burst are judged with it. The new one is put first; 0 or 1 of them.
size_t ShardNode::TakeBurst(std::vector<PacketPtr>& burst) {
  const Packet* open = nullptr;
  size_t open_at = 0;
  while (!ring_.empty() && burst.size() < kMaxBurst) {
    const Packet& packet = *ring_.front();
    if (!MustRefuse(packet)) {
      const bool copy = open != nullptr && packet.sender == open->sender && packet.router == open->router &&
                        packet.sequence == open->sequence && packet.sequence != 0;
      if (open != nullptr && !copy) break;
      if (open == nullptr) {
        open = &packet;
        open_at = burst.size();
      }
    }
    burst.push_back(std::move(ring_.front()));
    ring_.pop_front();
  }
  if (open == nullptr) return burst.size();
  return open_at;
}

void ShardNode::ReceiveBurst(SimTime now) {
  const Instant local = clock_.ToLocal(now);
  std::vector<PacketPtr> burst;
  const size_t open_at = TakeBurst(burst);
  const Packet* open = open_at < burst.size() ? burst[open_at].get() : nullptr;

  std::vector<Bytes> bytes;
  std::vector<Frame> frames;
  bytes.reserve(burst.size());
  for (const PacketPtr& packet : burst) {
    Bytes& copy = bytes.emplace_back(packet->bytes);
    frames.push_back({copy.data(), static_cast<uint16_t>(copy.size()), PortId(0)});
  }

  std::vector<Image> before;
  const bool judged = open == nullptr || burst.size() > 1;
  for (size_t i = 0; judged && i < instances_.size(); ++i) before.emplace_back(*instances_[i].router);
  State state = State::kInitialize;
  bool held = false;
  if (open != nullptr) {
    const Machine& machine = instances_[static_cast<size_t>(open->router)].router->machine;
    state = machine.state;
    held = machine.hold_backup;
  }
  const uint64_t accepted = shard_->counters().adverts_accepted.value();
  shard_->Receive(frames, {0, burst.size() == kMaxBurst}, local);
  const uint64_t taken = shard_->counters().adverts_accepted.value() - accepted;

  for (size_t i = 0; judged && i < instances_.size(); ++i) {
    if (open != nullptr && static_cast<size_t>(open->router) == i) continue;
    if (before[i] == Image(*instances_[i].router)) continue;
    const Packet& first = *burst.front();
    hub_.Fail(number_, static_cast<int>(i),
              absl::StrCat("hostile: a frame that must be refused has left a trace; the first of the burst was ",
                           Words(first.bytes)));
  }
  if (taken > (open != nullptr ? 1u : 0u)) {
    hub_.Fail(number_, std::max(0, burst.front()->router),
              absl::StrCat("hostile: ", taken, " frames of a burst were accepted that had ", open != nullptr ? 1 : 0,
                           " new one; the first was ", Words(burst.front()->bytes)));
  }
  for (const PacketPtr& packet : burst) {
    if (packet.get() == open) continue;
    ++(packet->hostile ? hub_.counts.hostile_refused : hub_.counts.copies_refused);
  }
  for (size_t i = 0; i < instances_.size(); ++i) SeeState(i, now);
  if (open != nullptr && taken > 0) Accepted(*open, state, held, now);
}

// A new advert was believed: what do the rules make of it?
void ShardNode::Accepted(const Packet& packet, State before, bool held, SimTime now) {
  const auto i = static_cast<size_t>(packet.router);
  const Instant local = clock_.ToLocal(now);
  Instance& instance = instances_[i];
  const Settings& own = settings_[i];
  Believed& believed = instance.memory.believed[static_cast<size_t>(packet.sender)];
  // Delayed by the attacker, or new from a sender that has lost its state file: nothing in AH shows its age.
  if (packet.hostile || (packet.sequence != 0 && packet.sequence < believed.highest())) hub_.Disturb(packet.router);
  believed.Accepted(packet.sequence);
  const bool gave_way = before == State::kMaster && instance.state == State::kBackup;
  if (before == State::kMaster && !gave_way) {
    if (packet.priority == kPriorityRelease) {
      instance.storm.Allowed(local);
    } else if (PlanOf(i).answer_lower) {
      instance.storm.AnswerAllowed(local);
    }
    return;
  }
  if (before != State::kBackup && !gave_way) return;
  if (packet.priority == kPriorityRelease) {
    instance.judges->takeover.Resigned(local, Skew(i));
  } else if (gave_way || !own.preempt || held || packet.priority >= own.priority) {
    if (PlanOf(i).version == VrrpVersion::kV3) {
      const Nanoseconds cap = PlanOf(i).longest_learned;
      instance.learned = cap > 0ns ? std::min(cap, packet.interval) : packet.interval;
    }
    instance.discarded.reset();
    instance.judges->takeover.Armed(local, Down(i));
  } else {
    instance.discarded = local;
  }
}

void ShardNode::Transmit(SimTime now) {
  const Instant local = clock_.ToLocal(now);
  while (true) {
    std::array<TxFrame, kMaxBurst> frames;
    for (size_t i = 0; i < frames.size(); ++i) frames[i].data = buffers_[i].data();
    TxBurst burst(frames);
    shard_->Transmit(burst, local);
    for (size_t i = 0; i < instances_.size(); ++i) SeeState(i, now);
    for (const TxFrame& frame : burst.used()) Sent(Bytes(frame.data, frame.data + frame.length), now);
    if (burst.room() > 0) return;
  }
}

void ShardNode::Sent(const Bytes& frame, SimTime now) {
  const std::optional<Sight> seen = See(frame);
  if (!seen.has_value()) {
    hub_.Fail(number_, 0, absl::StrCat("well-formed: this is no advert: ", ToHex(frame)));
    return;
  }
  const auto is_it = [&](const VirtualRouterPlan& r) {
    return r.vrid.value() == seen->vrid && r.family == seen->source.family();
  };
  const size_t i = static_cast<size_t>(std::find_if(scenario_.routers.begin(), scenario_.routers.end(), is_it) -
                                       scenario_.routers.begin());
  Instance& instance = instances_[i];
  const Instant local = clock_.ToLocal(now);
  ++hub_.counts.adverts;
  if (seen->sequence.has_value()) {
    Report(i, instance.sequence.Sent(*seen->sequence));
    if (*seen->sequence > std::max(instance.written_back.record.reserved, instance.written_back.record.wanted)) {
      hub_.Fail(number_, static_cast<int>(i),
                absl::StrCat("reserved: number ", *seen->sequence,
                             " was sent, the disk "
                             "knows of ",
                             instance.written_back.record.wanted));
    }
  }
  if (seen->version == PlanOf(i).version) {  // its VRRPv2 twin is sent with it
    Report(i, instance.judges->on_time.Sent(local, settings_[i].interval));
    Report(i, instance.storm.Sent(local, settings_[i].interval));
  }

  auto packet = std::make_shared<Packet>();
  packet->bytes = frame;
  packet->sender = number_;
  packet->router = static_cast<int>(i);
  packet->priority = Priority(seen->priority);
  packet->interval = seen->interval;
  packet->sequence = seen->sequence.value_or(0);
  hub_.Send(number_, std::move(packet));
}

}  // namespace dpvrrp::sim
