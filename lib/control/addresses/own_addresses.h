// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/address.h"

namespace dpvrrp {

// Whether both are addresses of one subnet of `length` bits. IPv4 only.
bool InOneSubnet(const IpAddress& a, const IpAddress& b, uint8_t length);

// The host's own IPv4 addresses by device, as the kernel has reported them: those that are no virtual addresses. They
// are what the host's traffic is to leave from.
//
// Thread: control.
class OwnAddresses {
 public:
  bool Add(const std::string& device, const IpPrefix& prefix);  // whether it is new
  void Remove(const std::string& device, const IpPrefix& prefix);
  bool Has(const std::string& device, const IpPrefix& prefix) const;

  // Whether an own address of the device has a larger subnet that contains `prefix`, so that there is a route to it.
  bool Contain(const std::string& device, const IpPrefix& prefix) const;

 private:
  absl::flat_hash_map<std::string, std::set<IpPrefix>> by_device_;
};

}  // namespace dpvrrp
