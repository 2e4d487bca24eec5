// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/port_interface.h"
#include "replay/replay.h"

namespace dpvrrp {
namespace {

std::string NamesOf(const Config& config) {
  return absl::StrJoin(config.ports, ", ", [](std::string* out, const PortConfig& port) { out->append(port.name); });
}

bool StandsOn(const PortConfig& port, const std::string& interface) {
  const std::vector<std::string> names = PortInterfacesOf(port.device).names;
  return port.name == interface || std::find(names.begin(), names.end(), interface) != names.end();
}

// The IP source of a frame that carries VRRP or AH; unspecified: it carries none.
IpAddress SenderOf(std::span<const uint8_t> frame) {
  size_t at = 12;
  const auto type = [&] { return frame[at] << 8 | frame[at + 1]; };
  while (at + 6 <= frame.size() && (type() == 0x8100 || type() == 0x88a8)) at += 4;
  if (at + 2 > frame.size()) return IpAddress();
  const bool is_v4 = type() == 0x0800;
  const std::span<const uint8_t> ip = frame.subspan(at + 2);
  if ((!is_v4 && type() != 0x86dd) || ip.size() < (is_v4 ? 20u : 40u)) return IpAddress();
  const uint8_t protocol = is_v4 ? ip[9] : ip[6];
  if (protocol != 112 && protocol != 51) return IpAddress();
  if (is_v4) return IpAddress::V4(uint32_t{ip[12]} << 24 | ip[13] << 16 | ip[14] << 8 | ip[15]);
  IpAddress::Bytes bytes;
  std::copy_n(ip.begin() + 8, bytes.size(), bytes.begin());
  return IpAddress::V6(bytes);
}

}  // namespace

MacAddress MacOfPort(const Capture& capture, std::span<const PortId> ports, const Config& config, PortId port) {
  const std::string& name = config.ports[port.value()].name;
  for (const CapturePacket& packet : capture.packets) {
    if (ports[packet.interface] != port) continue;
    const IpAddress sender = SenderOf(packet.bytes);
    const bool is_ours = !sender.IsUnspecified() &&
                         std::any_of(config.instances.begin(), config.instances.end(), [&](const InstanceConfig& one) {
                           return one.port == name && one.source_address == sender;
                         });
    if (!is_ours) continue;
    MacAddress mac;
    std::copy_n(packet.bytes.begin() + 6, mac.bytes.size(), mac.bytes.begin());
    if (IsStation(mac) && !IsVirtualMac(mac)) return mac;
  }
  return MacAddress{{0x02, 0, 0, 0, static_cast<uint8_t>(port.value() >> 8), static_cast<uint8_t>(port.value())}};
}

absl::StatusOr<std::vector<PortId>> PortsOfCapture(const Capture& capture, const Config& config,
                                                   const std::string& port) {
  std::vector<PortId> ports;
  for (const std::string& interface : capture.interfaces) {
    const auto found = std::find_if(config.ports.begin(), config.ports.end(), [&](const PortConfig& one) {
      if (!port.empty()) return one.name == port;
      return config.ports.size() == 1 || StandsOn(one, interface);
    });
    if (found == config.ports.end() && !port.empty()) {
      return absl::NotFoundError(absl::StrCat("no port named '", port, "'; there are: ", NamesOf(config)));
    }
    if (found == config.ports.end()) {
      return absl::InvalidArgumentError(absl::StrCat("interface '", interface, "' of the capture belongs to no port (",
                                                     NamesOf(config), "); --port NAME says to which"));
    }
    ports.emplace_back(static_cast<uint16_t>(found - config.ports.begin()));
  }
  return ports;
}

}  // namespace dpvrrp
