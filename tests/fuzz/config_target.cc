// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "base/check.h"
#include "config/diff.h"
#include "config/load.h"
#include "control/instances/router_builder.h"
#include "fuzz/targets.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kSecretText = "xyZZy-Never-Print-Me-42";

// Key files: "text" and "hex" are good, "long" is too long for a password; the others do not exist.
absl::StatusOr<SecretBytes> ReadSecret(const std::string& path) {
  const auto text = [](absl::string_view t) { return SecretBytes({t.begin(), t.end()}); };
  if (absl::EndsWith(path, "/text")) return text(kSecretText);
  if (absl::EndsWith(path, "/hex")) return text("hex:" + std::string(64, 'b'));
  if (absl::EndsWith(path, "/long")) return text(std::string(200, 'q'));
  return absl::NotFoundError(path + ": no such file");
}

void CheckFaults(const std::vector<ConfigFault>& faults, absl::string_view toml) {
  for (const ConfigFault& fault : faults) {
    DPVRRP_CHECK(fault.line >= 1 && fault.column >= 1 && !fault.message.empty());
    // The fuzzer learns what strings are compared with, and puts them where they may be quoted.
    DPVRRP_CHECK(!absl::StrContains(fault.message, kSecretText) || absl::StrContains(toml, kSecretText));
  }
  DPVRRP_CHECK(std::is_sorted(faults.begin(), faults.end(), [](const ConfigFault& a, const ConfigFault& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  }));
}

}  // namespace

void RunConfig(std::span<const uint8_t> input) {
  const absl::string_view toml(reinterpret_cast<const char*>(input.data()), input.size());
  const LoadResult result = LoadConfig(toml, "/etc/dpvrrp/c.toml", ReadSecret);
  CheckFaults(result.errors, toml);
  CheckFaults(result.warnings, toml);
  if (!result.errors.empty()) return DPVRRP_CHECK(result.config == Config());
  DPVRRP_CHECK(LoadConfig(toml, "/etc/dpvrrp/c.toml", ReadSecret).config == result.config);
  DPVRRP_CHECK(Diff(result.config, result.config).empty());
  const size_t built = std::min<size_t>(result.config.instances.size(), 8);  // a template makes thousands alike
  for (size_t i = 0; i < built; ++i) {
    SequenceRecord record;
    DPVRRP_CHECK(BuildRouter(result.config.instances[i],
                             {.id = InstanceId(1), .port = PortId(0), .port_mac = MacAddress{}, .record = &record})
                     .ok());
  }
}

}  // namespace dpvrrp
