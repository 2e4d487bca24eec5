// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/enum_list.h"

// The unusual properties of an advert that is still obeyed: enumerator, name for people and programs, meaning. A new
// remark is one line here and the place where it is found; counters and notices follow.
#define DPVRRP_REMARKS(X)                                                                                         \
  X(kIntervalDiffers, "interval-differs", "VRRPv3: its advertisement interval is not ours (RFC 9568 7.1)")        \
  X(kAddressesDiffer, "addresses-differ", "VRRPv3: its address list is not ours (RFC 9568 7.1)")                  \
  X(kOtherChecksumRule, "other-checksum-rule", "VRRPv3 over IPv4: its checksum follows another rule than ours")   \
  X(kEqualPriority, "equal-priority", "its priority is ours: the greater address decides (RFC 9568 8.3.2)")       \
  X(kRivalOfOwner, "rival-of-owner", "it acts as master, although we own the addresses (erratum 8298)")           \
  X(kClockDiffers, "clock-differs", "auth_hmac trailer: its clock differs from ours by over half of time_window") \
  X(kReadmitted, "readmitted", "AH: its numbers restarted lower, after a silence that restart_policy requires")

namespace dpvrrp {

enum class Remark : uint8_t { DPVRRP_REMARKS(DPVRRP_ENUMERATOR) };
inline constexpr size_t kRemarkCount = DPVRRP_COUNT_OF(DPVRRP_REMARKS);

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

// Their names, in the order of AllRemarks(). Thread: any.
std::vector<absl::string_view> NamesOf(Remarks remarks);

}  // namespace dpvrrp
