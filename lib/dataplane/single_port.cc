// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/single_port.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/eal_start.h"
#include "dataplane/frame_pool.h"
#include "dataplane/lcores.h"
#include "dataplane/mbuf_frame.h"
#include "dataplane/port.h"
#include "dataplane/runtime_directory.h"

namespace dpvrrp {
namespace {

constexpr int kSendTries = 8;  // a veth or a tap takes a burst in parts

}  // namespace

struct SinglePort::Mbufs {
  rte_mempool* pool = nullptr;
  std::array<rte_mbuf*, kMaxBurst> received{};
  std::array<Frame, kMaxBurst> frames{};
  uint16_t received_count = 0;
  std::array<rte_mbuf*, kMaxBurst> spare{};
  std::array<TxFrame, kMaxBurst> buffers{};
  size_t spare_count = 0;

  void FreeReceived() {
    if (received_count != 0) rte_pktmbuf_free_bulk(received.data(), received_count);
    received_count = 0;
  }
};

SinglePort::SinglePort() : mbufs_(std::make_unique<Mbufs>()) {}

absl::StatusOr<std::unique_ptr<SinglePort>> SinglePort::Open(const Config& config) {
  std::unique_ptr<SinglePort> port(new SinglePort);  // its destructor undoes a failed start
  if (absl::Status status = port->StartEal(config); !status.ok()) return status;
  if (absl::Status status = port->StartDevice(config); !status.ok()) return status;
  return port;
}

absl::Status SinglePort::StartEal(const Config& config) {
  DataplaneConfig plan;
  plan.ports.push_back({config.device, {}, false, KernelShare::kNone});
  plan.main_lcore = config.lcore;
  plan.eal_arguments = config.eal_arguments;
  const std::vector<uint32_t> cpus = UsableCpus();
  if (!GivesOption(config.eal_arguments, {"-l", "-c", "--lcores"}) &&
      std::find(cpus.begin(), cpus.end(), config.lcore) == cpus.end()) {
    return absl::InvalidArgumentError(absl::StrCat("lcore '", config.lcore, "': this process may not run on that CPU, ",
                                                   "but on ", absl::StrJoin(cpus, ", ")));
  }
  // A run of seconds needs no telemetry socket.
  if (!GivesOption(config.eal_arguments, {"--telemetry", "--no-telemetry"})) {
    plan.eal_arguments.insert(plan.eal_arguments.begin(), "--no-telemetry");
  }
  plan.log = config.log;
  EalStart start;
  const absl::Status status = dpvrrp::StartEal(plan, start);
  notes_ = std::move(start.notes);
  runtime_directory_ = std::move(start.runtime_directory);
  if (!status.ok()) return status;
  eal_started_ = true;
  return absl::OkStatus();
}

absl::Status SinglePort::StartDevice(const Config& config) {
  info_.device = config.device;
  info_.workers = {0};
  absl::StatusOr<DpdkPort> found = FindPort(config.device);
  if (!found.ok()) return found.status();
  info_.dpdk = *found;
  mbufs_->pool = CreateFramePool("dpvrrp_gen", PoolBuffers(1, 1), SOCKET_ID_ANY);
  if (mbufs_->pool == nullptr) {
    return absl::ResourceExhaustedError(absl::StrCat("DPDK has no memory for frame buffers: ", rte_strerror(rte_errno),
                                                     "; give it more huge pages, or a larger -m"));
  }
  const std::array<uint32_t, 1> lcores{rte_get_main_lcore()};
  const std::array<rte_mempool*, 1> pools{mbufs_->pool};
  if (absl::Status status = StartPort(info_, lcores, pools, false); !status.ok()) {
    ClosePort(info_.dpdk);
    return status;
  }
  // A driver without filters receives every frame anyway.
  [[maybe_unused]] const int no_filter = rte_eth_promiscuous_enable(info_.dpdk.value());
  info_.open = true;
  return absl::OkStatus();
}

SinglePort::~SinglePort() {
  mbufs_->FreeReceived();
  if (mbufs_->spare_count != 0) {
    rte_pktmbuf_free_bulk(mbufs_->spare.data(), static_cast<unsigned>(mbufs_->spare_count));
  }
  if (info_.open) ClosePort(info_.dpdk);
  if (mbufs_->pool != nullptr) rte_mempool_free(mbufs_->pool);
  if (eal_started_) rte_eal_cleanup();
  if (runtime_directory_.has_value()) RemoveRuntimeDirectory(*runtime_directory_, true);
}

std::span<const Frame> SinglePort::Receive() {
  mbufs_->FreeReceived();
  mbufs_->received_count = rte_eth_rx_burst(info_.dpdk.value(), 0, mbufs_->received.data(), kMaxBurst);
  size_t usable = 0;
  for (uint16_t i = 0; i < mbufs_->received_count; ++i) {
    if (IsUsable(mbufs_->received[i])) mbufs_->frames[usable++] = FrameOf(*mbufs_->received[i]);
  }
  return std::span(mbufs_->frames).first(usable);
}

std::span<TxFrame> SinglePort::Buffers() {
  Mbufs& m = *mbufs_;
  const size_t wanted = kMaxBurst - m.spare_count;
  if (wanted != 0 && rte_pktmbuf_alloc_bulk(m.pool, &m.spare[m.spare_count], static_cast<unsigned>(wanted)) == 0) {
    for (size_t i = m.spare_count; i < kMaxBurst; ++i) {
      m.buffers[i] = {rte_pktmbuf_mtod(m.spare[i], uint8_t*), 0, info_.id};
    }
    m.spare_count = kMaxBurst;
  }
  return std::span(m.buffers).first(m.spare_count);
}

size_t SinglePort::Send(size_t count) {
  Mbufs& m = *mbufs_;
  for (size_t i = 0; i < count; ++i) m.spare[i]->data_len = m.buffers[i].length;
  for (size_t i = 0; i < count; ++i) m.spare[i]->pkt_len = m.buffers[i].length;
  size_t sent = 0;
  for (int tries = 0; sent < count && tries < kSendTries; ++tries) {
    if (tries != 0) rte_pause();
    sent += rte_eth_tx_burst(info_.dpdk.value(), 0, &m.spare[sent], static_cast<uint16_t>(count - sent));
  }
  std::copy(m.spare.begin() + static_cast<ptrdiff_t>(sent), m.spare.begin() + static_cast<ptrdiff_t>(m.spare_count),
            m.spare.begin());
  std::copy(m.buffers.begin() + static_cast<ptrdiff_t>(sent), m.buffers.begin() + static_cast<ptrdiff_t>(m.spare_count),
            m.buffers.begin());
  m.spare_count -= sent;
  return sent;
}

}  // namespace dpvrrp
