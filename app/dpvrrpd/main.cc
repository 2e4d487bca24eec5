// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrpd: the VRRP daemon. docs/operations.md describes how to run it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "clear.h"
#include "credentials.h"
#include "daemon.h"
#include "host_facts.h"
#include "io/privileges.h"
#include "io/state_process.h"
#include "log.h"
#include "options.h"
#include "system_services.h"

namespace dpvrrp {
namespace {

enum ExitStatus { kOk = 0, kFailed = 1, kUsageError = 2, kBadConfig = 3 };

// The file names the socket where a daemon would answer. A file with faults must not prevent the clearing.
int RunClear(const Options& options) {
  DaemonConfig config;
  if (!options.config_file.empty()) {
    const LoadResult loaded = LoadConfigFile(options.config_file);
    for (const ConfigFault& fault : loaded.errors) WriteLog(Severity::kWarning, ToString(fault));
    if (loaded.errors.empty()) config = loaded.config.daemon;
  }
  const absl::StatusOr<std::string> cleared = Clear(config.control_socket, config.state_directory);
  if (cleared.ok()) {
    WriteLog(Severity::kNotice, *cleared);
    return kOk;
  }
  WriteLog(Severity::kError, absl::StrCat("not cleared: ", cleared.status().message()));
  return kFailed;
}

constexpr Nanoseconds kLongestFlush = std::chrono::seconds(1);  // of log lines, at the end

// If a descriptor 0 to 2 is closed, the next opened file would get its number, for example the state file, and
// libraries would print into it.
void OpenStandardDescriptors() {
  int fd = 0;
  while (fd >= 0 && fd <= 2) fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd > 2) close(fd);
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Options> options = ParseOptions(argc, argv);
  if (!options.ok()) {
    std::fprintf(stderr, "dpvrrpd: %s\n%s", std::string(options.status().message()).c_str(), kUsage);
    return kUsageError;
  }
  if (options->help) return std::fputs(kUsage, stdout) < 0 ? kFailed : kOk;
  if (options->version) return std::puts("dpvrrpd " DPVRRP_VERSION) < 0 ? kFailed : kOk;

  // Before ForbidDumps(), so that the operator's programs keep what they may do, and before keys are read.
  Children children;
  if (!options->clear && !options->check_config) {
    absl::StatusOr<std::unique_ptr<AgentClient>> agent = AgentClient::Start({});
    if (agent.ok()) children.agent = *std::move(agent);
    if (!agent.ok()) WriteLog(Severity::kWarning, absl::StrCat("no programs: ", agent.status().message()));
  }
  if (const absl::Status status = ForbidDumps(); !status.ok()) {
    WriteLog(Severity::kError, status.message());
    return kFailed;
  }
  if (options->clear) return RunClear(*options);
  absl::StatusOr<std::unique_ptr<StateProcess>> copier = std::unique_ptr<StateProcess>();
  if (!options->check_config) copier = StateProcess::Spawn();  // before keys are read into memory
  if (!copier.ok()) {
    WriteLog(Severity::kError, copier.status().message());
    return kFailed;
  }
  Credentials::OfService();  // now, because another user cannot read them later
  // A start finds out by itself what this machine lacks.
  const HostFacts host = options->check_config ? ReadHostFacts(options->eal_arguments) : HostFacts();
  LoadResult loaded = LoadConfigFile(options->config_file, options->check_config ? &host : nullptr);
  for (const ConfigFault& fault : loaded.errors) std::fprintf(stderr, "%s\n", ToString(fault).c_str());
  // Nothing runs yet in a check, so it may wait for the reader of stderr. A start must not.
  const bool starts = loaded.errors.empty() && !options->check_config;
  for (const ConfigFault& fault : loaded.warnings) {
    const std::string warning = absl::StrCat("warning: ", ToString(fault), "\n");
    if (starts) WriteLogText(warning);
    if (!starts) std::fputs(warning.c_str(), stderr);
  }
  if (!loaded.errors.empty()) return kBadConfig;
  if (options->check_config) {
    std::printf("%s: valid, %s, %s\n", options->config_file.c_str(),
                CountText(loaded.config.ports.size(), "port").c_str(),
                CountText(loaded.config.instances.size(), "instance").c_str());
    return kOk;
  }

  children.copier = *std::move(copier);
  absl::StatusOr<std::unique_ptr<Daemon>> daemon =
      Daemon::Start(options->config_file, std::move(loaded.config), options->eal_arguments, std::move(children));
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

int main(int argc, char** argv) {
  dpvrrp::OpenStandardDescriptors();
  const int status = dpvrrp::Main(argc, argv);
  dpvrrp::FlushLog(dpvrrp::kLongestFlush);
  return status;
}
