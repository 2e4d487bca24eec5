// SPDX-License-Identifier: BSD-3-Clause
//
// Converts the words of a case to configurations and frames. An unknown word is an error, so that a typing error cannot
// make a case test nothing.
#pragma once

#include "absl/status/statusor.h"
#include "conformance/case_file.h"
#include "pipeline/virtual_router.h"
#include "support/bytes.h"
#include "traffic/advert_frame.h"

namespace dpvrrp {

// An instance's words; README.md lists them.
absl::StatusOr<VirtualRouterConfig> ConfigFrom(const Words& words, SequenceRecord& record);

// The advert a right-minded neighbour with priority 150 would send to the instance with `instance`'s words, from
// 10.99.0.1, fe80::1 or its first peer, changed by `words`: the instance's, and every field of AdvertFrame.
absl::StatusOr<AdvertFrame> FrameFrom(const Words& instance, const Words& words);

// The key of an instance's words; empty without AH.
absl::StatusOr<Bytes> KeyFrom(const Words& instance);
absl::StatusOr<MacAlgorithm> AlgorithmFrom(const Words& instance);
IcvRule RuleFrom(const Words& instance);
absl::StatusOr<ChecksumRule> ChecksumRuleFrom(absl::string_view text);

// "10.99.0.100,10.99.1.1*200": the second stands for two hundred consecutive addresses, as far as the last byte allows.
absl::StatusOr<std::vector<IpAddress>> AddressesFrom(absl::string_view text);
// Decimal or 0x hexadecimal.
absl::StatusOr<uint32_t> Number(absl::string_view text);

}  // namespace dpvrrp
