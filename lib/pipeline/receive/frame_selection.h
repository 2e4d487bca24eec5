// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "base/address.h"
#include "base/types.h"

namespace dpvrrp {

struct Disposition;
struct Frame;

// Which received frames a tap shows: frames of VRRP, correct or not, that meet every condition given.
struct FrameSelection {
  bool any_port = true, any_vlan = true, any_sender = true;
  bool only_refused = false;
  Vrid vrid{};  // 0: any
  PortId port{};
  VlanStack vlan{};
  IpAddress sender{};

  // Thread: any.
  bool Selects(const Frame& frame, const Disposition& how) const;
  friend bool operator==(const FrameSelection&, const FrameSelection&) = default;
};

}  // namespace dpvrrp
