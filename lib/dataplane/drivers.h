// SPDX-License-Identifier: BSD-3-Clause
//
// The drivers that EAL loads. A DPDK of shared libraries loads every driver of its folder: about 150 with all that they
// need, of which a daemon uses three. They take 13 MiB of memory and 50 ms of the start.
//
// Thread: control.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// The files in `folder` that this configuration needs, in ascending order: the bus of virtual devices, the ring of the
// buffer pools, and the driver of each virtual device. With a PCI port, or with one of the user's options that takes
// PCI devices, also the PCI bus and every network driver, because only these know which devices they drive.
//
// nullopt: EAL must load the whole folder. A needed file does not exist, a driver opens devices of other drivers
// (bonding), or an option of the user names drivers (-d) or the kind of the buffer pools.
std::optional<std::vector<std::string>> NeededDrivers(const DataplaneConfig& config, const std::string& folder);

// The folder of DPDK's drivers beside the EAL library of this process, as Debian installs it. Nullopt: EAL is linked
// statically, or there is no such folder.
std::optional<std::string> DriverFolder();

// While one lives, rte_eal_init() does not load the folder of drivers, but only the files that its options -d name. No
// option of EAL can do that. EAL loads the folder if dlopen() finds its own library loaded. So this library has its own
// dlopen(), which the dynamic linker prefers to the one of libc for the whole process. It passes every call on, except
// that question. A library that opens another one by its own RUNPATH does not find it there. If a linker does not
// prefer it, EAL loads the folder, and everything works.
//
// One object at a time.
class OnlyNamedDrivers {
 public:
  OnlyNamedDrivers();
  ~OnlyNamedDrivers();
  OnlyNamedDrivers(const OnlyNamedDrivers&) = delete;
  OnlyNamedDrivers& operator=(const OnlyNamedDrivers&) = delete;
};

}  // namespace dpvrrp
