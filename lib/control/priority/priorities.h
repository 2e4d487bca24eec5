// SPDX-License-Identifier: BSD-3-Clause
//
// The sources of every instance's priority (effective_priority.h). Each setter returns the priority that results from
// all sources; the caller writes it to the instance and sends it to the lcore.
//
// Thread: control.
#pragma once

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "control/part.h"
#include "control/priority/effective_priority.h"

namespace dpvrrp {

class Priorities final : public Part {
 public:
  // From the file: at a start, or at a reload.
  Priority SetConfigured(InstanceId id, Priority priority);
  // By an operator. No value: the file's counts again.
  Priority SetOrdered(InstanceId id, std::optional<Priority> priority);
  // The sum of the weights of the instance's tracks.
  Priority SetTracks(InstanceId id, int weight);
  // The sum of the weights of its group's tracks.
  Priority SetGroup(InstanceId id, int weight);

  PrioritySources SourcesOf(InstanceId id) const;

  void Forget(InstanceId id) override { sources_.erase(id); }

 private:
  absl::flat_hash_map<InstanceId, PrioritySources> sources_;
};

}  // namespace dpvrrp
