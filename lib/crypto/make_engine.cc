// SPDX-License-Identifier: BSD-3-Clause
#include <memory>
#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/icv_backend.h"

namespace dpvrrp {
namespace internal {

std::span<const IcvBackend> AllIcvBackends() {
  static constexpr IcvBackend kBackends[] = {MakeVectorAvx512Engine, MakeVectorAvx2Engine, MakeIpsecMbEngine,
                                             MakeOpensslEngine};
  return kBackends;
}

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
  return internal::MakeFirstThatPasses(internal::AllIcvBackends());
}

absl::StatusOr<std::unique_ptr<IcvEngine>> MakeIcvEngineNamed(absl::string_view name) {
  std::string present;
  for (const internal::IcvBackend& make : internal::AllIcvBackends()) {
    const std::unique_ptr<IcvEngine> engine = make();
    if (engine == nullptr) continue;
    if (engine->name() == name) return internal::MakeFirstThatPasses({&make, 1});
    absl::StrAppend(&present, present.empty() ? "" : ", ", engine->name());
  }
  return absl::NotFoundError(absl::StrCat("no MAC engine '", name, "' on this machine, which has ", present));
}

}  // namespace dpvrrp
