// SPDX-License-Identifier: BSD-3-Clause
//
// Test vectors as printed in the RFCs. They are in the library, not in the tests, because the daemon runs them at
// start-up: a backend that fails on this machine's processor is not used. Internal to lib/crypto and its tests.
//
// Thread: any (immutable).
#pragma once

#include <cstddef>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "crypto/icv_engine.h"
#include "crypto/mac_algorithm.h"

namespace dpvrrp::internal {

// `text` written `times` times: RFC vectors like "0xaa repeated 80 times".
struct Repeated {
  absl::string_view text;
  size_t times = 1;
};

struct PublishedVector {
  MacAlgorithm algorithm;
  absl::string_view source;  // "RFC 2202 2 case 1"
  Repeated key;
  Repeated data;
  // Hex as printed: whole, or already truncated to the ICV's length. AES-GMAC: the IV, then the tag.
  absl::string_view mac;
};

std::span<const PublishedVector> AllPublishedVectors();

// SelfTest with the given vectors.
absl::Status SelfTestWith(IcvEngine& engine, std::span<const PublishedVector> vectors);

}  // namespace dpvrrp::internal
