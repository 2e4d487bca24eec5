// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/twin_exchange.h"

#include <rte_mbuf.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "dataplane/worker_loop.h"

namespace dpvrrp {
namespace {

constexpr size_t kFramesPerLook = 8;  // at the clock
constexpr Nanoseconds kAfterAnError = std::chrono::milliseconds(10);

constexpr size_t kMacBytes = 12;  // in front of the tags

// The tags that the port stripped (mbuf_frame.h), as they were in the frame. The type of a stripped outer tag is not
// known: it is taken as that of IEEE 802.1ad.
struct StrippedBytes {
  std::array<uint8_t, 8> bytes;
  size_t size = 0;

  explicit StrippedBytes(const rte_mbuf& mbuf) {
    if ((mbuf.ol_flags & RTE_MBUF_F_RX_QINQ_STRIPPED) != 0) Add(0x88a8, mbuf.vlan_tci_outer);
    if ((mbuf.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) Add(0x8100, mbuf.vlan_tci);
  }
  void Add(uint16_t type, uint16_t tci) {
    for (const uint16_t word : {type, tci}) {
      bytes[size++] = static_cast<uint8_t>(word >> 8);
      bytes[size++] = static_cast<uint8_t>(word);
    }
  }
};

bool WriteFrame(int descriptor, const rte_mbuf& mbuf) {
  uint8_t* data = rte_pktmbuf_mtod(&mbuf, uint8_t*);
  const size_t length = mbuf.data_len;
  StrippedBytes tags(mbuf);
  if (tags.size == 0 || length < kMacBytes) [[likely]]
    return write(descriptor, data, length) == static_cast<ssize_t>(length);
  const std::array<iovec, 3> parts = {
      {{data, kMacBytes}, {tags.bytes.data(), tags.size}, {data + kMacBytes, length - kMacBytes}}};
  return writev(descriptor, parts.data(), static_cast<int>(parts.size())) == static_cast<ssize_t>(length + tags.size);
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
  const bool taken = WriteFrame(descriptors_[port], *mbuf);
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
