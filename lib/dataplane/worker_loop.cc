// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/worker_loop.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_pause.h>
#include <rte_prefetch.h>
#include <rte_ring.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "dataplane/mbuf_frame.h"
#include "pipeline/segment_owner.h"

namespace dpvrrp {
namespace {

// Like rte_pktmbuf_free_bulk(), but with fewer checks for each mbuf: the mbufs of a burst are nearly always whole, of
// one pool, and without other users.
void Free(std::span<rte_mbuf*> mbufs) {
  if (mbufs.empty()) return;
  rte_mempool* pool = mbufs[0]->pool;
  bool plain = true;
  for (const rte_mbuf* mbuf : mbufs) {
    plain &= mbuf->pool == pool && mbuf->nb_segs == 1 && rte_mbuf_refcnt_read(mbuf) == 1 && RTE_MBUF_DIRECT(mbuf);
  }
  if (plain) {
    rte_mempool_put_bulk(pool, reinterpret_cast<void**>(mbufs.data()), static_cast<unsigned>(mbufs.size()));
  } else {
    rte_pktmbuf_free_bulk(mbufs.data(), static_cast<unsigned>(mbufs.size()));
  }
}

// Prefetches the memory that the loop touches for a frame, for the whole burst at once: both cache lines of the mbuf,
// and two of the frame at the place where pools of DPDK put it.
void Prefetch(const rte_mbuf* mbuf) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(mbuf);
  const uint8_t* data = bytes + sizeof(rte_mbuf) + RTE_PKTMBUF_HEADROOM;
  rte_prefetch0(bytes);
  rte_prefetch0(bytes + RTE_CACHE_LINE_SIZE);
  rte_prefetch0(data);
  rte_prefetch0(data + RTE_CACHE_LINE_SIZE);
}

// NICs pad short frames themselves, virtual devices do not.
void SetLength(rte_mbuf* mbuf, const TxFrame& frame) {
  uint16_t length = frame.length;
  if (length < kMinFrameBytes) {
    std::memset(frame.data + length, 0, kMinFrameBytes - length);
    length = kMinFrameBytes;
  }
  mbuf->data_len = length;
  mbuf->pkt_len = length;
}

}  // namespace

// Not a system call: if the kernel's clock source is the TSC or a hypervisor's page, libc reads it in user space
// through the vDSO, in about 20 ns. (With "hpet" or "acpi_pm" it does enter the kernel; see
// /sys/devices/system/clocksource/clocksource0/current_clocksource.)
Instant WorkerNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec));
}

WorkerLoop::WorkerLoop(Parts parts, std::vector<WorkerPort> ports)
    : parts_(std::move(parts)),
      ports_(std::move(ports)),
      handoff_(parts_.neighbours, parts_.counters),
      twins_(parts_.pool) {
  for (const WorkerPort& port : ports_) {
    if (port.twin >= 0) twins_.AddTwin(port.id, port.twin);
    if (!port.open) followed_ |= BitOf(port.id);
  }
  wanted_ = done_ = followed_;
}

void WorkerLoop::Want(uint32_t away) {
  const uint64_t changes = (wanted_.load(std::memory_order_relaxed) >> 32) + 1;
  wanted_.store(changes << 32 | away, std::memory_order_release);
}

// The loop reads these fields only while the port is open, and `id` and `workers` never change.
void WorkerLoop::Rejoin(const WorkerPort& port) {
  WorkerPort& ours = *std::find_if(ports_.begin(), ports_.end(), [&](const WorkerPort& p) { return p.id == port.id; });
  ours.dpdk = port.dpdk;
  ours.rx_queue = port.rx_queue;
  ours.tx_queue = port.tx_queue;
  ours.tx_worker = port.tx_worker;
  Want(wanted() & ~BitOf(port.id));
}

void WorkerLoop::FollowPorts(uint64_t wanted) {
  const auto away = static_cast<uint32_t>(wanted);
  for (WorkerPort& port : ports_) port.open = (away & BitOf(port.id)) == 0;
  parts_.idle.Follow(away);
  followed_ = wanted;
  done_.store(wanted, std::memory_order_release);
}

// The clock is read once per turn: the end of one turn is the start of the next.
void WorkerLoop::Run() {
  parts_.counters.thread_id.RaiseTo(static_cast<uint64_t>(gettid()));
  parts_.idle.Begin();
  Instant now = WorkerNow();
  while (!quit_.load(std::memory_order_relaxed)) {
    const bool worked = Turn(now);
    const Instant end = WorkerNow();
    parts_.counters.turns.Add();
    parts_.counters.longest_turn_ns.RaiseTo(static_cast<uint64_t>((end - now).count()));
    now = end;
    if (worked) {
      parts_.idle.Worked();
      if (parts_.idle.MustPause(now)) now = parts_.idle.Pause();
    } else if (!parts_.idle.polls() && parts_.idle.IsTired()) {
      now = Rest(now);
    }
  }
  if (resigns_.load(std::memory_order_relaxed)) Resign();
  rte_pktmbuf_free_bulk(spare_.data(), static_cast<unsigned>(spare_count_));
  spare_count_ = 0;
  twins_.FreeAll();
}

// The control thread does not answer, and the process is about to end. Nothing is received or reported any more.
void WorkerLoop::Resign() {
  Instant now = WorkerNow();
  const Instant end = now + kResignTime;
  parts_.shard.ResignAll(now);
  // With other workers until `end`, because they may hand over frames to send.
  while ((TransmitDue(now) > 0 || !handoff_.alone()) && now < end) {
    if (!handoff_.alone()) SendForOthers();
    now = WorkerNow();
  }
  resigned_.store(true, std::memory_order_release);
}

bool WorkerLoop::Turn(Instant now) {
  const uint64_t wanted = wanted_.load(std::memory_order_acquire);
  if (wanted != followed_) [[unlikely]]
    FollowPorts(wanted);
  const bool may_receive = receives_ || may_receive_.load(std::memory_order_acquire);  // before the ring is read
  size_t work = TakeCommands(now);
  receives_ |= may_receive && work < kCommandsPerTurn;
  if (receives_) {
    for (const WorkerPort& port : ports_) {
      if (port.open && port.rx_queue.has_value()) work += ReceiveFrom(port, now);
    }
    if (!handoff_.alone()) work += ReceiveFromOthers(now);
  }
  work += TransmitDue(now);
  if (!handoff_.alone()) work += SendForOthers();
  if (twins_.any()) work += ServeTwins(now);
  // After the frames have been sent: when control is notified that a router has retired, its priority-0 advert is in
  // the driver, or in the worker that sends for us.
  return ReportEvents() || work > 0;
}

size_t WorkerLoop::TakeCommands(Instant now) {
  const unsigned count = rte_ring_sc_dequeue_burst_elem(&parts_.commands, commands_.data(), sizeof(ShardCommand),
                                                        kCommandsPerTurn, nullptr);
  for (unsigned i = 0; i < count; ++i) parts_.shard.Apply(commands_[i], now);
  if (count > 0) parts_.counters.commands.Add(count);
  return count;
}

size_t WorkerLoop::ReceiveFrom(const WorkerPort& port, Instant now) {
  std::array<rte_mbuf*, kMaxBurst> mbufs;
  const uint16_t count = rte_eth_rx_burst(port.dpdk.value(), *port.rx_queue, mbufs.data(), kMaxBurst);
  if (count == 0) return 0;
  parts_.counters.rx_bursts.Add();
  parts_.counters.rx_frames.Add(count);
  for (uint16_t i = 0; i < count; ++i) Prefetch(mbufs[i]);
  for (uint16_t i = 0; i < count; ++i) mbufs[i]->port = port.id.value();  // our PortId, not DPDK's number

  size_t own = count;
  if (port.workers.size() > 1) own = PassOn(port, {mbufs.data(), count});
  Deliver({mbufs.data(), own}, {port.id.value(), count == kMaxBurst}, now);
  return count;
}

// Frames of segments that other workers own are passed to them. The others move to the front. Returns their number.
size_t WorkerLoop::PassOn(const WorkerPort& port, std::span<rte_mbuf*> mbufs) {
  size_t own = 0;
  for (rte_mbuf* mbuf : mbufs) {
    const size_t owner =
        IsUsable(mbuf) ? port.workers[SegmentOwner(SegmentTags(*mbuf), port.workers.size())] : parts_.index;
    if (owner == parts_.index) {
      mbufs[own++] = mbuf;
    } else {
      handoff_.Pass(HandoffKind::kReceived, owner, mbuf);
    }
  }
  handoff_.Flush(HandoffKind::kReceived);
  return own;
}

size_t WorkerLoop::ReceiveFromOthers(Instant now) {
  std::array<rte_mbuf*, kMaxBurst> mbufs;
  const size_t count = handoff_.Take(HandoffKind::kReceived, mbufs);
  Deliver({mbufs.data(), count}, {kHandoffQueue, count == kMaxBurst}, now);
  return count;
}

void WorkerLoop::Deliver(std::span<rte_mbuf*> mbufs, const BurstSource& source, Instant now) {
  if (mbufs.empty()) return;
  std::array<Frame, kMaxBurst> frames;
  size_t usable = mbufs.size();
  for (size_t i = 0; i < usable;) {
    if (IsUsable(mbufs[i])) [[likely]] {
      frames[i] = FrameOf(*mbufs[i]);
      ++i;
    } else {
      std::swap(mbufs[i], mbufs[--usable]);
    }
  }
  if (usable < mbufs.size()) parts_.counters.rx_unusable.Add(mbufs.size() - usable);
  const uint64_t strangers = parts_.shard.Receive({frames.data(), usable}, source, now);
  Free(twins_.any() ? twins_.Take(mbufs, strangers) : mbufs);
}

// One burst per turn. Adverts beyond it are sent in the next turns, with no sleep in between.
size_t WorkerLoop::TransmitDue(Instant now) {
  if (handoff_.IsStuck()) {  // due frames wait with those not yet handed over, until the other worker reads its ring
    handoff_.Flush(HandoffKind::kToSend);
    if (handoff_.IsStuck()) return 1;
  }
  if (spare_count_ < kMaxBurst) RefillSpare();
  TxBurst burst({buffers_.data(), spare_count_});
  parts_.shard.Transmit(burst, now);
  const size_t used = burst.used().size();
  if (used == 0) return 0;

  for (size_t i = 0; i < used; ++i) {
    SetLength(spare_[i], buffers_[i]);
    spare_[i]->port = buffers_[i].port.value();
    Stage(spare_[i]);
  }
  spare_count_ -= used;
  std::copy_n(spare_.begin() + used, spare_count_, spare_.begin());
  std::copy_n(buffers_.begin() + used, spare_count_, buffers_.begin());
  FlushPorts();
  return used;
}

size_t WorkerLoop::SendForOthers() {
  std::array<rte_mbuf*, kMaxBurst> mbufs;
  const size_t count = handoff_.Take(HandoffKind::kToSend, mbufs);
  for (size_t i = 0; i < count; ++i) Stage(mbufs[i]);
  if (count > 0) FlushPorts();
  return count;
}

// Last in a turn, so that adverts and timers do not wait for the twins' frames of the same turn.
size_t WorkerLoop::ServeTwins(Instant now) {
  size_t frames = twins_.WriteUp(now);
  for (const WorkerPort& port : ports_) {
    if (port.reads_twin) frames += SendFromTwin(port, now);
  }
  return frames;
}

// A worker that reads a twin has its own transmit queue. If the port is opened again with fewer queues, or is closed,
// frames are dropped: a frame that waits for an open port would be too old.
size_t WorkerLoop::SendFromTwin(const WorkerPort& port, Instant now) {
  std::array<rte_mbuf*, kTwinBurst> mbufs;
  const size_t count = twins_.ReadDown(port.id, mbufs, now);
  if (count == 0) return 0;
  size_t sent = 0;
  const bool sends = port.open && port.tx_worker == parts_.index;
  for (int tries = 0; sends && sent < count && tries < kTransmitTries; ++tries) {
    if (tries > 0) rte_pause();
    sent +=
        rte_eth_tx_burst(port.dpdk.value(), port.tx_queue, mbufs.data() + sent, static_cast<uint16_t>(count - sent));
  }
  TwinCounters& counters = twins_.counters(port.id);
  counters.down.Add(sent);
  if (sent < count) {
    counters.down_dropped.Add(count - sent);
    rte_pktmbuf_free_bulk(mbufs.data() + sent, static_cast<unsigned>(count - sent));
  }
  return count;
}

void WorkerLoop::SendLeftovers() {
  handoff_.Flush(HandoffKind::kToSend);
  while (SendForOthers() > 0) continue;
}

void WorkerLoop::RefillSpare() {
  const auto missing = static_cast<unsigned>(kMaxBurst - spare_count_);
  if (rte_pktmbuf_alloc_bulk(&parts_.pool, spare_.data() + spare_count_, missing) != 0) {
    parts_.counters.no_mbuf.Add();  // all or none; the loop continues with the spare buffers that are left
    return;
  }
  for (; spare_count_ < kMaxBurst; ++spare_count_) {
    buffers_[spare_count_].data = rte_pktmbuf_mtod(spare_[spare_count_], uint8_t*);
  }
}

void WorkerLoop::Stage(rte_mbuf* mbuf) {
  Outgoing& outgoing = outgoing_[mbuf->port];
  outgoing.frames[outgoing.count++] = mbuf;
}

void WorkerLoop::FlushPorts() {
  for (const WorkerPort& port : ports_) {
    Outgoing& outgoing = outgoing_[port.id.value()];
    if (outgoing.count == 0) continue;
    if (!port.open) {
      parts_.counters.tx_dropped.Add(outgoing.count);
      rte_pktmbuf_free_bulk(outgoing.frames.data(), static_cast<unsigned>(outgoing.count));
    } else if (port.tx_worker == parts_.index) {
      Send(port, {outgoing.frames.data(), outgoing.count});
    } else {
      for (size_t i = 0; i < outgoing.count; ++i) {
        handoff_.Pass(HandoffKind::kToSend, port.tx_worker, outgoing.frames[i]);
      }
    }
    outgoing.count = 0;
  }
  handoff_.Flush(HandoffKind::kToSend);
}

void WorkerLoop::Send(const WorkerPort& port, std::span<rte_mbuf*> mbufs) {
  size_t sent = 0;
  for (int tries = 0; sent < mbufs.size() && tries < kTransmitTries; ++tries) {
    if (tries > 0) rte_pause();
    const std::span<rte_mbuf*> rest = mbufs.subspan(sent);
    sent += rte_eth_tx_burst(port.dpdk.value(), port.tx_queue, rest.data(), static_cast<uint16_t>(rest.size()));
  }
  parts_.counters.tx_frames.Add(sent);
  if (sent < mbufs.size()) {
    rte_pktmbuf_free_bulk(mbufs.data() + sent, static_cast<unsigned>(mbufs.size() - sent));
    parts_.counters.tx_dropped.Add(mbufs.size() - sent);
  }
}

bool WorkerLoop::ReportEvents() {
  if (event_count_ == 0) event_count_ = parts_.shard.TakeEvents(events_);
  if (event_count_ == 0) return false;

  const unsigned put = rte_ring_sp_enqueue_burst_elem(&parts_.events, events_.data(), sizeof(ShardEvent),
                                                      static_cast<unsigned>(event_count_), nullptr);
  if (put < event_count_) parts_.counters.event_ring_full.Add();
  if (put == 0) return false;  // control has been woken for the full ring, and must read it first
  std::copy(events_.begin() + put, events_.begin() + static_cast<ptrdiff_t>(event_count_), events_.begin());
  event_count_ -= put;
  parts_.counters.events.Add(put);

  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(parts_.event_fd, &one, sizeof(one));  // fails only if never drained
  return true;
}

// The one exception to "no system call on an lcore". Returns the time afterwards.
Instant WorkerLoop::Rest(Instant now) {
  Idle& idle = parts_.idle;
  if (idle.Prepare() && Turn(now)) {
    idle.Cancel();
    idle.Worked();
    return WorkerNow();
  }
  parts_.counters.rests.Add();
  const Instant end = idle.Rest(now, parts_.shard.NextDeadline());
  const Instant awake = WorkerNow();
  if (awake > end && end > now) parts_.counters.latest_wake_ns.RaiseTo(static_cast<uint64_t>((awake - end).count()));
  return awake;
}

}  // namespace dpvrrp
