// SPDX-License-Identifier: BSD-3-Clause
//
// Dataplane: the twins of the ports.
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "dataplane/dataplane.h"
#include "dataplane/filters.h"
#include "dataplane/twin.h"
#include "dataplane/worker.h"

namespace dpvrrp {

// A queue for each worker that has a transmit queue of the port. A new device gets the port's MTU. One that exists
// keeps its own, which the port then follows. Both get the port's MAC, because the NIC may have been replaced.
absl::Status Dataplane::OpenTwin(PortInfo& port) {
  if (port.twin.empty()) return absl::OkStatus();
  const size_t queues = std::min<size_t>(port.workers.size(), std::max<size_t>(port.tx_queues, 1));
  DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<Twin> twin, Twin::Open(port.twin, queues));
  port.twin_descriptors = twin->descriptors();
  DPVRRP_RETURN_IF_ERROR(PrepareTwin(port, *twin));
  twins_[port.id.value()] = std::move(twin);
  return absl::OkStatus();
}

absl::Status Dataplane::PrepareTwin(PortInfo& port, Twin& twin) const {
  // A port that is closed now keeps the MAC and the MTU that it had; one that was never open has none yet.
  if (port.mac != MacAddress{}) DPVRRP_RETURN_IF_ERROR(twin.SetMac(port.mac));
  if (port.open && rte_eth_dev_get_mtu(port.dpdk.value(), &port.mtu) != 0) port.mtu = RTE_ETHER_MTU;
  if (twin.is_new() && port.mtu != 0) DPVRRP_RETURN_IF_ERROR(twin.SetMtu(std::min(port.mtu, kMaxTwinMtu)));
  return twin.is_new() ? twin.SetUp() : absl::OkStatus();
}

absl::Status Dataplane::RemakeTwin(PortId id) {
  PortInfo& port = PortOf(id);
  DPVRRP_CHECK(complete_ && !port.twin.empty());
  for (const size_t worker : port.workers) workers_[worker]->StopWatching(port.twin_descriptors);
  DPVRRP_ASSIGN_OR_RETURN(const std::unique_ptr<Twin> fresh, Twin::Open(port.twin, port.twin_descriptors.size()));
  DPVRRP_RETURN_IF_ERROR(PrepareTwin(port, *fresh));
  DPVRRP_RETURN_IF_ERROR(fresh->Keep());
  DPVRRP_RETURN_IF_ERROR(twins_[id.value()]->Become(*fresh));
  followed_[id.value()].reset();
  for (const size_t worker : port.workers) workers_[worker]->WatchAgain(port.twin_descriptors);
  return absl::OkStatus();
}

absl::Status Dataplane::KeepTwins() {
  for (const std::unique_ptr<Twin>& twin : twins_) {
    if (twin != nullptr) DPVRRP_RETURN_IF_ERROR(twin->Keep());
  }
  return absl::OkStatus();
}

absl::Status Dataplane::SetTwinCarrier(PortId id, bool has_link) {
  const Twin* twin = id.value() < twins_.size() ? twins_[id.value()].get() : nullptr;
  return twin == nullptr ? absl::OkStatus() : twins_[id.value()]->SetCarrier(has_link);
}

std::vector<std::string> Dataplane::FollowTwin(PortId id, const TwinWishes& wishes) {
  PortInfo& port = PortOf(id);
  if (!eal_started_ || !port.open || port.twin.empty()) return {};
  std::optional<TwinWishes>& followed = followed_[id.value()];
  if (followed == wishes) return {};
  std::vector<std::string> notes;
  if (!followed && rte_eth_dev_get_mtu(port.dpdk.value(), &port.mtu) != 0) port.mtu = RTE_ETHER_MTU;
  if (!followed || followed->mac != wishes.mac) notes.push_back(FollowTwinMac(port, wishes.mac));
  if (!followed || followed->mtu != wishes.mtu) notes.push_back(FollowTwinMtu(port, wishes.mtu));
  // A port that keeps its own MAC receives frames to the twin's MAC only if it receives all.
  const bool promiscuous = wishes.promiscuous || port.mac != wishes.mac;
  if (std::exchange(port.twin_promiscuous, promiscuous) != promiscuous || !followed)
    wanted_[id.value()]->ProgramAgain();
  followed = wishes;
  std::erase(notes, "");
  return notes;
}

std::string Dataplane::FollowTwinMac(PortInfo& port, const MacAddress& mac) {
  if (port.mac == mac) return "";
  rte_ether_addr address;
  std::copy(mac.bytes.begin(), mac.bytes.end(), address.addr_bytes);
  const int error = rte_eth_dev_default_mac_addr_set(port.dpdk.value(), &address);
  if (error == 0) {
    port.mac = mac;
    return "";
  }
  return absl::StrCat("twin '", port.twin, "': its MAC is ", ToString(mac), ", and port '", port.device, "' keeps ",
                      ToString(port.mac), " (", rte_strerror(std::abs(error)), "): the port becomes promiscuous");
}

// A driver without MTU takes frames of any length that fits into a buffer.
std::string Dataplane::FollowTwinMtu(PortInfo& port, uint32_t mtu) {
  if (port.mtu == mtu) return "";
  const bool fits = mtu <= kMaxTwinMtu;
  const int error = fits ? rte_eth_dev_set_mtu(port.dpdk.value(), static_cast<uint16_t>(mtu)) : -EINVAL;
  if (error == 0 || (fits && error == -ENOTSUP)) {
    port.mtu = static_cast<uint16_t>(mtu);
    return "";
  }
  const std::string reason = fits ? absl::StrCat("device '", port.device, "' refuses it: ", rte_strerror(-error))
                                  : absl::StrCat("must be at most ", kMaxTwinMtu);
  const absl::Status restored = twins_[port.id.value()]->SetMtu(port.mtu);
  return absl::StrCat("twin '", port.twin, "': MTU ", mtu, ": ", reason, "; it is ",
                      restored.ok() ? absl::StrCat(port.mtu, " again") : std::string(restored.message()));
}

TwinStatistics Dataplane::twin_statistics(PortId id) const {
  TwinStatistics sum;
  const PortInfo* port = FindPort(id);
  DPVRRP_CHECK(port != nullptr);
  if (port->twin.empty() || !complete_) return sum;
  for (const size_t worker : port->workers) {
    const TwinCounters& counts = workers_[worker]->twin_counters(id);
    sum.up += counts.up.value();
    sum.up_dropped += counts.up_dropped.value();
    sum.up_refused += counts.up_refused.value();
    sum.down += counts.down.value();
    sum.down_dropped += counts.down_dropped.value();
    sum.down_too_long += counts.down_too_long.value();
  }
  return sum;
}

}  // namespace dpvrrp
