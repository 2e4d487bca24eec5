// SPDX-License-Identifier: BSD-3-Clause
//
// How an engine is chosen. Internal to lib/crypto and its tests.
//
// Thread: any.
#pragma once

#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "crypto/icv_engine.h"

namespace dpvrrp::internal {

using IcvBackend = std::unique_ptr<IcvEngine> (*)();  // null: this machine does not have it

// HMAC with a message in each lane of a vector register. Null without AVX-512 or AVX2.
std::unique_ptr<IcvEngine> MakeVectorAvx512Engine();
std::unique_ptr<IcvEngine> MakeVectorAvx2Engine();

// intel-ipsec-mb. Null where the build or the processor has it not.
std::unique_ptr<IcvEngine> MakeIpsecMbEngine();

// The fastest first.
std::span<const IcvBackend> AllIcvBackends();

// The first of `backends` that is here and passes SelfTest. Internal, with what each one said: none does.
absl::StatusOr<std::unique_ptr<IcvEngine>> MakeFirstThatPasses(std::span<const IcvBackend> backends);

}  // namespace dpvrrp::internal
