// SPDX-License-Identifier: BSD-3-Clause
//
// A shard with everything that a test needs: a clock that the test controls, buffers to send from, the events.
#pragma once

#include <gmock/gmock.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "crypto/icv_engine.h"
#include "pipeline/shard.h"
#include "support/bytes.h"
#include "support/matchers.h"
#include "support/reference.h"
#include "traffic/advert_frame.h"

namespace dpvrrp {

using namespace std::chrono_literals;

inline constexpr Instant kTestStart{1000s};
inline constexpr Nanoseconds kTimerTick{1 << TimerWheel::kTickShift};  // how late a timer may be
// How late an advert may be: its timer's tick, and that of the timer which started the rhythm. It does not add up
// further.
inline constexpr Nanoseconds kMaxLateness = 2 * kTimerTick;

struct Sent {
  Instant at;
  PortId port;
  Bytes frame;

  Nanoseconds after() const { return at - kTestStart; }
};
inline const Bytes& FrameOf(const Sent& sent) { return sent.frame; }

// Sent `after` kTestStart, or at most kMaxLateness later.
MATCHER_P(SentAt, after, "") {
  const Nanoseconds late = arg.after() - Nanoseconds(after);
  *result_listener << "late by " << late.count() << " ns";
  return late >= Nanoseconds(0) && late <= kMaxLateness;
}

// A backup of VRID 51 at 10.99.0.2 for 10.99.0.100, priority 100. A test changes its subject.
VirtualRouterConfig BackupConfig();
// The same in VRRPv3 as configuration makes it; IPv6: at fe80::2 for fe80::100 and 2001:db8::100.
VirtualRouterConfig V3Config(Family family = Family::kIpv4);
// BackupConfig() with AH. `record` must outlive the router.
VirtualRouterConfig AhConfig(SequenceRecord& record, const Bytes& key = KeepalivedKey("s3cr3t"));

// BackupConfig(), or V3Config() of a family, with the auth_hmac trailer: key 1 is 00 01 … 1f, 32 bytes.
Bytes TrailerKey();
VirtualRouterConfig TrailerConfig(SequenceRecord& record, VirtualRouterConfig config = V3Config());

// The machine and its timer; for comparing.
std::string MachineOf(const VirtualRouter& router);
// What must not change when a frame is refused: that, senders and their windows, our own number, what waits to be sent.
std::string StateOf(const VirtualRouter& router);

class TestShard {
 public:
  explicit TestShard(Instant start = kTestStart, std::unique_ptr<IcvEngine> icv_engine = MakeOpensslEngine(),
                     const FloodOrder& flood_order = {});
  ~TestShard();  // removes the remaining routers
  TestShard(const TestShard&) = delete;
  TestShard& operator=(const TestShard&) = delete;

  VirtualRouter& Add(VirtualRouterConfig config);
  void RemoveAll();
  // The process dies: no goodbye, only the records are left.
  void Kill();
  void Apply(const ShardCommand& command) { shard->Apply(command, now); }
  void SetUtc(Nanoseconds since_1970);
  // A reload gives the router this configuration; the record, if it has one, stays in use.
  void Replace(VirtualRouter& router, VirtualRouterConfig config);
  void SetPriority(VirtualRouter& router, Priority priority);
  // As ARP or neighbour discovery would: unicast peer 10.99.0.7 is at 02:00:0a:63:00:07.
  void ResolvePeers(VirtualRouter& router);
  void Announce(VirtualRouter& router, uint16_t first, uint16_t count);

  // A burst of one; the buffer is exactly as long as the frame, so a sanitizer sees one byte too far. Returns how the
  // frame ended.
  DropReason Receive(const Bytes& frame, PortId port = PortId(0));
  void ReceiveBurst(const std::vector<Bytes>& frames, PortId port = PortId(0));

  // One transmit burst with room for so many frames.
  std::vector<Sent> Transmit(size_t room = kMaxBurst);
  // Moves the clock on from deadline to deadline as the worker loop would, and to the end of `time`.
  std::vector<Sent> RunFor(Nanoseconds time);
  std::vector<Sent> RunUntil(Instant end);

  // All events that control would receive. A returned router is freed.
  std::vector<ShardEvent> Events();
  uint64_t drops(DropReason reason) const { return shard->counters().drops[static_cast<size_t>(reason)].value(); }

  Instant now;
  std::unique_ptr<IcvEngine> engine;
  std::unique_ptr<Shard> shard;
  std::list<std::unique_ptr<VirtualRouter>> routers;       // in the shard, or on their way back
  std::list<std::unique_ptr<VirtualRouter>> replacements;  // on their way back

 private:
  std::vector<Bytes> buffers_;
};

// Those of one kind.
template <typename Kind>
std::vector<Kind> Only(const std::vector<ShardEvent>& events) {
  std::vector<Kind> found;
  for (const ShardEvent& event : events) {
    if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
  }
  return found;
}

inline uint64_t RemarksOf(const VirtualRouter& router, Remark remark) {
  return router.counters.remarks[static_cast<size_t>(remark)].value();
}
// Frames of the instance that ended so.
inline uint64_t Drops(const VirtualRouter& router, DropReason reason) {
  return router.counters.drops[static_cast<size_t>(reason)].value();
}

}  // namespace dpvrrp
