// SPDX-License-Identifier: BSD-3-Clause
#include "keepalived/ports.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp::keepalived {

Ports::Segment Ports::Of(const std::string& interface) {
  std::string parent = interface;
  Segment segment;
  while (segment.vlan.size() < 2) {
    const size_t dot = parent.rfind('.');
    int vid = 0;
    if (dot == std::string::npos || dot == 0 || !absl::SimpleAtoi(parent.substr(dot + 1), &vid) || vid < 1 ||
        vid > 4094)
      break;
    segment.vlan.insert(segment.vlan.begin(), vid);
    parent.resize(dot);
  }
  const auto [known, is_new] = names_.try_emplace(parent);
  if (is_new) {
    known->second = taken_.Take(parent);
    order_.push_back(parent);
  }
  segment.port = known->second;
  return segment;
}

std::vector<TomlTable> Ports::Tables() const {
  std::vector<TomlTable> tables;
  for (size_t i = 0; i < order_.size(); ++i) {
    TomlTable table("[[port]]");
    table.SetText("name", names_.at(order_[i]));
    table.SetText("device", absl::StrCat("net_af_packet", i, ",iface=", order_[i]));
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace dpvrrp::keepalived
