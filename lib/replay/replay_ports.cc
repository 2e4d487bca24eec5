// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/port_interface.h"
#include "pipeline/heard.h"
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
IpAddress SenderOf(std::span<const uint8_t> bytes) {
  const auto length = static_cast<uint16_t>(std::min<size_t>(bytes.size(), UINT16_MAX));
  const Heard heard({const_cast<uint8_t*>(bytes.data()), length});  // which only reads
  return heard.is_vrrp() || heard.says().has_ah ? heard.says().key.source : IpAddress();
}

}  // namespace

MacAddress MacOfPort(const Capture& capture, const CapturePorts& ports, const Config& config, PortId port) {
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

absl::StatusOr<CapturePorts> PortsOfCapture(const Capture& capture, const Config& config, const std::string& port) {
  CapturePorts ports;
  for (const std::string& interface : capture.interfaces) {
    const auto found = std::find_if(config.ports.begin(), config.ports.end(), [&](const PortConfig& one) {
      if (!port.empty()) return one.name == port;
      return config.ports.size() == 1 || StandsOn(one, interface);
    });
    if (found == config.ports.end() && !port.empty()) {
      return absl::NotFoundError(absl::StrCat("no port named '", port, "'; there are: ", NamesOf(config)));
    }
    if (found == config.ports.end()) {
      ports.emplace_back();
    } else {
      ports.emplace_back(static_cast<uint16_t>(found - config.ports.begin()));
    }
  }
  const bool any = std::any_of(ports.begin(), ports.end(), [](const auto& one) { return one.has_value(); });
  if (!any && !ports.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("no interface of the capture (",
                                                   absl::StrJoin(capture.interfaces, ", "), ") belongs to a port (",
                                                   NamesOf(config), "); --port NAME gives all frames to one port"));
  }
  return ports;
}

}  // namespace dpvrrp
