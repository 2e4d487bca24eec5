// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal_arguments.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dataplane/runtime_directory.h"

namespace dpvrrp {
namespace {

bool IsHex(absl::string_view text, size_t shortest, size_t longest) {
  return text.size() >= shortest && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(static_cast<uint8_t>(c)); });
}

absl::string_view WithoutOptions(absl::string_view device) { return device.substr(0, device.find(',')); }

// Removes "3b" and the separator from "3b:00.0", and returns "3b".
absl::string_view TakeUntil(absl::string_view& text, char separator) {
  const size_t at = text.find(separator);
  if (at == absl::string_view::npos) return {};
  const absl::string_view field = text.substr(0, at);
  text.remove_prefix(at + 1);
  return field;
}

}  // namespace

bool IsPciDevice(absl::string_view device) {
  absl::string_view rest = WithoutOptions(device);
  if (std::count(rest.begin(), rest.end(), ':') == 2 && !IsHex(TakeUntil(rest, ':'), 4, 8)) return false;
  const absl::string_view bus = TakeUntil(rest, ':');
  const absl::string_view slot = TakeUntil(rest, '.');
  return IsHex(bus, 1, 2) && IsHex(slot, 1, 2) && rest.size() == 1 && rest[0] >= '0' && rest[0] <= '7';
}

std::string EalDeviceName(absl::string_view device) {
  const absl::string_view name = WithoutOptions(device);
  if (!IsPciDevice(name)) return std::string(name);
  const bool has_domain = std::count(name.begin(), name.end(), ':') == 2;
  return absl::AsciiStrToLower(has_domain ? std::string(name) : absl::StrCat("0000:", name));
}

bool GivesOption(const std::vector<std::string>& arguments, std::vector<absl::string_view> options) {
  for (const std::string& argument : arguments) {
    for (const absl::string_view option : options) {
      const bool is_long = absl::StartsWith(option, "--");
      if (argument == option || absl::StartsWith(argument, is_long ? absl::StrCat(option, "=") : std::string(option))) {
        return true;
      }
    }
  }
  return false;
}

std::vector<std::string> EalArguments(const DataplaneConfig& config, uint32_t process_id) {
  const std::vector<std::string>& user = config.eal_arguments;
  std::vector<std::string> arguments = {"dpvrrpd"};

  if (!GivesOption(user, {"-l", "-c", "--lcores"})) {
    std::vector<uint32_t> lcores = config.lcores;
    lcores.push_back(config.main_lcore);
    std::sort(lcores.begin(), lcores.end());
    arguments.push_back(absl::StrCat("--lcores=", absl::StrJoin(lcores, ",")));
  }
  if (!GivesOption(user, {"--main-lcore", "--master-lcore"})) {
    arguments.push_back(absl::StrCat("--main-lcore=", config.main_lcore));  // otherwise EAL takes the first of the list
  }

  // Without such an option EAL takes every PCI port that is bound to a usable driver, also ports that are not ours.
  const bool user_chose_pci = GivesOption(user, {"-a", "-b", "--allow", "--block", "--no-pci"});
  bool any_pci = false;
  for (const DataplanePort& port : config.ports) {
    if (port.missing) continue;
    if (!IsPciDevice(port.device)) {
      arguments.push_back(absl::StrCat("--vdev=", port.device));
      continue;
    }
    any_pci = true;
    if (user_chose_pci) continue;
    arguments.push_back("-a");
    arguments.push_back(port.device);
  }
  if (!any_pci && !user_chose_pci) arguments.push_back("--no-pci");

  // Several daemons may share a host, so each has its own files. No later run would find the huge page files of a
  // daemon that crashed, so the files are unlinked as soon as they are mapped. (EAL refuses this option where it has no
  // meaning.)
  if (!GivesOption(user, {"--file-prefix"}))
    arguments.push_back(absl::StrCat("--file-prefix=", kFilePrefix, process_id));
  if (!GivesOption(user, {"--huge-unlink", "--no-huge", "--in-memory", "--single-file-segments"})) {
    arguments.push_back("--huge-unlink");
  }

  // One option for all types rather than one cap, so that a level set over telemetry or by the program can still show
  // more.
  if (!GivesOption(user, {"--log-level"})) arguments.push_back("--log-level=*:warning");

  arguments.insert(arguments.end(), user.begin(), user.end());
  return arguments;
}

}  // namespace dpvrrp
