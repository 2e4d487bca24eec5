// SPDX-License-Identifier: BSD-3-Clause
#include <memory>
#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/icv_backend.h"

namespace dpvrrp {
namespace internal {

absl::StatusOr<std::unique_ptr<IcvEngine>> MakeFirstThatPasses(std::span<const IcvBackend> backends) {
  std::string failures;
  for (const IcvBackend make : backends) {
    std::unique_ptr<IcvEngine> engine = make();
    if (engine == nullptr) continue;
    const absl::Status status = SelfTest(*engine);
    if (status.ok()) return engine;
    absl::StrAppend(&failures, failures.empty() ? "" : "; ", status.message());
  }
  return absl::InternalError(
      absl::StrCat("no MAC engine passes its self-test: ", failures.empty() ? "there is none" : failures));
}

}  // namespace internal

absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngine() {
  static constexpr internal::IcvBackend kBackends[] = {MakeOpensslEngine};  // fastest first
  return internal::MakeFirstThatPasses(kBackends);
}

}  // namespace dpvrrp
