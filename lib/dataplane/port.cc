// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "dataplane/eal_arguments.h"

namespace dpvrrp {
namespace {

absl::Status Refused(absl::string_view device, absl::string_view what, int error) {
  return absl::InternalError(absl::StrCat("device '", device, "': ", what, ": ", rte_strerror(-error)));
}

// The narrowest of the filters that the driver has; -ENOTSUP of one only means to try the next. Drivers answer a filter
// they cannot set in other ways too (net_virtio: EPERM), so any refusal does.
absl::StatusOr<MulticastFilter> ReceiveVrrpGroup(uint16_t port, absl::string_view device) {
  rte_ether_addr group = {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12}};  // 224.0.0.18 (RFC 1112 6.4)
  if (rte_eth_dev_set_mc_addr_list(port, &group, 1) == 0) return MulticastFilter::kExact;
  if (rte_eth_allmulticast_enable(port) == 0) return MulticastFilter::kAllMulticast;
  const int error = rte_eth_promiscuous_enable(port);
  if (error == 0) return MulticastFilter::kPromiscuous;
  // A NIC that filters can be told not to: a driver without even that call is a software device that delivers all.
  if (error == -ENOTSUP) return MulticastFilter::kNone;
  return Refused(device, "cannot be made to receive 224.0.0.18 (multicast list, all-multicast, promiscuous)", error);
}

absl::Status ConfigureQueues(uint16_t port, absl::string_view device, const rte_eth_dev_info& limits,
                             rte_mempool& pool) {
  if (limits.max_rx_queues < 1 || limits.max_tx_queues < 1) {
    return absl::FailedPreconditionError(absl::StrCat("device '", device,
                                                      "': needs a receive and a transmit queue, has ",
                                                      limits.max_rx_queues, " and ", limits.max_tx_queues));
  }
  rte_eth_conf conf{};
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_NONE;
  conf.txmode.mq_mode = RTE_ETH_MQ_TX_NONE;
  // Every frame we send is of one pool and nobody else holds it, so the driver may give back buffers in bulk.
  conf.txmode.offloads = limits.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
  if (int error = rte_eth_dev_configure(port, 1, 1, &conf); error != 0) {
    return Refused(device, "cannot be configured with one queue each way", error);
  }

  uint16_t rx_descriptors = kRxDescriptors;
  uint16_t tx_descriptors = kTxDescriptors;
  if (int error = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx_descriptors, &tx_descriptors); error != 0) {
    return Refused(device, "does not tell its descriptor limits", error);
  }
  if (rx_descriptors > kRxDescriptors || tx_descriptors > kTxDescriptors) {
    return absl::FailedPreconditionError(
        absl::StrCat("device '", device, "': its queues need at least ", rx_descriptors, " and ", tx_descriptors,
                     " descriptors; buffers are reserved for ", kRxDescriptors, " and ", kTxDescriptors));
  }

  const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(port));  // SOCKET_ID_ANY (-1) is welcome
  if (int error = rte_eth_rx_queue_setup(port, kQueue, rx_descriptors, socket, nullptr, &pool); error != 0) {
    return Refused(device, absl::StrCat("cannot set up a receive queue of ", rx_descriptors), error);
  }
  rte_eth_txconf tx_conf = limits.default_txconf;
  tx_conf.offloads = conf.txmode.offloads;
  if (int error = rte_eth_tx_queue_setup(port, kQueue, tx_descriptors, socket, &tx_conf); error != 0) {
    return Refused(device, absl::StrCat("cannot set up a transmit queue of ", tx_descriptors), error);
  }
  return absl::OkStatus();
}

}  // namespace

// By device rather than by port name: a driver may name its ports as it likes ("0000:03:00.0 port 1").
absl::StatusOr<PortId> FindPort(absl::string_view device) {
  const std::string wanted = EalDeviceName(device);
  std::optional<PortId> found;
  uint16_t port;
  RTE_ETH_FOREACH_DEV(port) {
    rte_eth_dev_info info;
    if (rte_eth_dev_info_get(port, &info) != 0 || info.device == nullptr) continue;
    if (wanted != rte_dev_name(info.device)) continue;
    if (found.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat("device '", device, "': has several ports (", found->value(),
                                                        " and ", port, "); only one is taken"));
    }
    found = PortId(port);
  }
  if (!found.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("device '", device, "': DPDK has no port for it; ",
                     IsPciDevice(device) ? "is it bound to vfio-pci?" : "its driver may have said why on stderr"));
  }
  if (found->value() >= kMaxPorts) {
    return absl::FailedPreconditionError(
        absl::StrCat("device '", device, "': its port number must be below ", kMaxPorts, ", got ", found->value()));
  }
  return *found;
}

absl::StatusOr<PortInfo> StartPort(PortId id, absl::string_view device, rte_mempool& pool) {
  const uint16_t port = id.value();
  rte_eth_dev_info info;
  if (int error = rte_eth_dev_info_get(port, &info); error != 0)
    return Refused(device, "tells nothing of itself", error);
  if (absl::Status status = ConfigureQueues(port, device, info, pool); !status.ok()) return status;
  if (int error = rte_eth_dev_start(port); error != 0) return Refused(device, "cannot be started", error);

  // After the start: starting restores unicast filters and modes, but in some drivers not the multicast list.
  absl::StatusOr<MulticastFilter> filter = ReceiveVrrpGroup(port, device);
  if (!filter.ok()) return filter.status();
  rte_ether_addr mac;
  if (int error = rte_eth_macaddr_get(port, &mac); error != 0) return Refused(device, "has no MAC address", error);

  PortInfo out;
  out.id = id;
  out.device = std::string(device);
  out.driver = info.driver_name != nullptr ? info.driver_name : "";
  std::copy(std::begin(mac.addr_bytes), std::end(mac.addr_bytes), out.mac.bytes.begin());
  out.filter = *filter;
  out.reports_link_state = info.dev_flags != nullptr && (*info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
  return out;
}

void ClosePort(PortId id) {
  // Errors leave nothing to be done: the port has been unplugged, or is closed already.
  [[maybe_unused]] int error = 0;
  // net_af_packet's promiscuous mode is the kernel interface's, and would outlive us.
  if (rte_eth_promiscuous_get(id.value()) == 1) error = rte_eth_promiscuous_disable(id.value());
  error = rte_eth_dev_stop(id.value());
  error = rte_eth_dev_close(id.value());
}

}  // namespace dpvrrp
