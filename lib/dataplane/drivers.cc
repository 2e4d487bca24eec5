// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/drivers.h"

#include <dlfcn.h>
#include <rte_eal.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dataplane/eal_arguments.h"

namespace dpvrrp {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kEalLibrary = "librte_eal.so";

std::atomic<bool> only_named{false};

// "net_af_packet" of "net_af_packet0,iface=d0".
std::string DriverName(absl::string_view device) {
  std::string name = EalDeviceName(device);
  name.resize(name.find_last_not_of("0123456789") + 1);
  // The one file that is not named after its driver, of those that a port of ours can use.
  return name == "net_virtio_user" ? "net_virtio" : name;
}

// Drivers that open other drivers' devices, which their arguments name.
bool UsesOtherDrivers(absl::string_view driver) {
  static constexpr absl::string_view kSuch[] = {"net_bonding", "net_failsafe", "net_softnic", "net_vdev_netvsc"};
  return std::find(std::begin(kSuch), std::end(kSuch), driver) != std::end(kSuch);
}

// The devices of the user's own options, "--vdev X" or "--vdev=X".
std::vector<std::string> VirtualDevicesOf(const std::vector<std::string>& arguments) {
  std::vector<std::string> devices;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (argument == "--vdev" && i + 1 < arguments.size()) devices.push_back(arguments[i + 1]);
    if (absl::ConsumePrefix(&argument, "--vdev=")) devices.emplace_back(argument);
  }
  return devices;
}

std::vector<std::string> NetworkDrivers(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename();
    absl::string_view name = file;
    if (absl::ConsumePrefix(&name, "librte_net_") && absl::ConsumeSuffix(&name, ".so")) {
      names.push_back(absl::StrCat("net_", name));
    }
  }
  return names;
}

}  // namespace

std::optional<std::vector<std::string>> NeededDrivers(const DataplaneConfig& config, const std::string& folder) {
  const std::vector<std::string>& user = config.eal_arguments;
  if (GivesOption(user, {"-d", "--mbuf-pool-ops-name"})) return std::nullopt;
  std::vector<std::string> devices = VirtualDevicesOf(user);
  bool pci = GivesOption(user, {"-a", "-b", "--allow", "--block"});
  for (const DataplanePort& port : config.ports) {
    if (IsPciDevice(port.device)) {
      pci = true;
    } else {
      devices.push_back(port.device);
    }
  }
  std::set<std::string> names = {"bus_vdev", "mempool_ring"};
  for (const std::string& device : devices) {
    const std::string driver = DriverName(device);
    if (UsesOtherDrivers(driver)) return std::nullopt;
    names.insert(driver);
  }
  if (pci) {
    names.insert("bus_pci");
    for (std::string& name : NetworkDrivers(folder)) names.insert(std::move(name));
  }
  std::vector<std::string> files;
  for (const std::string& name : names) {
    files.push_back(absl::StrCat(folder, "/librte_", name, ".so"));
    std::error_code error;
    if (!fs::exists(files.back(), error)) return std::nullopt;
  }
  return files;
}

std::optional<std::string> DriverFolder() {
  Dl_info eal{};
  if (dladdr(reinterpret_cast<const void*>(&rte_eal_init), &eal) == 0 || eal.dli_fname == nullptr) return std::nullopt;
  const fs::path library = eal.dli_fname;  // ".../librte_eal.so.23"
  const std::string file = library.filename();
  absl::string_view version = file;
  if (!absl::ConsumePrefix(&version, absl::StrCat(kEalLibrary, "."))) return std::nullopt;
  // The folder's name has the minor version too: "pmds-23.0".
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(library.parent_path() / "dpdk", error)) {
    const std::string name = entry.path().filename();
    const std::string ours = absl::StrCat("pmds-", version);
    if (name == ours || absl::StartsWith(name, absl::StrCat(ours, "."))) return entry.path();
  }
  return std::nullopt;
}

OnlyNamedDrivers::OnlyNamedDrivers() { only_named.store(true, std::memory_order_relaxed); }
OnlyNamedDrivers::~OnlyNamedDrivers() { only_named.store(false, std::memory_order_relaxed); }

}  // namespace dpvrrp

extern "C" void* dlopen(const char* file, int mode) noexcept {
  static const auto next = reinterpret_cast<decltype(&dlopen)>(dlsym(RTLD_NEXT, "dlopen"));
  const bool asks = (mode & RTLD_NOLOAD) != 0 && file != nullptr && absl::StartsWith(file, dpvrrp::kEalLibrary);
  if (asks && dpvrrp::only_named.load(std::memory_order_relaxed)) return nullptr;
  return next(file, mode);
}
