// SPDX-License-Identifier: BSD-3-Clause
#include "unit/control/fake_services.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "support/test_shard.h"

namespace dpvrrp {

std::string PortName(size_t port) { return port == 0 ? "lan" : absl::StrCat("lan", port); }

absl::StatusOr<std::string> FakeServices::AcquireDevice(const std::string& device, SourceMac mac, Family family,
                                                        Vrid vrid) {
  if (missing_devices.contains(device)) return absl::NotFoundError("no interface " + device);
  const std::string virtual_mac_device =
      absl::StrCat(family == Family::kIpv4 ? "vrrp.2." : "vrrp6.2.", static_cast<int>(vrid.value()));
  const std::string made = mac == SourceMac::kVirtual ? virtual_mac_device : device;
  acquired.insert(made);
  return made;
}

void FakeServices::ReleaseDevice(const std::string& device) {
  acquired.erase(acquired.find(device));
  if (acquired.contains(device) || device.substr(0, 4) != "vrrp") return;
  std::erase_if(addresses,
                [&](const HostAddress& a) { return a.device == device; });  // the last address sets the device down
  links_up.erase(device);
}

absl::StatusOr<std::string> FakeServices::RestoreDevice(const std::string& device) {
  if (!refuse_restoring.ok()) return refuse_restoring;
  const auto other = restored_as.find(device);
  if (other != restored_as.end()) {
    acquired.erase(acquired.find(device));
    acquired.insert(other->second);
    return other->second;
  }
  removed_devices.erase(device);
  return device;
}

absl::Status FakeServices::MoveRecord(absl::string_view from, absl::string_view to) {
  auto record = records.extract(std::string(from));
  records.erase(std::string(to));
  record.key() = std::string(to);
  records.insert(std::move(record));
  return absl::OkStatus();
}

HostReply FakeServices::Answer(const HostRequest& request) {
  HostReply reply{request.id, refuse};
  if (!refuse.ok()) return reply;
  if (request.op == HostOp::kAnnounce) {
    if (!refuse_announcing.ok()) return {request.id, refuse_announcing};
    announced.push_back(absl::StrCat(ToString(request.prefix.address), " on ", request.device));
    return reply;
  }
  if (request.op == HostOp::kSetLinkUp && !refuse_link_up.ok()) return {request.id, refuse_link_up};
  const auto it = std::find_if(addresses.begin(), addresses.end(), [&](const HostAddress& a) {
    return a.device == request.device && a.prefix == request.prefix;
  });
  if (removed_devices.contains(request.device)) return {request.id, absl::NotFoundError("No such device")};
  switch (request.op) {
    case HostOp::kAddAddress:
      if (it != addresses.end() && !it->ours) reply.status = absl::AlreadyExistsError("File exists");
      if (it == addresses.end()) addresses.push_back({request.device, request.prefix, true});
      break;
    case HostOp::kRemoveAddress:
      if (it == addresses.end()) {
        reply.status = absl::NotFoundError("Cannot assign requested address");
      } else {
        *it = std::move(addresses.back());
        addresses.pop_back();
      }
      break;
    case HostOp::kSetLinkUp:
      links_up.insert(request.device);
      break;
    case HostOp::kSetLinkDown:
      links_up.erase(request.device);
      break;
    case HostOp::kAnnounce:
      break;
    case HostOp::kAddRoute:
    case HostOp::kRemoveRoute:
    case HostOp::kAddRule:
    case HostOp::kRemoveRule:
      reply.status = AnswerRouting(request);
      break;
  }
  if (lose_answers) reply.status = absl::UnavailableError("the kernel lost the answer");
  return reply;
}

absl::Status FakeServices::AnswerRouting(const HostRequest& request) {
  if (!refuse_routing.ok()) return refuse_routing;
  const bool adds = request.op == HostOp::kAddRoute || request.op == HostOp::kAddRule;
  const std::string place = PlaceKey(request.entry);
  const auto it = std::ranges::find_if(routing, [&](const RoutingEntry& there) { return PlaceKey(there) == place; });
  if (adds) {
    if (it != routing.end() && Fulfils(*it, request.entry)) return absl::OkStatus();
    if (it != routing.end() || foreign_routing.contains(place)) return absl::AlreadyExistsError("File exists");
    routing.push_back(request.entry);
    return absl::OkStatus();
  }
  if (it == routing.end() || !Fulfils(*it, request.entry)) return absl::NotFoundError("No such process");
  routing.erase(it);
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> FakeServices::ReadKeyFile(const std::string& path) {
  const auto found = key_files.find(path);
  if (found == key_files.end()) return absl::NotFoundError(path + ": no such file");
  return SecretBytes({found->second.begin(), found->second.end()});
}

bool FakeServices::Has(absl::string_view prefix, absl::string_view device) const {
  return std::any_of(addresses.begin(), addresses.end(), [&](const HostAddress& a) {
    return a.device == std::string(device) && ToString(a.prefix) == std::string(prefix);
  });
}

InstanceConfig AhInstance(const std::string& name, uint8_t vrid) {
  InstanceConfig config;
  config.name = name;
  config.port = "lan";
  config.vrid = Vrid(vrid);
  config.source_address = Ip("10.99.0.2");
  config.virtual_addresses = {{*ParseIpPrefix("10.99.0.100/24"), "eth0"}};
  config.auth.kind = AuthKind::kAh;
  config.auth.keyring = OwnKey(SecretBytes(KeepalivedKey("s3cr3t")));
  return config;
}

std::vector<InstanceConfig> ManyInstances() {
  std::vector<InstanceConfig> instances;
  for (size_t port = 0; port < kMaxPorts / 2; ++port) {
    for (int vrid = 1; vrid <= 255; ++vrid) {
      InstanceConfig config = AhInstance(absl::StrCat("gw-", port, "-", vrid), static_cast<uint8_t>(vrid));
      config.port = PortName(port);
      config.virtual_addresses = {
          {IpPrefix{IpAddress::V4(0x0a640000 + static_cast<uint32_t>(port * 256 + vrid)), 32}, "eth0"}};
      instances.push_back(std::move(config));
    }
  }
  return instances;
}

Config WithInstances(std::vector<InstanceConfig> instances) {
  Config config;
  for (size_t i = 0; i < kMaxPorts; ++i) config.ports.push_back({PortName(i), absl::StrCat("net_null", i)});
  config.instances = std::move(instances);
  return config;
}

}  // namespace dpvrrp
