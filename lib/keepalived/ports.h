// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <vector>

#include "keepalived/context.h"

namespace dpvrrp::keepalived {

// The ports behind kernel interfaces: eth0.100 is VLAN 100 of port eth0.
//
// Thread: one.
class Ports {
 public:
  struct Segment {
    std::string port;
    std::vector<int> vlan;  // outermost first
  };

  // The segment of a kernel interface, whose port is made if need be.
  Segment Of(const std::string& interface);
  // The [[port]] tables, in the order in which they were named.
  std::vector<TomlTable> Tables() const;

 private:
  std::map<std::string, std::string> names_;  // by interface
  std::vector<std::string> order_;            // interfaces
  Names taken_;
};

}  // namespace dpvrrp::keepalived
