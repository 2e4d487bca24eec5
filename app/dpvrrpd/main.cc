// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrpd: the VRRP daemon. docs/operations.md describes how to run it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "clear.h"
#include "command_file.h"
#include "console.h"
#include "credentials.h"
#include "daemon.h"
#include "host_facts.h"
#include "io/apparmor.h"
#include "io/privileges.h"
#include "io/state_process.h"
#include "log.h"
#include "options.h"
#include "replay_command.h"
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

constexpr Nanoseconds kLongestFlush = std::chrono::seconds(1);   // of log lines, at the end
constexpr Nanoseconds kLongestOutput = std::chrono::seconds(2);  // of the console, at the end

// The command file, checked. Prints its faults.
absl::StatusOr<std::optional<CommandFile>> ReadCommands(const Options& options) {
  if (options.commands.empty()) return std::nullopt;
  ScriptResult script = LoadCommandFile(options.commands);
  for (const ConfigFault& fault : script.errors) std::fprintf(stderr, "%s\n", ToString(fault).c_str());
  if (!script.errors.empty()) return absl::InvalidArgumentError("the command file has faults");
  return CommandFile{options.commands, std::move(script.statements)};
}

// Prints what a check has found.
int ReportCheck(const Options& options, const Config& config, const std::optional<CommandFile>& commands) {
  std::printf("%s: valid, %s, %s\n", options.config_file.c_str(), CountText(config.ports.size(), "port").c_str(),
              CountText(config.instances.size(), "instance").c_str());
  if (commands.has_value()) {
    std::printf("%s: valid, %s\n", commands->name.c_str(), CountText(commands->statements.size(), "statement").c_str());
  }
  return kOk;
}

// Runs the daemon until it ends. An operator at a prompt does not see the log, so the last error is printed too.
int RunDaemon(const Options& options, Config config, Children children, std::optional<CommandFile> commands) {
  const auto fail = [&](const absl::Status& status) {
    MuteLog(false);
    WriteLog(Severity::kError, status.message());
    if (HasLogFile()) std::fprintf(stderr, "dpvrrpd: %s\n", std::string(status.message()).c_str());
    return kFailed;
  };
  std::optional<Console> console;
  if (options.interactive || commands.has_value()) {
    console.emplace(ConsoleOptions{std::move(commands), options.interactive});
  }
  absl::StatusOr<std::unique_ptr<Daemon>> daemon =
      Daemon::Start(options.config_file, std::move(config), options.eal_arguments, std::move(children));
  if (!daemon.ok()) return fail(daemon.status());
  if (console.has_value()) (*daemon)->UseConsole(*console);
  const absl::Status status = (*daemon)->Run();
  if (console.has_value()) console->Flush(kLongestOutput);
  if (!status.ok()) return fail(status);
  return console.has_value() && console->failed() ? kFailed : kOk;
}

// Without a profile the daemon runs as before. A thread in another profile stays in it, as in a container.
void EnterProfile() {
  const absl::StatusOr<bool> entered = EnterAppArmorProfile("dpvrrpd");
  if (!entered.ok()) WriteLog(Severity::kWarning, entered.status().message());
  if (entered.ok() && *entered) WriteLog(Severity::kInfo, "AppArmor: entered the profile 'dpvrrpd'");
}

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
  if (!options->log_file.empty()) {
    if (const absl::Status opened = OpenLogFile(options->log_file); !opened.ok()) {
      std::fprintf(stderr, "dpvrrpd: %s\n", std::string(opened.message()).c_str());
      return kFailed;
    }
  }
  if (options->version) return std::puts("dpvrrpd " DPVRRP_VERSION) < 0 ? kFailed : kOk;

  absl::StatusOr<std::optional<CommandFile>> commands = ReadCommands(*options);
  if (!commands.ok() && !options->check_config) return kUsageError;

  // Before ForbidDumps(), so that the operator's programs keep what they may do, and before keys are read.
  Children children;
  const bool runs_daemon = !options->clear && !options->check_config && options->replay.empty();
  if (runs_daemon) {
    absl::StatusOr<std::unique_ptr<AgentClient>> agent = AgentClient::Start({});
    // After the agent, whose programs it must not limit. Before the copier and every thread; a log line starts one.
    EnterProfile();
    if (agent.ok()) children.agent = *std::move(agent);
    if (!agent.ok()) WriteLog(Severity::kWarning, absl::StrCat("no programs: ", agent.status().message()));
  }
  if (const absl::Status status = ForbidDumps(); !status.ok()) {
    WriteLog(Severity::kError, status.message());
    return kFailed;
  }
  if (options->clear) return RunClear(*options);
  absl::StatusOr<std::unique_ptr<StateProcess>> copier = std::unique_ptr<StateProcess>();
  if (runs_daemon) copier = StateProcess::Spawn();  // before keys are read into memory
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
  const bool starts = loaded.errors.empty() && runs_daemon;
  for (const ConfigFault& fault : loaded.warnings) {
    const std::string warning = absl::StrCat("warning: ", ToString(fault), "\n");
    if (starts) WriteLogText(warning);
    if (!starts) std::fputs(warning.c_str(), stderr);
  }
  if (!loaded.errors.empty()) return kBadConfig;
  if (!commands.ok()) return kUsageError;
  if (!options->replay.empty()) {
    const absl::Status status = RunReplay(*options, std::move(loaded.config));
    if (!status.ok()) std::fprintf(stderr, "dpvrrpd: %s\n", std::string(status.message()).c_str());
    return status.ok() ? kOk : kFailed;
  }
  if (options->check_config) return ReportCheck(*options, loaded.config, *commands);

  children.copier = *std::move(copier);
  return RunDaemon(*options, std::move(loaded.config), std::move(children), *std::move(commands));
}

}  // namespace
}  // namespace dpvrrp

int main(int argc, char** argv) {
  dpvrrp::OpenStandardDescriptors();
  const int status = dpvrrp::Main(argc, argv);
  dpvrrp::FlushLog(dpvrrp::kLongestFlush);
  return status;
}
