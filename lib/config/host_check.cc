// SPDX-License-Identifier: BSD-3-Clause
//
// Checks the configuration against the machine. If the daemon would refuse to start there, it is an error. If it would
// start but an instance could not work, it is a warning.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest.h"
#include "config/address_nodes.h"
#include "config/draft.h"
#include "config/host_facts.h"
#include "config/instance_warnings.h"
#include "config/port_kind.h"
#include "config/subnet.h"

namespace dpvrrp::config_internal {
namespace {

// Kernel drivers under which DPDK can use the NIC: the driver hands the NIC to DPDK, or works beside it.
constexpr absl::string_view kDriversForDpdk[] = {"vfio-pci",  "uio_pci_generic", "igb_uio",
                                                 "mlx5_core", "mlx4_core",       "mana"};

class HostCheck {
 public:
  HostCheck(const Draft& draft, const HostFacts& facts, Faults& faults)
      : draft_(draft), facts_(facts), faults_(faults), warnings_(faults) {
    if (!facts.interfaces) return;
    for (const HostFacts::Interface& interface : *facts.interfaces) {
      names_.push_back(interface.name);
      interfaces_[interface.name] = &interface;
      for (const IpPrefix& prefix : interface.addresses) host_addresses_.insert(prefix.address);
    }
  }

  void Run() {
    CheckDaemon();
    for (const PortDraft& port : draft_.ports) CheckPort(port);
    CheckMemory();
    for (const InstanceDraft& instance : draft_.instances) CheckInstance(instance);
  }

 private:
  // ---- [daemon] ----

  // The position of the key. If the key is absent, the position of its table. If that is absent too, the beginning of
  // the file.
  Position DaemonPlace(absl::string_view key) const {
    if (draft_.daemon_table == nullptr) return {};
    const Node* node = MemberOf(*draft_.daemon_table, key);
    return node == nullptr ? draft_.daemon_table->at : node->at;
  }

  void CheckDaemon() {
    const DaemonConfig& daemon = draft_.daemon;
    CheckCpu("main_lcore", DaemonPlace("main_lcore"), daemon.main_lcore);
    const Node* list = draft_.daemon_table == nullptr ? nullptr : MemberOf(*draft_.daemon_table, "lcores");
    for (size_t i = 0; i < daemon.lcores.size(); ++i) {
      CheckCpu("lcores", list == nullptr ? DaemonPlace("lcores") : list->items()[i].at, daemon.lcores[i]);
    }
    CheckAccount("user", daemon.user, facts_.find_user);
    CheckAccount("control_group", daemon.control_group, facts_.find_group);
    CheckFolder("state_directory", daemon.state_directory);
    CheckFolder("control_socket", daemon.control_socket.substr(0, daemon.control_socket.rfind('/')));
    if (!daemon.read_only_socket.empty()) {
      CheckFolder("read_only_socket", daemon.read_only_socket.substr(0, daemon.read_only_socket.rfind('/')));
    }
  }

  void CheckCpu(absl::string_view key, Position at, uint32_t cpu) {
    const std::vector<uint32_t>& cpus = facts_.cpus;
    if (cpus.empty() || std::find(cpus.begin(), cpus.end(), cpu) != cpus.end()) return;
    faults_.Error(at, absl::StrCat(key, " ", Quoted(int64_t{cpu}), ": must be a CPU that this process may run on (",
                                   absl::StrJoin(cpus, ", "), ")"));
  }

  void CheckAccount(absl::string_view key, const std::string& name,
                    const std::function<absl::Status(const std::string&)>& find) {
    if (name.empty() || !find) return;
    const absl::Status status = find(name);
    if (absl::IsNotFound(status)) {
      faults_.Error(DaemonPlace(key), absl::StrCat(key, " ", Quoted(name), ": this system has no such name"));
    }
  }

  void CheckFolder(absl::string_view key, const std::string& folder) {
    if (!facts_.check_folder) return;
    const absl::Status status = facts_.check_folder(folder.empty() ? "/" : folder);
    if (status.ok()) return;
    const std::string message = absl::StrCat(key, ": ", status.message());
    // The daemon may later be started by another user than the one that checks the file now.
    const bool refuses = facts_.is_root || !absl::IsPermissionDenied(status);
    refuses ? faults_.Error(DaemonPlace(key), message) : faults_.Warning(DaemonPlace(key), message);
  }

  // ---- [[port]] ----

  void CheckPort(const PortDraft& port) {
    const std::string& device = port.config.device;
    CheckTwin(port);
    if (IsPciDeviceName(device)) return CheckPciPort(port);
    if (!facts_.interfaces) return;
    for (const std::string& interface : InterfacesOf(device)) {
      if (interfaces_.contains(interface)) continue;
      faults_.Warning(port.device->at, absl::StrCat("device ", Quoted(device), ": this machine has no interface ",
                                                    Quoted(interface), DidYouMean(interface)));
    }
  }

  void CheckTwin(const PortDraft& port) {
    const std::string& twin = port.config.twin;
    if (twin.empty()) return;
    twins_.insert(twin);
    if (!facts_.check_twin) return;
    const absl::Status status = facts_.check_twin(twin);
    if (!status.ok()) faults_.Error(port.twin->at, absl::StrCat("twin ", Quoted(twin), ": ", status.message()));
  }

  void CheckPciPort(const PortDraft& port) {
    const std::string& device = port.config.device;
    const auto refuse = [&](absl::string_view rule) {
      faults_.Error(port.device->at, absl::StrCat("device ", Quoted(device), ": ", rule));
    };
    if (facts_.pci) {
      const auto found = facts_.pci->find(absl::AsciiStrToLower(DeviceNameOf(device)));
      if (found == facts_.pci->end()) return refuse("this machine has no such PCI device");
      const HostFacts::PciDevice& pci = found->second;
      const auto fits = [&](absl::string_view driver) { return pci.driver == driver; };
      if (std::none_of(std::begin(kDriversForDpdk), std::end(kDriversForDpdk), fits)) {
        const std::string bound = pci.driver.empty() ? "is bound to no driver" : "belongs to driver " + pci.driver;
        const std::string as = pci.interfaces.empty() ? "" : absl::StrCat(" as ", absl::StrJoin(pci.interfaces, ", "));
        return refuse(absl::StrCat(bound, as, ": driverctl set-override ", found->first, " vfio-pci"));
      }
    }
  }

  void CheckMemory() {
    const auto pci = std::find_if(draft_.ports.begin(), draft_.ports.end(),
                                  [](const PortDraft& port) { return IsPciDeviceName(port.config.device); });
    if (pci == draft_.ports.end() || !facts_.check_memory) return;
    std::vector<PortConfig> ports;
    for (const PortDraft& port : draft_.ports) ports.push_back(port.config);
    const absl::Status status = facts_.check_memory(draft_.daemon, ports);
    if (!status.ok()) faults_.Error(pci->device->at, std::string(status.message()));
  }

  // ---- [[instance]] ----

  void CheckInstance(const InstanceDraft& instance) {
    const std::vector<AddressNodes>& nodes = NodesOf(*instance.table);
    const std::vector<VirtualAddress>& addresses = instance.config.virtual_addresses;
    const bool on_kernel =
        std::any_of(addresses.begin(), addresses.end(), [](const auto& a) { return !a.device.empty(); });
    if (!on_kernel && !instance.config.responder) {
      warnings_.Warn(instance, *nodes[0].address, "nobody",
                     absl::StrCat("virtual_addresses ", Quoted(ToString(addresses[0].prefix)),
                                  ": is advertised, but no device holds it and no responder answers for it: set its "
                                  "device, or set responder = true on a port whose "
                                  "traffic no kernel sees"));
    }
    for (size_t i = 0; i < addresses.size(); ++i) {
      const std::string& device = addresses[i].device;
      if (device.empty() || !facts_.interfaces || interfaces_.contains(device) || twins_.contains(device)) continue;
      warnings_.Warn(instance, *nodes[i].device, "device",
                     absl::StrCat("device ", Quoted(device), ": this machine has no such interface", DidYouMean(device),
                                  "; the instance starts when the interface exists"));
    }
    CheckRouteDevices(instance);
    CheckSource(instance);
  }

  void CheckRouteDevices(const InstanceDraft& instance) {
    for (size_t i = 0; i < instance.virtual_routes.size(); ++i) {
      const Node* at = instance.virtual_routes[i].device;
      const std::string& device = instance.config.virtual_routes[i].device;
      if (at == nullptr || !facts_.interfaces || interfaces_.contains(device) || twins_.contains(device)) continue;
      warnings_.Warn(instance, *at, "route",
                     absl::StrCat("device ", Quoted(device), ": this machine has no such interface", DidYouMean(device),
                                  "; the route is added when the interface exists"));
    }
  }

  void CheckSource(const InstanceDraft& instance) {
    const InstanceConfig& config = instance.config;
    const Node* at = MemberOf(*instance.table, "source_address");
    const auto& addresses = config.virtual_addresses;
    const auto port = std::find_if(draft_.ports.begin(), draft_.ports.end(),
                                   [&](const PortDraft& p) { return p.config.name == config.port; });
    const std::vector<std::string> shared =
        port == draft_.ports.end() ? std::vector<std::string>{} : KernelInterfacesOf(port->config);
    const bool subnet_known = std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) {
      return !IsHostRoute(a.prefix) && !IsElsewhere(a.device, shared);
    });
    const IpAddress& source = config.source_address;
    const bool inside = std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) {
      return InSubnet(source, a.prefix) || (source.IsLinkLocalV6() && a.prefix.address.IsLinkLocalV6());
    });
    if (subnet_known && !inside) {
      warnings_.Warn(instance, *at, "subnet",
                     absl::StrCat("source_address ", Quoted(ToString(config.source_address)),
                                  ": is not in the subnet of any virtual address"));
    }
    if (!facts_.interfaces || port == draft_.ports.end()) return;
    const bool all_there =
        std::all_of(shared.begin(), shared.end(), [&](const auto& s) { return interfaces_.contains(s); });
    if (shared.empty() || !all_there || host_addresses_.contains(config.source_address)) return;
    if (std::any_of(addresses.begin(), addresses.end(),
                    [&](const auto& a) { return a.prefix.address == config.source_address; })) {
      return;  // the source of an owner is a virtual address, which the kernel gets when the owner becomes master
    }
    warnings_.Warn(instance, *at, "source",
                   absl::StrCat("source_address ", Quoted(ToString(config.source_address)),
                                ": no interface of this machine has it", AddressesOf(shared[0])));
  }

  // On which the kernel has the port's segment.
  static std::vector<std::string> KernelInterfacesOf(const PortConfig& port) {
    return port.twin.empty() ? InterfacesOf(port.device) : std::vector<std::string>{port.twin};
  }

  // Whether the device is neither one of the port's interfaces nor a VLAN device of one: another LAN, where adverts and
  // source_address do not belong.
  static bool IsElsewhere(const std::string& device, const std::vector<std::string>& shared) {
    return !device.empty() && !shared.empty() && std::none_of(shared.begin(), shared.end(), [&](const auto& interface) {
      return device == interface || absl::StartsWith(device, absl::StrCat(interface, "."));
    });
  }

  // " (eth0 has 10.99.0.2)"
  std::string AddressesOf(const std::string& interface) const {
    const HostFacts::Interface& found = *interfaces_.at(interface);
    if (found.addresses.empty()) return "";
    const auto text = [](std::string* out, const IpPrefix& prefix) { out->append(ToString(prefix.address)); };
    return absl::StrCat(" (", interface, " has ", absl::StrJoin(found.addresses, ", ", text), ")");
  }

  std::string DidYouMean(absl::string_view name) const {
    const absl::string_view nearest = NearestWord(name, names_);
    return nearest.empty() ? "" : absl::StrCat(" (did you mean ", Quoted(nearest), "?)");
  }

  const std::vector<AddressNodes>& NodesOf(const Node& table) {
    const auto [it, is_new] = nodes_.try_emplace(&table);
    if (is_new) it->second = AddressNodesOf(table);
    return it->second;
  }

  const Draft& draft_;
  const HostFacts& facts_;
  Faults& faults_;
  InstanceWarnings warnings_;
  std::vector<absl::string_view> names_;  // of interfaces
  absl::flat_hash_map<absl::string_view, const HostFacts::Interface*> interfaces_;
  absl::flat_hash_set<IpAddress> host_addresses_;
  absl::flat_hash_set<absl::string_view> twins_;  // the daemon makes them
  absl::flat_hash_map<const Node*, std::vector<AddressNodes>> nodes_;
};

}  // namespace

void CheckHost(const Draft& draft, const HostFacts& facts, Faults& faults) {
  HostCheck(draft, facts, faults).Run();
  CheckPrograms(draft, facts, faults);
}

}  // namespace dpvrrp::config_internal
