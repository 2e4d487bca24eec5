// SPDX-License-Identifier: BSD-3-Clause
//
// The move of one instance to another VRID, as a value, and the pure step that changes it (docs/operations.md has the
// procedure):
//
//            Begin               Finish, master with a virtual MAC
//   stays ----------> both ---------------------------------------> left
//     ^                |                                              |
//     |  Abort, Finish |                    no longer master, or time |
//     +----------------+----------------------------------------------+
//
// both: the instance uses the old and the next VRID. left: it has the next VRID only, but its hosts may not
// have learned the new virtual MAC yet, so the old one is still received.
//
// Thread: control.
#pragma once

#include <optional>

#include "base/address.h"
#include "base/time.h"
#include "base/types.h"

namespace dpvrrp {

// How long the virtual MAC of a VRID that was left is still received, so that its hosts can learn the new one.
inline constexpr Nanoseconds kFormerMacStays = std::chrono::seconds(10);

struct VridMove {
  Vrid next{0};                  // not 0: the instance is moving there
  Vrid left{0};                  // not 0: the VRID that it had before the last move, in this run
  MacAddress left_mac{};         // not zero: hosts may still use it
  Instant forget_left = kNever;  // when `left_mac` is not received any more

  friend bool operator==(const VridMove&, const VridMove&) = default;
};

struct VridMoveInput {
  enum class Kind : uint8_t { kBegin, kFinish, kAbort, kForgetLeft };
  Kind kind;
  Vrid vrid{0};            // kBegin: the next one; kFinish: the one that is left
  MacAddress mac{};        // kFinish: the virtual MAC of the VRID that is left; zero: it has none
  bool is_master = false;  // kFinish
  Instant now{};           // kFinish
};

struct VridMoveStep {
  VridMove move;
  // The old virtual MAC is not received any more, and its devices are released.
  std::optional<MacAddress> forget_mac;
};

VridMoveStep Step(VridMove move, const VridMoveInput& input);

}  // namespace dpvrrp
