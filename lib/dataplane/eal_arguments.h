// SPDX-License-Identifier: BSD-3-Clause
//
// The command line with which EAL is started. Pure.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// argv for rte_eal_init(). Our options are first, the user's last. An option of ours is omitted if the user gives a
// conflicting one, and the options of a port are omitted if its interface is missing:
//
//   our option                        omitted if the user gives
//   --lcores=0,1                      -l -c --lcores
//   --main-lcore=0                    --main-lcore --master-lcore
//   --no-pci, or -a 0000:3b:00.0      -a -b --allow --block --no-pci
//   --vdev=net_af_packet0,iface=d0
//   --file-prefix=dpvrrp-<pid>        --file-prefix
//   --huge-unlink                     --huge-unlink --no-huge --in-memory --single-file-segments
//   --log-level=*:warning             --log-level
std::vector<std::string> EalArguments(const DataplaneConfig& config, uint32_t process_id);

// Whether one of these options is among the user's arguments, as "-l 0,1", "-l0,1", "--lcores 0,1" or "--lcores=0,1".
bool GivesOption(const std::vector<std::string>& arguments, std::vector<absl::string_view> options);

// "0000:3b:00.0" or "3b:00.0", with or without driver options after a comma.
bool IsPciDevice(absl::string_view device);

// EAL's name of the device: without driver options, a PCI address with its domain and in lower case.
std::string EalDeviceName(absl::string_view device);

}  // namespace dpvrrp
