// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

// One MAC over one contiguous run of bytes, with its own key. Jobs of a burst are independent. Small, as there is one a
// frame: 56 bytes.
struct IcvJob {
  const MacKey* key = nullptr;
  const uint8_t* data = nullptr;  // the ICV input, mutable fields and the ICV field itself already zero
  uint32_t length = 0;            // bytes; 1..kMaxFrameBytes
  bool match = false;             // Verify's answer
  // Sign: written; Verify: the received one. key->icv_bytes() are used. AES-GMAC: the first kGmacIvBytes are the IV,
  // which whoever signs puts there.
  uint8_t icv[kMaxIcvBytes] = {};
};

// Computes the ICVs of a burst. One virtual call a burst, none a frame; no allocation, lock or system call.
//
// Thread: one engine per lcore (a backend may keep scratch state).
class IcvEngine {
 public:
  virtual ~IcvEngine() = default;
  virtual absl::string_view name() const = 0;
  virtual void Sign(std::span<IcvJob> jobs) = 0;
  // Sets `match` of every job; the comparison is constant-time (conformance AH-30).
  virtual void Verify(std::span<IcvJob> jobs) = 0;
};

// The portable backend and the reference: OpenSSL's digests and ciphers.
std::unique_ptr<IcvEngine> MakeOpensslEngine();

// Runs published vectors of every algorithm through the engine, then full bursts of every size, keys and lengths mixed,
// against the portable one. An engine that fails is not used.
absl::Status SelfTest(IcvEngine& engine);

// The best backend this machine has that passes SelfTest. Internal: none does.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngine();

// The backend asked for: "vector-avx512", "vector-avx2", "ipsec-mb" or "openssl". NotFound: this machine has none of
// that name. Internal: it fails SelfTest.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngineNamed(absl::string_view name);

}  // namespace dpvrrp
