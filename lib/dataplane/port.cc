// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/filters.h"
#include "dataplane/steering.h"
#include "dataplane/virtual_macs.h"

namespace dpvrrp {
namespace {

absl::Status Refused(absl::string_view device, absl::string_view what, int error) {
  return absl::InternalError(absl::StrCat("device '", device, "': ", what, ": ", rte_strerror(-error)));
}

// One queue for each worker, or as many queues as the port has.
absl::Status ConfigureQueues(PortInfo& port, const rte_eth_dev_info& limits, std::span<rte_mempool* const> pools,
                             bool with_interrupts) {
  const uint16_t id = port.dpdk.value();
  const absl::string_view device = port.device;
  if (limits.max_rx_queues < 1 || limits.max_tx_queues < 1) {
    return absl::FailedPreconditionError(absl::StrCat("device '", device,
                                                      "': needs a receive and a transmit queue, has ",
                                                      limits.max_rx_queues, " and ", limits.max_tx_queues));
  }
  const auto workers = static_cast<uint16_t>(pools.size());
  port.rx_queues = std::min(workers, limits.max_rx_queues);
  port.tx_queues = std::min(workers, limits.max_tx_queues);
  // The device receives on all its queue pairs from the start, a share of the frames on each, also on those not set up.
  if (port.driver == "net_af_packet" && limits.max_rx_queues > workers) {
    return absl::InvalidArgumentError(absl::StrCat("device '", device, "': qpairs: must be at most the number of ",
                                                   "workers that serve the port, ", workers, ", got ",
                                                   limits.max_rx_queues));
  }
  rte_eth_conf conf{};
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
  conf.txmode.mq_mode = RTE_ETH_MQ_TX_NONE;
  conf.intr_conf.rxq = with_interrupts ? 1 : 0;
  // Not both: some devices have only one interrupt. Without it, the link state is polled (Dataplane::HasLink).
  conf.intr_conf.lsc = port.reports_link_state && !with_interrupts ? 1 : 0;
  // If a queue sends the frames of only one worker, they come from one pool and have no other user. So the driver may
  // free buffers in bulk.
  if (port.tx_queues == workers) conf.txmode.offloads = limits.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
  if (int error = rte_eth_dev_configure(id, port.rx_queues, port.tx_queues, &conf); error != 0) {
    return Refused(
        device,
        absl::StrCat("cannot be configured with ", port.rx_queues, " receive and ", port.tx_queues, " transmit queues"),
        error);
  }

  uint16_t rx_descriptors = kRxDescriptors;
  uint16_t tx_descriptors = kTxDescriptors;
  if (int error = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx_descriptors, &tx_descriptors); error != 0) {
    return Refused(device, "does not report its descriptor limits", error);
  }
  if (rx_descriptors > kRxDescriptors || tx_descriptors > kTxDescriptors) {
    return absl::FailedPreconditionError(
        absl::StrCat("device '", device, "': its queues need at least ", rx_descriptors, " and ", tx_descriptors,
                     " descriptors; buffers are reserved for ", kRxDescriptors, " and ", kTxDescriptors));
  }

  const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(id));  // SOCKET_ID_ANY (-1) is valid
  for (uint16_t queue = 0; queue < port.rx_queues; ++queue) {
    if (int error = rte_eth_rx_queue_setup(id, queue, rx_descriptors, socket, nullptr, pools[queue]); error != 0) {
      return Refused(device, absl::StrCat("cannot set up receive queue ", queue, " of ", rx_descriptors), error);
    }
  }
  rte_eth_txconf tx_conf = limits.default_txconf;
  tx_conf.offloads = conf.txmode.offloads;
  for (uint16_t queue = 0; queue < port.tx_queues; ++queue) {
    if (int error = rte_eth_tx_queue_setup(id, queue, tx_descriptors, socket, &tx_conf); error != 0) {
      return Refused(device, absl::StrCat("cannot set up transmit queue ", queue, " of ", tx_descriptors), error);
    }
  }
  return absl::OkStatus();
}

// Warnings about settings that cost performance.
std::vector<std::string> WarningsOf(const PortInfo& port, std::span<const uint32_t> lcores) {
  std::vector<std::string> warnings;
  const int node = rte_eth_dev_socket_id(port.dpdk.value());
  for (const uint32_t lcore : lcores) {
    const auto of_lcore = static_cast<int>(rte_lcore_to_socket_id(lcore));
    if (node == SOCKET_ID_ANY || of_lcore == node) continue;
    warnings.push_back(absl::StrCat("is on NUMA node ", node, ", but its worker lcore ", lcore, " is on node ",
                                    of_lcore, ": every frame crosses between the nodes"));
  }
  if (PrunesSource(port.driver, port.device)) {
    warnings.push_back(
        "its driver drops frames whose source is one of the port's own addresses, so virtual MACs are never added to "
        "its address table");
  }
  return warnings;
}

}  // namespace

// By device, not by port name: a driver chooses the names of its ports ("0000:03:00.0 port 1").
absl::StatusOr<DpdkPort> FindPort(absl::string_view device) {
  const std::string wanted = EalDeviceName(device);
  std::optional<DpdkPort> found;
  uint16_t port;
  RTE_ETH_FOREACH_DEV(port) {
    rte_eth_dev_info info;
    if (rte_eth_dev_info_get(port, &info) != 0 || info.device == nullptr) continue;
    if (wanted != rte_dev_name(info.device)) continue;
    if (found.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat("device '", device, "': has several ports (", found->value(),
                                                        " and ", port, "); only one is supported"));
    }
    found = DpdkPort(port);
  }
  if (!found.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("device '", device, "': DPDK has no port for it; ",
                     IsPciDevice(device) ? "is it bound to vfio-pci?" : "stderr may have its driver's reason"));
  }
  return *found;
}

absl::Status StartPort(PortInfo& port, std::span<const uint32_t> lcores, std::span<rte_mempool* const> pools,
                       bool with_interrupts) {
  const uint16_t id = port.dpdk.value();
  rte_eth_dev_info info;
  if (int error = rte_eth_dev_info_get(id, &info); error != 0) {
    return Refused(port.device, "does not report its properties", error);
  }
  port.driver = info.driver_name != nullptr ? info.driver_name : "";
  port.ifindex = info.if_index;
  port.reports_link_state = info.dev_flags != nullptr && (*info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
  if (absl::Status status = ConfigureQueues(port, info, pools, with_interrupts); !status.ok()) return status;
  if (int error = rte_eth_dev_start(id); error != 0) return Refused(port.device, "cannot be started", error);

  // After the start: starting restores unicast filters and modes, but in some drivers not the multicast list.
  const absl::StatusOr<MulticastFilter> filter =
      ReceiveGroups(port.dpdk, port.device, WantedFrames().groups(), !port.twin.empty());
  if (!filter.ok()) return filter.status();
  port.filter = *filter;
  rte_ether_addr mac;
  if (int error = rte_eth_macaddr_get(id, &mac); error != 0) return Refused(port.device, "has no MAC address", error);
  std::copy(std::begin(mac.addr_bytes), std::end(mac.addr_bytes), port.mac.bytes.begin());

  port.warnings = WarningsOf(port, lcores);
  if (pools.size() > 1) {
    port.steering = port.rx_queues > 1 && CanSteer(port.dpdk) ? Steering::kFlow : Steering::kHandoff;
  }
  return absl::OkStatus();
}

void ClosePort(DpdkPort id) {
  // Errors need no action: the port has been unplugged, or is closed already.
  [[maybe_unused]] int error = 0;
  // net_af_packet sets the promiscuous mode of the kernel interface, which would outlive us.
  if (rte_eth_promiscuous_get(id.value()) == 1) error = rte_eth_promiscuous_disable(id.value());
  error = rte_eth_dev_stop(id.value());
  error = rte_eth_dev_close(id.value());
}

}  // namespace dpvrrp
