// SPDX-License-Identifier: BSD-3-Clause
//
// What the value of a track does to an instance that uses it.
//
// Thread: any (values).
#pragma once

#include <cstdint>
#include <optional>

namespace dpvrrp {

inline constexpr int kMaxTrackWeight = 253;

struct TrackValue {
  enum class Kind : uint8_t { kUnknown, kDown, kUp, kNumber };
  Kind kind = Kind::kUnknown;
  int number = 0;  // kNumber

  static TrackValue Of(std::optional<bool> up) {
    return {!up.has_value() ? Kind::kUnknown : *up ? Kind::kUp : Kind::kDown, 0};
  }
  friend bool operator==(const TrackValue&, const TrackValue&) = default;
};

struct TrackEffect {
  bool fault = false;    // the instance is in Fault
  bool unknown = false;  // the instance waits for the first observation
  int weight = 0;        // is added to the priority; -kMaxTrackWeight..kMaxTrackWeight

  friend bool operator==(const TrackEffect&, const TrackEffect&) = default;
};

// Without a weight, a track that is down, or whose number is not 0, is a fault. A positive weight counts while the
// track is up, a negative one while it is down, and a number is multiplied by the weight: as keepalived does it for its
// scripts, interfaces and files. `reverse` exchanges up and down, and the sign of a number.
TrackEffect EffectOf(const TrackValue& value, std::optional<int> weight, bool reverse);

}  // namespace dpvrrp
