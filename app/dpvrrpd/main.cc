// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrpd: the VRRP daemon. docs/operations.md says how to run it.
#include <cstdio>

#include "credentials.h"
#include "daemon.h"
#include "io/privileges.h"
#include "log.h"
#include "options.h"
#include "system_services.h"

namespace dpvrrp {
namespace {

enum ExitStatus { kOk = 0, kFailed = 1, kUsageError = 2, kBadConfig = 3 };

int Main(int argc, char** argv) {
  const absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) {
    std::fprintf(stderr, "dpvrrpd: %s\n%s", std::string(options.status().message()).c_str(), kUsage);
    return kUsageError;
  }
  if (options->help) return std::fputs(kUsage, stdout) < 0 ? kFailed : kOk;
  if (options->version) return std::puts("dpvrrpd " DPVRRP_VERSION) < 0 ? kFailed : kOk;

  if (const absl::Status status = ForbidDumps(); !status.ok()) {
    WriteLog(Severity::kError, status.message());
    return kFailed;
  }
  Credentials::OfService();  // now: once we are another user they cannot be read
  LoadResult loaded = LoadConfigFile(options->config_file);
  for (const ConfigFault& fault : loaded.errors) std::fprintf(stderr, "%s\n", ToString(fault).c_str());
  for (const ConfigFault& fault : loaded.warnings) std::fprintf(stderr, "warning: %s\n", ToString(fault).c_str());
  if (!loaded.errors.empty()) return kBadConfig;
  if (options->check_config) {
    std::printf("%s: valid, %zu ports, %zu instances\n", options->config_file.c_str(), loaded.config.ports.size(),
                loaded.config.instances.size());
    return kOk;
  }

  absl::StatusOr<std::unique_ptr<Daemon>> daemon =
      Daemon::Start(options->config_file, std::move(loaded.config), options->eal_arguments);
  if (!daemon.ok()) {
    WriteLog(Severity::kError, daemon.status().message());
    return kFailed;
  }
  const absl::Status status = (*daemon)->Run();
  if (!status.ok()) WriteLog(Severity::kError, status.message());
  return status.ok() ? kOk : kFailed;
}

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) { return dpvrrp::Main(argc, argv); }
