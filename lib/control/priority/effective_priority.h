// SPDX-License-Identifier: BSD-3-Clause
//
// The priority that an instance advertises, from its named sources. Each source is set alone: a reload sets the
// configured priority and leaves the tracks and the group as they are.
//
// Thread: any (values).
#pragma once

#include <optional>

#include "base/types.h"

namespace dpvrrp {

struct PrioritySources {
  Priority configured{};              // by the file
  std::optional<Priority> ordered{};  // by an operator, in place of the file's
  int tracks = 0;                     // the sum of the weights of the instance's tracks that apply
  int group = 0;                      // the same of its group's tracks

  friend bool operator==(const PrioritySources&, const PrioritySources&) = default;
};

// The ordered priority, else the configured one, plus both weights. The result is 1..254: 0 means that a master
// resigns, and 255 that it owns the addresses. The priority of an owner never changes (RFC 9568 5.2.4).
Priority EffectivePriority(const PrioritySources& sources);

}  // namespace dpvrrp
