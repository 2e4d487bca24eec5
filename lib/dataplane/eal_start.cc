// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal_start.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "dataplane/drivers.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/fanout.h"
#include "dataplane/memory_plan.h"
#include "dataplane/runtime_directory.h"

namespace dpvrrp {

absl::Status StartEal(const DataplaneConfig& config, EalStart& start) {
  DPVRRP_ASSIGN_OR_RETURN(MemoryPlan plan, PlanMemory(config, ReadHugePages()));
  if (!plan.note.empty()) start.notes.push_back(std::move(plan.note));
  std::vector<std::string>& added = plan.arguments;
  const std::optional<std::string> folder = DriverFolder();
  const auto drivers = folder.has_value() ? NeededDrivers(config, *folder) : std::nullopt;
  if (drivers.has_value()) {
    for (const std::string& file : *drivers) added.insert(added.end(), {"-d", file});
  }
  DataplaneConfig planned = config;
  planned.eal_arguments.insert(planned.eal_arguments.begin(), added.begin(), added.end());
  std::vector<std::string> arguments = EalArguments(planned, static_cast<uint32_t>(getpid()));
  const std::string command_line = absl::StrJoin(arguments, " ");
  SendEalLogTo(config.log);
  SkipFanout(NeedsNoFanout(config));  // also when a port is opened again
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::optional<OnlyNamedDrivers> only;
  if (drivers.has_value()) only.emplace();
  const int started = rte_eal_init(static_cast<int>(arguments.size()), argv.data());
  only.reset();
  if (started < 0 && rte_errno == EALREADY) {
    return absl::FailedPreconditionError("EAL can be started only once in a process");
  }
  if (!GivesOption(config.eal_arguments, {"--file-prefix"})) {
    start.runtime_directory = rte_eal_get_runtime_dir();
    RemoveStaleRuntimeDirectories(std::filesystem::path(*start.runtime_directory).parent_path());
  }
  if (started >= 0) return absl::OkStatus();
  const std::string error = rte_errno != 0 ? absl::StrCat(": ", rte_strerror(rte_errno)) : "";
  return absl::UnavailableError(absl::StrCat("EAL does not start with these devices and options", error,
                                             " (stderr has the reason): ", command_line));
}

}  // namespace dpvrrp
