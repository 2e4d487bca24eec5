// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/address.h"
#include "config/model.h"

namespace dpvrrp {

// Facts about the machine, for checks of a configuration against it. The daemon asks the system; a test writes them
// down.
//
// Thread: control (values).
struct HostFacts {
  struct Interface {
    std::string name;
    std::vector<IpPrefix> addresses;
  };
  struct PciDevice {
    std::string driver;                   // of the kernel: "vfio-pci"; empty: none
    std::vector<std::string> interfaces;  // of the kernel, on this device
  };

  std::vector<uint32_t> cpus;                           // on which this process may run; empty: not checked
  std::optional<std::vector<Interface>> interfaces;     // nothing: cannot be listed
  std::optional<std::map<std::string, PciDevice>> pci;  // by address, "0000:3b:00.0"
  // NotFound: no user or group has this name. Not set: not checked.
  std::function<absl::Status(const std::string& name)> find_user;
  std::function<absl::Status(const std::string& name)> find_group;
  // Whether files can be created in this folder. If the folder is absent, whether it can be created in its parent.
  std::function<absl::Status(const std::string& folder)> check_folder;
  // Whether DPDK would get the memory that these ports and workers need. Not set: not checked.
  std::function<absl::Status(const DaemonConfig& daemon, const std::vector<PortConfig>& ports)> check_memory;
  // Whether this file can be run as a program. PermissionDenied: it can, but other users than root can change it. Not
  // set: not checked.
  std::function<absl::Status(const std::string& path)> check_program;
  // Whether the daemon could make or take an interface of this name as a twin: not if another kind of interface has it.
  // Not set: not checked.
  std::function<absl::Status(const std::string& name)> check_twin;
  bool is_root = true;  // an access that is refused now is refused to the daemon too
};

}  // namespace dpvrrp
