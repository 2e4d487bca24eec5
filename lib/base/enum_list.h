// SPDX-License-Identifier: BSD-3-Clause
//
// An enum and its table, from one list. The list is a macro LIST(X) with one X(enumerator, columns...) for each value:
//
//   #define DPVRRP_REMARKS(X) X(kEqualPriority, "equal-priority", "its priority is ours") ...
//   enum class Remark : uint8_t { DPVRRP_REMARKS(DPVRRP_ENUMERATOR) };
//   inline constexpr size_t kRemarkCount = DPVRRP_COUNT_OF(DPVRRP_REMARKS);
//   struct RemarkInfo { Remark remark; absl::string_view name, meaning; };
//
// In a function, `using enum Remark;` comes before
//
//   static constexpr std::array<RemarkInfo, kRemarkCount> kRows = {{DPVRRP_REMARKS(DPVRRP_ROW)}};
#pragma once

#define DPVRRP_ENUMERATOR(id, ...) id,
#define DPVRRP_ONE(id, ...) +1
#define DPVRRP_COUNT_OF(LIST) (0 LIST(DPVRRP_ONE))
#define DPVRRP_ROW(id, ...) {id, __VA_ARGS__},
