// SPDX-License-Identifier: BSD-3-Clause
#include "control/vrid_move/vrid_move.h"

#include <utility>

namespace dpvrrp {
namespace {

void ForgetLeft(VridMoveStep& step) {
  step.move.forget_left = kNever;
  const MacAddress mac = std::exchange(step.move.left_mac, MacAddress{});
  if (mac != MacAddress{}) step.forget_mac = mac;
}

}  // namespace

VridMoveStep Step(VridMove move, const VridMoveInput& input) {
  VridMoveStep step{move, std::nullopt};
  switch (input.kind) {
    case VridMoveInput::Kind::kBegin:
      step.move.next = input.vrid;
      break;
    case VridMoveInput::Kind::kFinish:
      step.move.left = input.vrid;
      step.move.next = Vrid(0);
      step.move.left_mac = input.mac;
      if (input.mac == MacAddress{}) break;
      if (!input.is_master) {
        ForgetLeft(step);  // no host uses it here
      } else {
        step.move.forget_left = input.now + kFormerMacStays;
      }
      break;
    case VridMoveInput::Kind::kAbort:
      step.move.next = Vrid(0);
      break;
    case VridMoveInput::Kind::kForgetLeft:
      ForgetLeft(step);
      break;
  }
  return step;
}

}  // namespace dpvrrp
