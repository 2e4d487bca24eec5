// SPDX-License-Identifier: BSD-3-Clause
//
// Sums that several renderings show: the tables of `show`, and the metrics.
//
// Thread: control.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/drop_reason.h"
#include "config/model.h"
#include "control/compose/parts.h"

namespace dpvrrp {

// Of the virtual routers of a segment. One that is being removed does not count.
struct SegmentFigures {
  int64_t instances = 0;  // also those that were not started, which are in Initialize
  std::array<int64_t, kStateCount> states{};
  uint64_t received = 0;  // adverts accepted
  uint64_t sent = 0;      // adverts
  uint64_t dropped = 0;   // frames
  uint64_t became_master = 0;
  uint64_t other_masters = 0;
  uint64_t oversleeps = 0;

  void Add(const ManagedInstance& instance, const InstanceCounts& counts);
  void AddCounts(const InstanceCounts& counts);  // also of an instance that is not there any more
  void AddNotStarted();
};

// Whether an instance counts: it has started, and is not being removed.
inline bool IsShown(const ManagedInstance& instance) { return instance.router != nullptr && !instance.removing; }

// What the kernel has of what a master needs. `missing`: it is needed and absent.
struct KernelFigures {
  int64_t programmed = 0;
  int64_t foreign = 0;  // present, and not ours
  int64_t missing = 0;

  void AddAddresses(View& view, InstanceId id);
  void AddRoutes(View& view, InstanceId id);  // and rules
};

}  // namespace dpvrrp
