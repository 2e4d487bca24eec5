// SPDX-License-Identifier: BSD-3-Clause
//
// A frame as a growing sequence of bytes.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/address.h"

namespace dpvrrp {

// A whole Ethernet frame without FCS.
using FrameBytes = std::vector<uint8_t>;

// How the writers of this library put a frame together.
namespace internal {

inline void Append(FrameBytes& out, std::span<const uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Appends a header of lib/wire, which has the layout of the wire.
template <typename Header>
requires(std::is_trivially_copyable_v<Header> && alignof(Header) == 1) void AppendHeader(FrameBytes& out,
                                                                                         const Header& header) {
  Append(out, {reinterpret_cast<const uint8_t*>(&header), sizeof header});
}

inline void Append(FrameBytes& out, const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  Append(out, std::span(bytes).first(address.size()));
}

// The header of lib/wire that begins at byte `at`.
template <typename Header>
Header& HeaderAt(FrameBytes& bytes, size_t at) {
  static_assert(std::is_trivially_copyable_v<Header> && alignof(Header) == 1);
  return *reinterpret_cast<Header*>(bytes.data() + at);
}

}  // namespace internal
}  // namespace dpvrrp
