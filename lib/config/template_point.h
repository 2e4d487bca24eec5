// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "base/types.h"
#include "config/model.h"

namespace dpvrrp::config_internal {

// One instance of a [[template]]: its numbers, and their distances from the first numbers of the file. A distance is
// negative if a smaller number is written after the first.
struct TemplatePoint {
  VlanStack vlan;
  Vrid vrid;
  int64_t outer_distance = 0;
  int64_t inner_distance = 0;
  int64_t vrid_distance = 0;
};

// How much a value changes from one number to the next. The owner of the steps keeps them small enough that no sum of
// them overflows T: a distance is less than 4096. Thread: any (value).
template <typename T>
struct Steps {
  T per_vlan{}, per_inner_vlan{}, per_vrid{};

  bool any() const { return per_vlan != 0 || per_inner_vlan != 0 || per_vrid != 0; }
  // From the first instance to this one.
  T To(const TemplatePoint& point) const {
    return point.outer_distance * per_vlan + point.inner_distance * per_inner_vlan + point.vrid_distance * per_vrid;
  }
};

}  // namespace dpvrrp::config_internal
