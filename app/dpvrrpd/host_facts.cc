// SPDX-License-Identifier: BSD-3-Clause
#include "host_facts.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "dataplane/eal_arguments.h"
#include "dataplane/lcores.h"
#include "dataplane/memory_plan.h"
#include "io/privileges.h"
#include "kernel/netlink_host.h"

namespace dpvrrp {
namespace {

namespace fs = std::filesystem;

std::optional<IpPrefix> PrefixOf(const sockaddr* address, const sockaddr* mask) {
  if (address == nullptr || mask == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    const auto number = [](const sockaddr* a) {
      return ntohl(reinterpret_cast<const sockaddr_in*>(a)->sin_addr.s_addr);
    };
    return IpPrefix{IpAddress::V4(number(address)), static_cast<uint8_t>(std::popcount(number(mask)))};
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  IpAddress::Bytes bytes;
  uint8_t length = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr[i];
    length =
        static_cast<uint8_t>(length + std::popcount(reinterpret_cast<const sockaddr_in6*>(mask)->sin6_addr.s6_addr[i]));
  }
  return IpPrefix{IpAddress::V6(bytes), length};
}

std::optional<std::vector<HostFacts::Interface>> ReadInterfaces() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return std::nullopt;
  std::vector<HostFacts::Interface> interfaces;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    auto found = std::find_if(interfaces.begin(), interfaces.end(),
                              [&](const HostFacts::Interface& i) { return i.name == entry->ifa_name; });
    if (found == interfaces.end()) {
      interfaces.push_back({entry->ifa_name, {}});
      found = interfaces.end() - 1;
    }
    if (const auto prefix = PrefixOf(entry->ifa_addr, entry->ifa_netmask)) found->addresses.push_back(*prefix);
  }
  freeifaddrs(list);
  return interfaces;
}

std::optional<std::map<std::string, HostFacts::PciDevice>> ReadPciDevices() {
  std::map<std::string, HostFacts::PciDevice> devices;
  std::error_code error, ignored;
  for (const auto& entry : fs::directory_iterator("/sys/bus/pci/devices", error)) {
    HostFacts::PciDevice& device = devices[entry.path().filename()];
    device.driver = fs::read_symlink(entry.path() / "driver", ignored).filename();
    for (const auto& interface : fs::directory_iterator(entry.path() / "net", ignored)) {
      device.interfaces.push_back(interface.path().filename());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) return std::nullopt;
  return devices;
}

// The daemon makes a missing folder, but not its parent.
absl::Status CheckFolder(const std::string& folder) {
  struct stat attributes {};
  std::string looked_at = folder;
  if (stat(folder.c_str(), &attributes) != 0 && errno == ENOENT) {
    looked_at = fs::path(folder).parent_path();
    if (stat(looked_at.c_str(), &attributes) != 0 && errno == ENOENT) {
      return absl::FailedPreconditionError(absl::StrCat("there is no folder ", looked_at));
    }
  }
  if (!S_ISDIR(attributes.st_mode)) return absl::FailedPreconditionError(absl::StrCat(looked_at, " is not a folder"));
  if (faccessat(AT_FDCWD, looked_at.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot create a file in ", looked_at));
}

// Whether only root can change what is at this path. A sticky folder is as good as one of root: no other user can
// rename the file in it.
bool OnlyRootChanges(const std::string& path) {
  struct stat attributes {};
  if (stat(path.c_str(), &attributes) != 0) return true;
  const bool is_sticky = S_ISDIR(attributes.st_mode) && (attributes.st_mode & S_ISVTX) != 0;
  const bool by_group = (attributes.st_mode & S_IWGRP) != 0 && attributes.st_gid != 0;
  return attributes.st_uid == 0 && (is_sticky || (!by_group && (attributes.st_mode & S_IWOTH) == 0));
}

absl::Status CheckProgram(const std::string& path) {
  struct stat attributes {};
  if (stat(path.c_str(), &attributes) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return absl::NotFoundError("this machine has no such file");
    return absl::OkStatus();  // another user may see it
  }
  if (!S_ISREG(attributes.st_mode)) return absl::FailedPreconditionError("is not a file");
  if ((attributes.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) {
    return absl::FailedPreconditionError("is not executable: chmod +x");
  }
  for (fs::path at = path; !at.empty(); at = at == at.parent_path() ? fs::path() : at.parent_path()) {
    if (OnlyRootChanges(at)) continue;
    return absl::PermissionDeniedError(
        absl::StrCat("root runs it, and another user can change ", at.string(), ": see its owner and mode"));
  }
  return absl::OkStatus();
}

// A daemon that runs may use the twin, so the number of its queues is not checked.
absl::Status CheckTwin(const std::string& name) {
  const absl::StatusOr<std::unique_ptr<NetlinkHost>> host = NetlinkHost::Open();
  if (!host.ok()) return absl::OkStatus();
  const absl::StatusOr<HostLink> link = (*host)->FindLink(name);
  if (!link.ok() || link->is_tap) return absl::OkStatus();
  return absl::AlreadyExistsError("this machine has another interface of this name, which is not a TAP device");
}

}  // namespace

HostFacts ReadHostFacts(const std::vector<std::string>& eal_arguments) {
  HostFacts facts;
  if (!GivesOption(eal_arguments, {"-l", "-c", "--lcores"})) facts.cpus = UsableCpus();
  facts.interfaces = ReadInterfaces();
  facts.pci = ReadPciDevices();
  facts.find_user = [](const std::string& name) { return FindUser(name).status(); };
  facts.find_group = [](const std::string& name) { return FindGroup(name).status(); };
  facts.check_folder = CheckFolder;
  facts.check_program = CheckProgram;
  facts.check_memory = [eal_arguments](const DaemonConfig& daemon, const std::vector<PortConfig>& ports) {
    DataplaneConfig config;
    for (const PortConfig& port : ports)
      config.ports.push_back({port.device, port.lcores, false, port.kernel, port.twin});
    config.lcores = daemon.lcores;
    config.eal_arguments = eal_arguments;
    return PlanMemory(config, ReadHugePages()).status();
  };
  facts.check_twin = CheckTwin;
  facts.is_root = geteuid() == 0;
  return facts;
}

}  // namespace dpvrrp
