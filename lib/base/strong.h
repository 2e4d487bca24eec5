// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <compare>
#include <utility>

namespace dpvrrp {

// A number with its own meaning: a Vrid is not a Priority, although both are one byte. Construction and reading are
// explicit. Only values of the same type compare.
//
// Thread: any (a value).
template <typename Tag, typename T>
class Strong {
 public:
  using Underlying = T;

  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(value) {}

  constexpr T value() const { return value_; }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Strong& s) {
    return H::combine(std::move(h), s.value_);
  }

 private:
  T value_{};
};

}  // namespace dpvrrp
