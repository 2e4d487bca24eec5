// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane_ports.h"

namespace dpvrrp {

bool DataplanePorts::HasLink(PortId port) { return dataplane_.HasLink(port); }

absl::StatusOr<PortDevices::Opened> DataplanePorts::Open(PortId port) {
  if (absl::Status status = dataplane_.OpenPort(port); !status.ok()) return status;
  return Describe(dataplane_.ports()[port.value()]);
}

}  // namespace dpvrrp
