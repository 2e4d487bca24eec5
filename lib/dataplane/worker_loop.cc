// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/worker_loop.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "dataplane/port.h"

namespace dpvrrp {
namespace {

// Whether the pipeline can look at it: all in one piece, and with the tags it came with. We never ask a port to strip
// tags; should one do so, its frame must not pass for an untagged one. (RTE_MBUF_F_RX_VLAN alone says that the tag was
// seen, and net_af_packet sets it with the tag still in place.)
bool IsUsable(rte_mbuf* mbuf) {
  if ((mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) return false;
  return rte_pktmbuf_is_contiguous(mbuf) || rte_pktmbuf_linearize(mbuf) == 0;
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

// Not a system call: where the kernel's clock source is the TSC or a hypervisor's page, libc reads it in user space
// through the vDSO, in some 20 ns. (With "hpet" or "acpi_pm" it does enter the kernel; see
// /sys/devices/system/clocksource/clocksource0/current_clocksource.)
Instant WorkerNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return Instant(std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec));
}

WorkerLoop::WorkerLoop(const Parts& parts, std::span<const PortInfo> ports) : parts_(parts) {
  for (const PortInfo& port : ports) ports_.push_back(port.id.value());
}

void WorkerLoop::Run() {
  while (!quit_.load(std::memory_order_relaxed)) {
    const Instant now = WorkerNow();
    const bool worked = Turn(now);
    parts_.counters.turns.Add();
    if (!worked && parts_.idle_sleep > Nanoseconds(0)) Sleep(now);
  }
  rte_pktmbuf_free_bulk(spare_.data(), static_cast<unsigned>(spare_count_));
  spare_count_ = 0;
}

bool WorkerLoop::Turn(Instant now) {
  size_t work = TakeCommands(now);
  for (const uint16_t port : ports_) work += ReceiveFrom(port, now);
  work += TransmitDue(now);
  // After the frames have left: when control hears that a router has retired, its goodbye is with the driver.
  return ReportEvents() || work > 0;
}

size_t WorkerLoop::TakeCommands(Instant now) {
  const unsigned count = rte_ring_sc_dequeue_burst_elem(&parts_.commands, commands_.data(), sizeof(ShardCommand),
                                                        kCommandsPerTurn, nullptr);
  for (unsigned i = 0; i < count; ++i) parts_.shard.Apply(commands_[i], now);
  if (count > 0) parts_.counters.commands.Add(count);
  return count;
}

size_t WorkerLoop::ReceiveFrom(uint16_t port, Instant now) {
  std::array<rte_mbuf*, kMaxBurst> mbufs;
  const uint16_t count = rte_eth_rx_burst(port, kQueue, mbufs.data(), kMaxBurst);
  if (count == 0) return 0;

  std::array<Frame, kMaxBurst> frames;
  size_t usable = 0;
  for (uint16_t i = 0; i < count; ++i) {
    if (!IsUsable(mbufs[i])) continue;
    frames[usable++] = {rte_pktmbuf_mtod(mbufs[i], uint8_t*), mbufs[i]->data_len, PortId(port)};
  }
  parts_.counters.rx_bursts.Add();
  parts_.counters.rx_frames.Add(count);
  if (usable < count) parts_.counters.rx_unusable.Add(count - usable);

  parts_.shard.Receive({frames.data(), usable}, now);
  rte_pktmbuf_free_bulk(mbufs.data(), count);
  return count;
}

// One burst a turn. What is due beyond it follows in the next turns, which do not sleep in between.
size_t WorkerLoop::TransmitDue(Instant now) {
  if (spare_count_ < kMaxBurst) RefillSpare();
  TxBurst burst({buffers_.data(), spare_count_});
  parts_.shard.Transmit(burst, now);
  const size_t used = burst.used().size();
  if (used == 0) return 0;

  for (size_t i = 0; i < used; ++i) {
    SetLength(spare_[i], buffers_[i]);
    Outgoing& outgoing = outgoing_[buffers_[i].port.value()];
    outgoing.frames[outgoing.count++] = spare_[i];
  }
  spare_count_ -= used;
  std::copy_n(spare_.begin() + used, spare_count_, spare_.begin());
  std::copy_n(buffers_.begin() + used, spare_count_, buffers_.begin());

  for (const uint16_t port : ports_) {
    if (outgoing_[port].count > 0) Flush(port, outgoing_[port]);
  }
  return used;
}

void WorkerLoop::RefillSpare() {
  const auto missing = static_cast<unsigned>(kMaxBurst - spare_count_);
  if (rte_pktmbuf_alloc_bulk(&parts_.pool, spare_.data() + spare_count_, missing) != 0) {
    parts_.counters.no_mbuf.Add();  // all or none; we go on with what is left
    return;
  }
  for (; spare_count_ < kMaxBurst; ++spare_count_) {
    buffers_[spare_count_].data = rte_pktmbuf_mtod(spare_[spare_count_], uint8_t*);
  }
}

void WorkerLoop::Flush(uint16_t port, Outgoing& outgoing) {
  size_t sent = 0;
  for (int tries = 0; sent < outgoing.count && tries < kTransmitTries; ++tries) {
    if (tries > 0) rte_pause();
    sent += rte_eth_tx_burst(port, kQueue, outgoing.frames.data() + sent, static_cast<uint16_t>(outgoing.count - sent));
  }
  parts_.counters.tx_frames.Add(sent);
  if (sent < outgoing.count) {
    rte_pktmbuf_free_bulk(outgoing.frames.data() + sent, static_cast<unsigned>(outgoing.count - sent));
    parts_.counters.tx_dropped.Add(outgoing.count - sent);
  }
  outgoing.count = 0;
}

bool WorkerLoop::ReportEvents() {
  if (event_count_ == 0) event_count_ = parts_.shard.TakeEvents(events_);
  if (event_count_ == 0) return false;

  const unsigned put = rte_ring_sp_enqueue_burst_elem(&parts_.events, events_.data(), sizeof(ShardEvent),
                                                      static_cast<unsigned>(event_count_), nullptr);
  if (put < event_count_) parts_.counters.event_ring_full.Add();
  if (put == 0) return false;  // control has been kicked for what fills the ring; nothing to do but wait for it
  std::copy(events_.begin() + put, events_.begin() + static_cast<ptrdiff_t>(event_count_), events_.begin());
  event_count_ -= put;
  parts_.counters.events.Add(put);

  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(parts_.event_fd, &one, sizeof(one));  // fails only if never drained
  return true;
}

// The one exception to "no system call on an lcore": for laboratories and small machines whose cores have other work.
void WorkerLoop::Sleep(Instant now) {
  const Instant deadline = parts_.shard.NextDeadline();
  if (deadline <= now) return;
  const Nanoseconds wait = std::min(parts_.idle_sleep, deadline - now);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec duration{seconds.count(), (wait - seconds).count()};
  parts_.counters.sleeps.Add();
  clock_nanosleep(CLOCK_MONOTONIC, 0, &duration, nullptr);
}

}  // namespace dpvrrp
