// SPDX-License-Identifier: BSD-3-Clause
#include "base/port_interface.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp {
namespace {

// "net_tap0,iface=tap0": name and arguments.
class Device {
 public:
  explicit Device(absl::string_view text) {
    const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
    name_ = absl::StripAsciiWhitespace(parts[0]);
    arguments_.assign(parts.begin() + 1, parts.end());
  }

  // The number after the driver's name ("0") if the device is of this driver. DPDK takes the driver whose name is the
  // beginning of the device's name.
  std::optional<absl::string_view> Of(absl::string_view driver) const {
    for (const absl::string_view prefix : {"net_", "eth_"}) {
      absl::string_view rest = name_;
      if (absl::ConsumePrefix(&rest, prefix) && absl::ConsumePrefix(&rest, driver)) return rest;
    }
    return std::nullopt;
  }
  absl::string_view name() const { return name_; }

  // The value of the last argument of this name; empty if there is none.
  absl::string_view Find(absl::string_view argument) const {
    absl::string_view found;
    for (absl::string_view text : arguments_) {
      text = absl::StripAsciiWhitespace(text);
      if (absl::ConsumePrefix(&text, argument) && absl::ConsumePrefix(&text, "=")) found = text;
    }
    return found;
  }

 private:
  absl::string_view name_;
  std::vector<absl::string_view> arguments_;
};

void AddName(absl::string_view name, PortInterfaces& out) {
  if (name.empty() || std::find(out.names.begin(), out.names.end(), name) != out.names.end()) return;
  out.names.emplace_back(name);
}

}  // namespace

absl::string_view ToString(KernelShare share) {
  switch (share) {
    case KernelShare::kNone:
      return "none";
    case KernelShare::kShared:
      return "shared";
    case KernelShare::kTwin:
      return "twin";
  }
  return "?";
}

PortInterfaces PortInterfacesOf(absl::string_view text) {
  const Device device(text);
  PortInterfaces out;
  if (device.Of("af_packet") || device.Of("af_xdp")) {
    AddName(device.Find("iface"), out);
    out.lend_mac = true;
    out.shared = out.takes_filter = device.Of("af_packet").has_value();
  } else if (device.Of("pcap")) {
    for (const absl::string_view argument : {"iface", "rx_iface", "rx_iface_in", "tx_iface"}) {
      AddName(device.Find(argument), out);
    }
    out.lend_mac = !device.Find("iface").empty() && device.Find("phy_mac") == "1";
    out.shared = true;
  } else if (const auto number = device.Of("tap")) {
    const absl::string_view name = device.Find("iface");
    AddName(name.empty() ? absl::StrCat("dtap", *number) : std::string(name), out);
    out.lend_mac = out.made_by_driver = true;
    out.remote = std::string(device.Find("remote"));
  } else if (device.Of("virtio_user") || absl::StartsWith(device.name(), "virtio_user")) {
    if (device.Find("path") == "/dev/vhost-net") AddName(device.Find("iface"), out);
    out.made_by_driver = true;
  }
  return out.empty() ? PortInterfaces{} : out;
}

}  // namespace dpvrrp
