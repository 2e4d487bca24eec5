// SPDX-License-Identifier: BSD-3-Clause
//
// The selection of an engine. Internal to lib/crypto and its tests.
//
// Thread: any.
#pragma once

#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/icv_engine.h"

namespace dpvrrp::internal {

using IcvBackend = std::unique_ptr<IcvEngine> (*)();  // null: not available on this machine

// HMAC with a message in each lane of a vector register. Null without AVX-512 or AVX2.
std::unique_ptr<IcvEngine> MakeVectorAvx512Engine();
std::unique_ptr<IcvEngine> MakeVectorAvx2Engine();

// intel-ipsec-mb. Null if the build is without the library, or if the processor lacks the instructions. The first
// function takes the library's best code for this processor. The others take the code for one instruction set, so that
// tests can run the code of older processors.
std::unique_ptr<IcvEngine> MakeIpsecMbEngine();
std::unique_ptr<IcvEngine> MakeIpsecMbSseEngine();
std::unique_ptr<IcvEngine> MakeIpsecMbAvx2Engine();
std::unique_ptr<IcvEngine> MakeIpsecMbAvx512Engine();

// In order of speed, the fastest first.
std::span<const IcvBackend> AllIcvBackends();

// Returns the first of `backends` that is available and passes SelfTest. Internal: none passes; the message has the
// error of each.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeFirstThatPasses(std::span<const IcvBackend> backends);

}  // namespace dpvrrp::internal
