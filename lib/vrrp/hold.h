// SPDX-License-Identifier: BSD-3-Clause
//
// Why control keeps a virtual router in state Fault, or in Initialize. The router starts when the last hold has ended.
//
// Thread: any (values).
#pragma once

#include <cstddef>
#include <cstdint>

namespace dpvrrp {

enum class Hold : uint8_t {
  kNoAddress,  // the kernel cannot hold a virtual address
  kTrack,      // a track without a weight is down
  kGroup,      // another member of its group is in Fault or has no link
  kStopped,    // an operator has stopped its port
  kUnknown,    // the first observation of a track is awaited: it stays in Initialize instead
};
inline constexpr size_t kHoldCount = 5;

class Holds {
 public:
  constexpr Holds() = default;
  constexpr Holds(Hold hold) : bits_(Bit(hold)) {}  // NOLINT: one hold is a set of holds

  void Add(Hold hold) { bits_ = static_cast<uint8_t>(bits_ | Bit(hold)); }
  void Remove(Hold hold) { bits_ = static_cast<uint8_t>(bits_ & ~Bit(hold)); }
  void Set(Hold hold, bool on) { on ? Add(hold) : Remove(hold); }
  bool Has(Hold hold) const { return (bits_ & Bit(hold)) != 0; }
  bool empty() const { return bits_ == 0; }
  // Whether the state is Fault because of them.
  bool AreFault() const { return (bits_ & ~Bit(Hold::kUnknown)) != 0; }
  // The first of the list above. The set must not be empty.
  Hold first() const {
    for (size_t i = 0; i + 1 < kHoldCount; ++i) {
      if ((bits_ >> i & 1) != 0) return static_cast<Hold>(i);
    }
    return static_cast<Hold>(kHoldCount - 1);
  }

  friend bool operator==(const Holds&, const Holds&) = default;

 private:
  static constexpr uint8_t Bit(Hold hold) { return static_cast<uint8_t>(1U << static_cast<unsigned>(hold)); }

  uint8_t bits_ = 0;
};

}  // namespace dpvrrp
