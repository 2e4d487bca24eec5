// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lab_device.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/port_interface.h"
#include "dataplane/eal_arguments.h"

namespace dpvrrp {
namespace {

namespace fs = std::filesystem;

// Devices whose frames stay on this machine, or are sent through the kernel interfaces of PortInterfacesOf().
constexpr absl::string_view kLabDrivers[] = {"null",   "ring", "memif", "pcap",       "af_packet",
                                             "af_xdp", "tap",  "vhost", "virtio_user"};

bool HasLabDriver(absl::string_view device) {
  return std::any_of(std::begin(kLabDrivers), std::end(kLabDrivers), [&](absl::string_view driver) {
    return absl::StartsWith(device, absl::StrCat("net_", driver)) ||
           absl::StartsWith(device, absl::StrCat("eth_", driver));
  });
}

// Whether a route to everywhere, of either family, is through this interface.
bool HasDefaultRoute(const std::string& interface, const fs::path& root) {
  std::string line;
  std::ifstream v4(root / "proc/net/route");
  while (std::getline(v4, line)) {
    std::istringstream fields(line);
    std::string name, destination, gateway, flags, references, use, metric, mask;
    fields >> name >> destination >> gateway >> flags >> references >> use >> metric >> mask;
    if (name == interface && destination == "00000000" && mask == "00000000") return true;
  }
  std::ifstream v6(root / "proc/net/ipv6_route");
  while (std::getline(v6, line)) {
    std::istringstream fields(line);
    std::string destination, length, field, name;
    fields >> destination >> length;
    while (fields >> field) name = field;
    if (name == interface && length == "00" && destination.find_first_not_of('0') == std::string::npos) return true;
  }
  return false;
}

// The physical interface that is this one, or below it; empty: none.
std::string FindPhysical(const std::string& interface, const fs::path& root, std::set<std::string>& seen) {
  if (!seen.insert(interface).second) return "";
  const fs::path folder = root / "sys/class/net" / interface;
  std::error_code ignored;
  if (fs::exists(folder / "device", ignored)) return interface;
  for (fs::directory_iterator at(folder, ignored), end; !ignored && at != end; at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (!absl::StartsWith(name, "lower_")) continue;
    const std::string found = FindPhysical(name.substr(6), root, seen);
    if (!found.empty()) return found;
  }
  return "";
}

absl::Status Outside(absl::string_view device, const std::string& reason) {
  return absl::FailedPreconditionError(absl::StrCat(
      "device '", device, "': ", reason, ". Use it only in a network that is yours, with --i-own-this-network"));
}

}  // namespace

absl::Status CheckIsLab(absl::string_view device, const fs::path& root) {
  if (IsPciDevice(device)) return Outside(device, "is a PCI device, which may be connected to a real network");
  if (!HasLabDriver(device)) {
    return Outside(device, "is not a virtual device that is known to stay on this machine");
  }
  PortInterfaces interfaces = PortInterfacesOf(device);
  if (!interfaces.remote.empty()) interfaces.names.push_back(interfaces.remote);
  for (const std::string& name : interfaces.names) {
    if (HasDefaultRoute(name, root)) return Outside(device, absl::StrCat(name, " has the default route"));
    std::set<std::string> seen;
    const std::string physical = FindPhysical(name, root, seen);
    if (physical == name) return Outside(device, absl::StrCat(name, " is a physical interface"));
    if (!physical.empty()) {
      return Outside(device, absl::StrCat(name, " stands on the physical interface ", physical));
    }
  }
  return absl::OkStatus();
}

}  // namespace dpvrrp
