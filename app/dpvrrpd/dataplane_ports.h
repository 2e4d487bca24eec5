// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "control/port_keeper.h"
#include "dataplane/dataplane.h"

namespace dpvrrp {

// The data plane's ports in the form that the port keeper uses.
//
// Thread: control.
class DataplanePorts : public PortDevices {
 public:
  explicit DataplanePorts(Dataplane& dataplane) : dataplane_(dataplane) {}

  bool HasLink(PortId port) override;
  void Quiesce(PortId port) override { dataplane_.QuiescePort(port); }
  bool IsQuiet(PortId port) override { return dataplane_.IsQuiet(port); }
  void Close(PortId port) override { dataplane_.ClosePort(port); }
  absl::StatusOr<Opened> Open(PortId port) override;

  static Opened Describe(const PortInfo& port) { return {port.mac, port.ifindex}; }

 private:
  Dataplane& dataplane_;
};

}  // namespace dpvrrp
