// SPDX-License-Identifier: BSD-3-Clause
#include "control/addresses/own_addresses.h"

#include <algorithm>

namespace dpvrrp {

bool InOneSubnet(const IpAddress& a, const IpAddress& b, uint8_t length) {
  if (!a.is_v4() || !b.is_v4()) return false;
  return length == 0 || ((a.v4() ^ b.v4()) >> (32 - length)) == 0;
}

bool OwnAddresses::Add(const std::string& device, const IpPrefix& prefix) {
  return by_device_[device].insert(prefix).second;
}

void OwnAddresses::Remove(const std::string& device, const IpPrefix& prefix) {
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return;
  found->second.erase(prefix);
  if (found->second.empty()) by_device_.erase(found);
}

bool OwnAddresses::Has(const std::string& device, const IpPrefix& prefix) const {
  const auto found = by_device_.find(device);
  return found != by_device_.end() && found->second.contains(prefix);
}

bool OwnAddresses::Contain(const std::string& device, const IpPrefix& prefix) const {
  const auto found = by_device_.find(device);
  if (found == by_device_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const IpPrefix& own) {
    return own.length < prefix.length && InOneSubnet(own.address, prefix.address, own.length);
  });
}

}  // namespace dpvrrp
