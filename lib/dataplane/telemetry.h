// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace dpvrrp {

class Dataplane;

// DPDK's telemetry (dpdk-telemetry.py, EAL's socket dpdk_telemetry.v2) gets these commands beside those of DPDK:
//
//   /dpvrrp/info          version, number of workers and ports
//   /dpvrrp/workers       the lcores of the workers
//   /dpvrrp/worker,LCORE  what the worker on this lcore has counted since the start
//   /dpvrrp/drops         frames that were not accepted, by reason, of all workers
//
// Names are those of `show workers` and `show drops` in JSON. DPDK answers on a thread of its own, which waits for
// nothing here.
//
// While an object of this class lives, the commands answer about `dataplane`. Afterwards they answer with an error,
// because DPDK cannot forget a command. One object at a time.
//
// Thread: control.
class Telemetry {
 public:
  explicit Telemetry(const Dataplane& dataplane);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;
};

}  // namespace dpvrrp
