// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/virtual_macs.h"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

rte_ether_addr ToDpdk(const MacAddress& mac) {
  rte_ether_addr out;
  std::copy(mac.bytes.begin(), mac.bytes.end(), out.addr_bytes);
  return out;
}

}  // namespace

bool PrunesSource(absl::string_view driver, absl::string_view device) {
  constexpr std::array<absl::string_view, 4> kDrivers = {"net_i40e", "net_i40e_vf", "net_ice", "net_iavf"};
  return std::find(kDrivers.begin(), kDrivers.end(), driver) != kDrivers.end() &&
         !absl::StrContains(device, "disable_source_pruning=1");
}

// All or none: with a part of the addresses, promiscuous mode would still be needed for the others.
bool VirtualMacs::FillTable(const std::set<MacAddress>& wanted) {
  for (auto it = in_table_.begin(); it != in_table_.end();) {
    rte_ether_addr mac = ToDpdk(*it);
    if (wanted.contains(*it) || rte_eth_dev_mac_addr_remove(port_.value(), &mac) != 0) {
      ++it;
    } else {
      it = in_table_.erase(it);
    }
  }
  for (const MacAddress& address : wanted) {
    if (in_table_.contains(address)) continue;
    rte_ether_addr mac = ToDpdk(address);
    // -ENOSPC: full. Any other error: this driver does not accept the address (net_virtio: EPERM).
    if (rte_eth_dev_mac_addr_add(port_.value(), &mac, 0) != 0) return false;
    in_table_.insert(address);
  }
  return true;
}

void VirtualMacs::ClearTable() { FillTable({}); }

absl::StatusOr<UnicastFilter> VirtualMacs::Set(std::span<const MacAddress> wanted) {
  const std::set<MacAddress> addresses(wanted.begin(), wanted.end());
  const bool fits = addresses.empty() || (!prunes_source_ && FillTable(addresses));
  if (!fits || addresses.empty()) ClearTable();
  const uint16_t port = port_.value();
  const bool exact = fits && !always_promiscuous_ && !wanted_promiscuous_;
  const int error = exact ? rte_eth_promiscuous_disable(port) : rte_eth_promiscuous_enable(port);
  if (error == -ENOTSUP) return fits ? UnicastFilter::kExact : UnicastFilter::kNone;
  if (error != 0) {
    return absl::InternalError(absl::StrCat("device '", device_, "': cannot change its promiscuous mode for ",
                                            addresses.size(), " virtual MACs: ", rte_strerror(-error)));
  }
  return fits && !always_promiscuous_ ? UnicastFilter::kExact : UnicastFilter::kPromiscuous;
}

}  // namespace dpvrrp
