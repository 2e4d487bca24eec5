// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

// What can be odd about an advert that is obeyed all the same: enumerator, name for people and programs, meaning. A new
// one is one line here and the place where it is seen; counters and notices follow.
#define DPVRRP_REMARKS(X)                                                                                          \
  X(kIntervalDiffers, "interval-differs", "VRRPv3: its advertisement interval is not ours (RFC 9568 7.1)")         \
  X(kAddressesDiffer, "addresses-differ", "VRRPv3: its address list is not ours (RFC 9568 7.1)")                   \
  X(kOtherChecksumRule, "other-checksum-rule", "VRRPv3 over IPv4: its checksum follows the rule that ours do not") \
  X(kEqualPriority, "equal-priority", "its priority is ours: the greater address decides (RFC 9568 8.3.2)")        \
  X(kRivalOfOwner, "rival-of-owner", "it stands in for the owner of the addresses, which we are (erratum 8298)")   \
  X(kClockDiffers, "clock-differs", "auth_hmac trailer: its clock differs from ours by over half of time_window")  \
  X(kReadmitted, "readmitted",                                                                                     \
    "AH: its numbers have begun again, lower; it had been silent long enough for restart_policy")

namespace dpvrrp {

enum class Remark : uint8_t {
#define X(id, name, meaning) id,
  DPVRRP_REMARKS(X)
#undef X
};

#define X(id, name, meaning) +1
inline constexpr size_t kRemarkCount = 0 DPVRRP_REMARKS(X);
#undef X

struct RemarkInfo {
  Remark remark;
  absl::string_view name;     // lower-case, hyphens; stable: scripts and metrics use it
  absl::string_view meaning;  // one line, with its source
};

// One row per remark, in enumerator order. Thread: any.
const std::array<RemarkInfo, kRemarkCount>& AllRemarks();
inline absl::string_view ToString(Remark remark) { return AllRemarks()[static_cast<size_t>(remark)].name; }

// A set of them.
class Remarks {
 public:
  void Add(Remark remark) { bits_ |= uint8_t{1} << static_cast<uint8_t>(remark); }
  bool Has(Remark remark) const { return (bits_ >> static_cast<uint8_t>(remark) & 1) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static_assert(kRemarkCount <= 8);
  uint8_t bits_ = 0;
};

}  // namespace dpvrrp
