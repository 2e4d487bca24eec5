// SPDX-License-Identifier: BSD-3-Clause
//
// `show vrrp`: the state by the model of RFC 8347 (ietf-vrrp), as JSON by RFC 7951. An interface of the model is a
// segment: "lan" is the port without a tag, "lan:7" its VLAN 7. What the model cannot express is left out: an owner's
// priority of 255, intervals that are no whole seconds (VRRPv2), addresses beyond the 16th (IPv4) or 2nd (IPv6), tracks
// and authentication.
//
// Thread: control.
#pragma once

#include <string>

#include "control/control_time.h"

namespace dpvrrp {

struct Answers;
struct Parts;
using View = const Parts;

std::string YangText(View& view, const Answers& answers, ControlTime t);

}  // namespace dpvrrp
