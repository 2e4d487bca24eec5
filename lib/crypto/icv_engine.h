// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

// One MAC over one contiguous run of bytes, with its own key. The jobs of a burst are independent. A job is small (56
// bytes), because each frame has one.
struct IcvJob {
  const MacKey* key = nullptr;
  const uint8_t* data = nullptr;  // the ICV input, mutable fields and the ICV field itself already zero
  uint32_t length = 0;            // bytes; 1..kMaxFrameBytes
  bool match = false;             // the result of Verify
  // Sign writes it; Verify compares the received one with it. key->icv_bytes() bytes are used. AES-GMAC: the first
  // kGmacIvBytes are the IV, which the caller of Sign sets.
  uint8_t icv[kMaxIcvBytes] = {};
};

// Computes the ICVs of a burst. One virtual call for a burst, none for a frame; no allocation, lock or system call.
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

// Runs published vectors of every algorithm through the engine. Then compares it with the portable engine on full
// bursts of every size, with mixed keys and lengths. An engine that fails is not used.
absl::Status SelfTest(IcvEngine& engine);

// The fastest backend of this machine that passes SelfTest. Internal: none passes.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngine();

// The backend with this name: "vector-avx512", "vector-avx2", "ipsec-mb" or "openssl". NotFound: this machine has no
// such backend. Internal: it fails SelfTest.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngineNamed(absl::string_view name);

}  // namespace dpvrrp
