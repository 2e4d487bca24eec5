// SPDX-License-Identifier: BSD-3-Clause
//
// The file format as tables: every key, its type, and whether it is required. A new key is one row here, its reading in
// load*.cc, and a row in docs/config.md, which a test compares with these tables.
//
// Thread: any (constants).
#pragma once

#include <cstdint>
#include <span>

#include "absl/strings/string_view.h"
#include "config/document.h"

namespace dpvrrp::config_internal {

// A set of types, as bits.
enum ValueTypes : uint8_t {
  kOtherType = 0,
  kString = 1,
  kInteger = 2,
  kBoolean = 4,
  kArray = 8,
  kTable = 16,
  kDateTime = 32,
  kDuration = kString | kInteger,
  kAddressEntry = kString | kTable,
  kNumberEntry = kInteger | kTable,
  kNumbers = kInteger | kString,
  kCommand = kString | kArray,
  kTrackEntry = kString | kTable,
};

enum class Presence : uint8_t { kOptional, kRequired };

struct KeyRule {
  absl::string_view name;
  ValueTypes types;
  absl::string_view expected;  // completes "must be …"
  Presence presence = Presence::kOptional;
};

struct TableRule {
  absl::string_view name;  // as written in the file
  std::span<const KeyRule> keys;
};

extern const TableRule kRootRule;
extern const TableRule kDaemonRule;
extern const TableRule kGarpRule;
extern const TableRule kMetricsRule;
extern const TableRule kPortRule;
extern const TableRule kKeyringRule;
extern const TableRule kKeyringKeyRule;
extern const TableRule kInstanceRule;
extern const TableRule kTemplateRule;
extern const TableRule kTemplateAddressRule;
extern const TableRule kAuthenticationRule;
extern const TableRule kTemplateAuthenticationRule;  // the same keys
extern const TableRule kVirtualAddressRule;          // excluded_addresses' too
extern const TableRule kVirtualRouteRule;
extern const TableRule kVirtualRuleRule;
extern const TableRule kTemplateRouteRule;  // the keys of kVirtualRouteRule
extern const TableRule kTemplateRuleRule;   // the keys of kVirtualRuleRule
extern const TableRule kTemplateNumberRule;
extern const TableRule kUnicastPeerRule;
extern const TableRule kBlockRule;
extern const TableRule kScriptsRule;
extern const TableRule kTrackRule;
extern const TableRule kTrackUseRule;
extern const TableRule kGroupRule;

// All the rules above that have keys of their own.
std::span<const TableRule* const> AllTableRules();

ValueTypes TypeOf(const Node& node);
absl::string_view TypeName(const Node& node);  // "a string"

}  // namespace dpvrrp::config_internal
