// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/twin_exchange.h"

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "dataplane/worker_loop.h"

namespace dpvrrp {
namespace {

constexpr size_t kFramesPerLook = 8;  // at the clock
constexpr Nanoseconds kAfterAnError = std::chrono::milliseconds(10);

// Puts the tags back that the port stripped (mbuf_frame.h). False: there is no room for them.
bool PutTagsBack(rte_mbuf*& mbuf) {
  if ((mbuf->ol_flags & (RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED)) == 0) [[likely]]
    return true;
  const uint64_t flags = mbuf->ol_flags;
  const uint16_t outer = mbuf->vlan_tci_outer;
  if ((flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0 && rte_vlan_insert(&mbuf) != 0) return false;
  if ((flags & RTE_MBUF_F_RX_QINQ_STRIPPED) == 0) return true;
  mbuf->vlan_tci = outer;
  return rte_vlan_insert(&mbuf) == 0;
}

}  // namespace

std::span<rte_mbuf*> TwinExchange::Take(std::span<rte_mbuf*> mbufs, uint64_t strangers) {
  size_t kept = 0;
  for (size_t i = 0; i < mbufs.size(); ++i) {
    rte_mbuf* mbuf = mbufs[i];
    const bool goes_up = (strangers >> i & 1) != 0 && descriptors_[mbuf->port] >= 0;
    if (!goes_up || count_ == kTwinDepth) {
      if (goes_up) counters_[mbuf->port].up_dropped.Add();
      mbufs[kept++] = mbuf;
      continue;
    }
    waiting_[(first_ + count_++) % kTwinDepth] = mbuf;
  }
  return mbufs.first(kept);
}

size_t TwinExchange::WriteUp(Instant now) {
  const Instant end = now + kLongestTwinShare;
  const size_t share = std::min(count_, kMaxBurst * twins_);
  size_t written = 0;
  while (written < share) {
    Write(waiting_[first_]);
    first_ = (first_ + 1) % kTwinDepth;
    --count_;
    if (++written % kFramesPerLook == 0 && WorkerNow() >= end) break;
  }
  return written;
}

void TwinExchange::Write(rte_mbuf* mbuf) {
  const uint16_t port = mbuf->port;
  TwinCounters& counters = counters_[port];
  const bool taken = PutTagsBack(mbuf) && write(descriptors_[port], rte_pktmbuf_mtod(mbuf, const void*),
                                                mbuf->data_len) == static_cast<ssize_t>(mbuf->data_len);
  (taken ? counters.up : counters.up_refused).Add();
  rte_pktmbuf_free(mbuf);
}

// One byte more than a buffer has tells a frame that fills the buffer from one that is cut.
size_t TwinExchange::ReadDown(PortId port, std::span<rte_mbuf*, kTwinBurst> out, Instant now) {
  Instant& read_at = read_at_[port.value()];
  if (now < read_at) return 0;
  const Instant end = now + kLongestTwinShare;
  size_t frames = 0;
  for (size_t tries = 0; tries < kTwinBurst; ++tries) {
    if (tries > 0 && tries % kFramesPerLook == 0 && WorkerNow() >= end) break;
    if (spare_count_ == 0 && !Refill()) break;
    rte_mbuf* mbuf = spare_[spare_count_ - 1];
    uint8_t more = 0;
    const std::array<iovec, 2> room = {{{rte_pktmbuf_mtod(mbuf, void*), kMaxFrameBytes}, {&more, 1}}};
    const ssize_t bytes = readv(descriptors_[port.value()], room.data(), static_cast<int>(room.size()));
    if (bytes < 0) {
      read_at = now + (errno == EAGAIN ? kTwinPause : kAfterAnError);
      break;
    }
    if (static_cast<size_t>(bytes) > kMaxFrameBytes) {
      counters_[port.value()].down_too_long.Add();
      continue;
    }
    mbuf->data_len = static_cast<uint16_t>(bytes);
    mbuf->pkt_len = static_cast<uint32_t>(bytes);
    mbuf->port = port.value();
    out[frames++] = mbuf;
    --spare_count_;
  }
  return frames;
}

bool TwinExchange::Refill() {
  if (rte_pktmbuf_alloc_bulk(&pool_, spare_.data(), kTwinBurst) != 0) return false;
  spare_count_ = kTwinBurst;
  return true;
}

void TwinExchange::FreeAll() {
  for (; count_ > 0; --count_, first_ = (first_ + 1) % kTwinDepth) rte_pktmbuf_free(waiting_[first_]);
  if (spare_count_ > 0) rte_pktmbuf_free_bulk(spare_.data(), static_cast<unsigned>(spare_count_));
  spare_count_ = 0;
}

}  // namespace dpvrrp
