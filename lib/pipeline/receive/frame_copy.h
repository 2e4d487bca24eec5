// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/drop_reason.h"
#include "base/remark.h"
#include "base/time.h"
#include "base/types.h"
#include "pipeline/receive/disposition.h"

namespace dpvrrp {

// A received frame, and how it ended, as an lcore shows it to control. It travels through a ring by copying.
struct FrameCopy {
  static constexpr size_t kBytes = 512;  // of the frame; an advert of 100 IPv4 addresses with AH fits

  Instant at{};
  uint16_t length = 0;  // of the frame
  uint16_t copied = 0;  // bytes; fewer than `length` if the frame is longer than kBytes
  PortId port{};
  VlanStack stripped{};  // as in Frame
  DropReason end{};      // kNone: accepted
  IcvVerdict icv{};
  Remarks remarks{};
  std::array<uint8_t, kBytes> bytes;  // valid as far as `copied`

  FrameCopy() = default;
  // Thread: any, so also the lcore.
  FrameCopy(const Frame& frame, const Disposition& how, Instant now);

  // The frame again, to be read only: a Frame has no const form. It points to `bytes`.
  Frame frame() const { return {const_cast<uint8_t*>(bytes.data()), copied, port, stripped}; }
  Disposition how() const { return {.end = end, .icv = icv, .remarks = remarks}; }
};

}  // namespace dpvrrp
