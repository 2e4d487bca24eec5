// SPDX-License-Identifier: BSD-3-Clause
#include "unit/control/gateway.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "pipeline/segment.h"

namespace dpvrrp {
namespace {

// "lan", "lan1", "lan2" ...
std::string PortName(size_t port) { return port == 0 ? "lan" : absl::StrCat("lan", port); }

std::vector<PortBinding> Ports() {
  std::vector<PortBinding> ports;
  for (size_t i = 0; i < kMaxPorts; ++i) {
    ports.push_back({PortName(i), PortId(static_cast<uint16_t>(i)), Mac("02:00:00:00:00:0b")});
  }
  return ports;
}

}  // namespace

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
  std::erase_if(addresses, [&](const HostAddress& a) { return a.device == device; });  // the last one takes it down
  links_up.erase(device);
}

absl::Status FakeServices::RestoreDevice(const std::string& device) {
  if (refuse_restoring.ok()) removed_devices.erase(device);
  return refuse_restoring;
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
  }
  if (lose_answers) reply.status = absl::UnavailableError("the kernel lost the answer");
  return reply;
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

Gateway::Gateway()
    : controller(services, Ports(), {&shard.shard->counters()}, "openssl", ControlTime{kTestStart, 1'700'000'000'000}) {
}

Gateway::~Gateway() {
  host_answers = true;
  services.refuse = absl::OkStatus();
  for (const HostRequest& request : std::exchange(unanswered, {})) {
    controller.OnHostReply(services.Answer(request), Time());
  }
  controller.Shutdown(Time());
  Turn();
}

void Gateway::Turn() {
  for (bool busy = true; busy;) {
    Outbox out = std::exchange(controller.outbox(), Outbox{});
    busy = !out.shard.empty() || !out.host.empty();
    for (const ShardCommand& command : out.shard) {
      using Kind = ShardCommand::Kind;
      if (command.kind == Kind::kSpeakNextVrid || command.kind == Kind::kForgetMac) moves.push_back(command);
      shard.Apply(command);
    }
    for (Sent& sent : shard.Transmit()) sent_.push_back(std::move(sent));
    for (const HostRequest& request : out.host) {
      if (host_answers) {
        controller.OnHostReply(services.Answer(request), Time());
      } else {
        unanswered.push_back(request);
      }
    }
    std::move(out.answers.begin(), out.answers.end(), std::back_inserter(answers));
    std::array<ShardEvent, 8> events;
    while (const size_t count = shard.shard->TakeEvents(events)) {
      busy = true;
      for (size_t i = 0; i < count; ++i) controller.OnShardEvent(events[i], Time());
    }
  }
}

std::vector<Sent> Gateway::RunFor(Nanoseconds time) {
  sent_.clear();
  const Instant end = shard.now + time;
  while (shard.now < end) {
    const Instant next = std::min({end, shard.shard->NextDeadline(), controller.NextDeadline()});
    shard.now = std::max(next, shard.now + kTimerTick);
    for (Sent& sent : shard.Transmit()) sent_.push_back(std::move(sent));
    Turn();
    if (controller.NextDeadline() <= shard.now) controller.OnTime(Time());
    Turn();
  }
  return std::exchange(sent_, {});
}

Answer Gateway::Ask(const std::string& line) {
  answers.clear();
  controller.OnCommand(RequesterId(7), line, Time());
  Turn();
  return answers.empty() ? Answer{} : answers.back();
}

std::vector<std::string> Gateway::Logged(absl::string_view kind) const {
  std::vector<std::string> texts;
  for (const LogEvent& event : controller.events().events()) {
    if (event.kind == std::string(kind)) texts.push_back(event.text);
  }
  return texts;
}

}  // namespace dpvrrp
