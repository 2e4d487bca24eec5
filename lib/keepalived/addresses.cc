// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/addresses.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/instance_rules.h"
#include "config/subnet.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kMostAddresses = 255;
constexpr size_t kMostPeers = 32;

std::string DeviceOf(const AddressOf& address, const Prepared& instance) {
  return address.device.empty() || !IsInterface(address.device) ? instance.interface : address.device;
}

// Placeholders that no host has and no kernel accepts as a source of IPv4. A marked line says that they must go.
IpAddress NoSource(Family family) {
  return family == Family::kIpv4 ? *ParseIpAddress("0.0.0.1") : *ParseIpAddress("fe80::");
}

bool IsVirtual(const IpAddress& address, const Prepared& instance) {
  const auto is_it = [&](const AddressOf* one) { return one->prefix.address == address; };
  return std::any_of(instance.addresses.begin(), instance.addresses.end(), is_it) ||
         std::any_of(instance.excluded.begin(), instance.excluded.end(), is_it);
}

// The first address of the interface that can be a source.
std::optional<IpAddress> SourceOnHost(const Context& context, const Prepared& instance) {
  if (!context.host.addresses) return std::nullopt;
  const auto addresses = context.host.addresses(instance.interface);
  if (!addresses) return std::nullopt;
  for (const IpPrefix& prefix : *addresses) {
    const IpAddress& address = prefix.address;
    if (address.family() != instance.family || IsVirtual(address, instance) ||
        !config_internal::HostAddressFault(address).empty()) {
      continue;
    }
    if (address.is_v4() || address.IsLinkLocalV6()) return address;
  }
  return std::nullopt;
}

// Why keepalived's source cannot be ours; empty if it can.
absl::string_view SourceFault(const IpAddress& source, const Prepared& instance) {
  if (source.family() != instance.family) return "it is not of the family of the virtual addresses";
  if (!source.is_v4() && !source.IsLinkLocalV6()) return "the source must be link-local, of fe80::/10";
  return IsVirtual(source, instance) ? "it is a virtual address" : config_internal::HostAddressFault(source);
}

}  // namespace

Family FamilyOf(const InstanceOf& instance, const Statement** from) {
  Family family = Family::kIpv4;
  const Statement* first = nullptr;
  const auto consider = [&](const Statement* statement, Family shown) {
    if (statement == nullptr || (first != nullptr && first->entry < statement->entry)) return;
    first = statement;
    family = shown;
  };
  if (!instance.addresses.empty()) consider(instance.addresses[0].from, instance.addresses[0].prefix.address.family());
  if (!instance.peers.empty()) consider(instance.peers[0].from, instance.peers[0].address.family());
  consider(instance.unicast_src_ip.from, instance.unicast_src_ip.value.family());
  consider(instance.mcast_src_ip.from, instance.mcast_src_ip.value.family());
  consider(instance.native_ipv6.from, Family::kIpv6);
  if (from != nullptr) *from = first;
  return family;
}

void ChooseAddresses(const Context& context, std::set<std::pair<IpAddress, std::string>>* held, Prepared* instance) {
  const Statement* shows = nullptr;
  FamilyOf(*instance->from, &shows);
  const bool by_address =
      shows == nullptr || (!instance->from->addresses.empty() && shows == instance->from->addresses[0].from);
  const std::string family = by_address ? "the first address" : absl::StrCat("line ", shows->at.line);
  const auto choose = [&](const std::vector<AddressOf>& from, bool excluded, std::vector<const AddressOf*>* to) {
    for (const AddressOf& address : from) {
      const std::string device = DeviceOf(address, *instance);
      if (!excluded && address.prefix.address.family() != instance->family) {
        context.notes.Say(*address.from, Verdict::kDecide,
                          absl::StrCat("it is not of the family of ", family, ", and keepalived ignores it"));
      } else if (IsVirtual(address.prefix.address, *instance)) {
        context.notes.Say(*address.from, Verdict::kDropped, "the instance has this address already");
      } else if (instance->addresses.size() + instance->excluded.size() == kMostAddresses) {
        context.notes.Say(*address.from, Verdict::kUnsupported, "an instance has at most 255 addresses");
      } else if (!held->emplace(address.prefix.address, device).second) {
        context.notes.Say(*address.from, Verdict::kDecide,
                          absl::StrCat("another instance has this address on ", device, "; here it is left out"));
      } else {
        to->push_back(&address);
      }
    }
  };
  choose(instance->from->addresses, false, &instance->addresses);
  choose(instance->from->excluded, true, &instance->excluded);
  if (instance->addresses.empty())
    instance->missing = "an instance needs at least one virtual address that is advertised, on all its routers";
}

void ChooseSource(const Context& context, Prepared* instance) {
  const InstanceOf& from = *instance->from;
  const bool unicast = !instance->peers.empty() && from.unicast_src_ip;
  const Given<IpAddress>& named = unicast || !from.mcast_src_ip ? from.unicast_src_ip : from.mcast_src_ip;
  const Given<IpAddress>& other = &named == &from.mcast_src_ip ? from.unicast_src_ip : from.mcast_src_ip;
  if (named && other)
    context.notes.Say(*other.from, Verdict::kDropped, absl::StrCat("line ", named.from->at.line, " is used"));
  const absl::string_view fault = named ? SourceFault(named.value, *instance) : "";
  if (named && fault.empty()) {
    instance->source = named.value;
    return;
  }
  const std::optional<IpAddress> found = SourceOnHost(context, *instance);
  const Statement& at = named ? *named.from : *from.from;
  if (found) {
    instance->source = *found;
    const std::string what =
        absl::StrCat("source_address is ", ToString(*found), ", the first address of ", instance->interface);
    return context.notes.Add(at, named ? Verdict::kDecide : Verdict::kTaken,
                             named ? absl::StrCat(fault, ": ", what) : what);
  }
  instance->source = NoSource(instance->family);
  instance->marked_source = absl::StrCat("this router's own ", instance->family == Family::kIpv4 ? "" : "link-local ",
                                         "address on ", instance->interface);
  context.notes.Add(at, Verdict::kDecide,
                    absl::StrCat(fault, fault.empty() ? "" : "; ", "source_address must be ", instance->marked_source));
}

void ChoosePeers(const Context& context, Prepared* instance) {
  const auto on_host = context.host.addresses ? context.host.addresses(instance->interface) : std::nullopt;
  const auto same_family = [&](const IpPrefix& prefix) { return prefix.address.family() == instance->family; };
  const bool known = on_host && std::any_of(on_host->begin(), on_host->end(), same_family);
  for (const PeerOf& peer : instance->from->peers) {
    const auto inside = [&](const IpPrefix& prefix) { return config_internal::InSubnet(peer.address, prefix); };
    if (peer.address.family() != instance->family) {
      context.notes.Say(*peer.from, Verdict::kDecide, "it is not of the family of the addresses; it is left out");
    } else if (instance->peers.size() == kMostPeers) {
      context.notes.Say(*peer.from, Verdict::kUnsupported, "an instance has at most 32 peers");
    } else if (std::any_of(instance->peers.begin(), instance->peers.end(),
                           [&](const PeerOf* p) { return p->address == peer.address; })) {
      context.notes.Say(*peer.from, Verdict::kDropped, "it is in the list already");
    } else {
      if (known && std::none_of(on_host->begin(), on_host->end(), inside)) {
        context.notes.Add(*peer.from, Verdict::kDecide,
                          absl::StrCat("it is in no subnet of ", instance->interface, ": write { address = \"",
                                       ToString(peer.address), "\", next_hop = \"ROUTER\" } in unicast_peers"));
      }
      instance->peers.push_back(&peer);
    }
  }
}

void DropOwnPeers(const Context& context, Prepared* instance) {
  std::erase_if(instance->peers, [&](const PeerOf* peer) {
    if (peer->address != instance->source) return false;
    context.notes.Say(*peer->from, Verdict::kDropped, "it is this router's own address");
    return true;
  });
  const Statement* list = instance->from->peers_from;
  if (list == nullptr || !instance->peers.empty()) return;
  context.notes.Add(*list, Verdict::kDecide, "no other router is left in the list, and the instance uses multicast");
}

TomlItem AddressItem(const Context& context, const AddressOf& address, const Prepared& instance) {
  const std::string device = DeviceOf(address, instance);
  if (!address.device.empty() && device != address.device) {
    context.notes.Add(*address.from, Verdict::kDecide,
                      absl::StrCat("'", address.device, "' is no name of an interface"));
  }
  std::string value =
      absl::StrCat("{ address = \"", address.has_length ? ToString(address.prefix) : ToString(address.prefix.address),
                   "\", device = ", TomlString(device));
  if (!address.label.empty()) {
    const std::string fault = address.prefix.address.is_v4() ? config_internal::LabelFault(address.label, device)
                                                             : "is for IPv4 addresses only";
    if (fault.empty()) {
      absl::StrAppend(&value, ", label = ", TomlString(address.label));
    } else {
      context.notes.Add(*address.from, Verdict::kChanged, absl::StrCat("without its label, which ", fault));
    }
  }
  if (!address.scope.empty() && !(address.scope == "global" && !instance.from->use_vmac)) {
    int number = 0;
    const bool known =
        address.scope == "global" || address.scope == "site" || address.scope == "link" || address.scope == "host";
    const bool numeric = absl::SimpleAtoi(address.scope, &number) && number >= 0 && number <= 254;
    if (address.prefix.address.is_v4() && (known || numeric)) {
      absl::StrAppend(&value, ", scope = ", numeric ? address.scope : TomlString(address.scope));
    } else {
      context.notes.Add(*address.from, Verdict::kChanged, "without its scope");
    }
  }
  return ItemOf(absl::StrCat(value, " }"), address.from);
}

// keepalived does not check the TTL of a peer unless it is told to. Here the default accepts 255 only, which is what a
// keepalived on the same LAN sends unless unicast_ttl says otherwise. For IPv6 the kernel's default applies there, 64.
TomlItem PeerItem(const PeerOf& peer, const Prepared& instance) {
  std::optional<int> low = peer.min_ttl;
  const bool sends_255 = peer.address.is_v4() && instance.from->unicast_ttl.value_or(255) == 255;
  if (!low && (peer.max_ttl || !sends_255)) low = 1;
  if (!low) return ItemOf(absl::StrCat("\"", ToString(peer.address), "\""), peer.from);
  const int high = std::max(peer.max_ttl.value_or(255), 1);
  return ItemOf(absl::StrCat("{ address = \"", ToString(peer.address), "\", min_ttl = ", std::min(*low, high),
                             high != 255 ? absl::StrCat(", max_ttl = ", high) : "", " }"),
                peer.from);
}

}  // namespace dpvrrp::keepalived
