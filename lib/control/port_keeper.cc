// SPDX-License-Identifier: BSD-3-Clause
#include "control/port_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"

namespace dpvrrp {

PortKeeper::PortKeeper(PortDevices& devices, FindLink find_link, std::vector<Port> ports)
    : devices_(devices), find_link_(std::move(find_link)) {
  for (Port& port : ports) {
    Kept kept;
    kept.stage = port.opened.has_value() ? Stage::kOpen : Stage::kClosed;
    kept.was_open = port.opened.has_value();
    kept.bound.resize(port.interfaces.names.size());
    kept.open_at = Instant::min();
    if (port.opened.has_value()) kept.status.mac = port.opened->mac;
    kept.status.open = kept.was_open;
    kept.port = std::move(port);
    ports_.push_back(std::move(kept));
  }
}

std::vector<PortNews> PortKeeper::Look(Instant now) {
  std::vector<PortNews> news;
  next_look_ = kNever;
  for (Kept& kept : ports_) {
    FollowInterfaces(kept, now, news);
    FollowMac(kept, news);
    FollowState(kept, news);
  }
  return news;
}

const PortKeeper::Status& PortKeeper::status(PortId port) const {
  const auto it = std::find_if(ports_.begin(), ports_.end(), [&](const Kept& kept) { return kept.port.id == port; });
  DPVRRP_CHECK(it != ports_.end());
  return it->status;
}

void PortKeeper::FollowInterfaces(Kept& kept, Instant now, std::vector<PortNews>& out) {
  if (kept.port.interfaces.empty()) return;
  if (kept.stage == Stage::kOpen && IsLost(kept)) {
    devices_.Quiesce(kept.port.id);
    kept.stage = Stage::kClosing;
    kept.status.open = false;
  }
  if (kept.stage == Stage::kClosing) {
    if (!devices_.IsQuiet(kept.port.id)) {
      next_look_ = std::min(next_look_, now + kQuietCheck);
      return;
    }
    devices_.Close(kept.port.id);
    kept.stage = Stage::kClosed;
    kept.open_at = now;
    kept.backoff = Nanoseconds(0);
  }
  if (kept.stage != Stage::kClosed) return;
  if (!CanOpen(kept)) {  // once it is there it is tried at once
    kept.open_at = now;
    kept.backoff = Nanoseconds(0);
    return;
  }
  if (now >= kept.open_at) Open(kept, now, out);
  if (kept.stage == Stage::kClosed) next_look_ = std::min(next_look_, kept.open_at);
}

// The first device of the right name is what an open port is bound to, unless the driver knows its ifindex better.
bool PortKeeper::IsLost(Kept& kept) {
  const PortInterfaces& interfaces = kept.port.interfaces;
  for (size_t i = 0; i < interfaces.names.size(); ++i) {
    const KnownLink* link = find_link_(interfaces.names[i]);
    uint64_t& bound = kept.bound[i];
    if (link == nullptr) {
      if (bound == 0 && interfaces.made_by_driver) continue;  // the kernel has not announced it yet
      return true;
    }
    if (interfaces.shared && !link->link.up) return true;
    const uint32_t ifindex = i == 0 && bound == 0 ? kept.port.opened->ifindex : 0;
    if (ifindex != 0 && ifindex != link->link.index) return true;
    if (bound == 0) bound = link->appearance;
    if (bound != link->appearance) return true;
  }
  return false;
}

bool PortKeeper::CanOpen(const Kept& kept) const {
  const PortInterfaces& interfaces = kept.port.interfaces;
  return interfaces.made_by_driver ||
         std::all_of(interfaces.names.begin(), interfaces.names.end(), [&](const std::string& name) {
           const KnownLink* link = find_link_(name);
           return link != nullptr && (link->link.up || !interfaces.shared);
         });
}

void PortKeeper::Open(Kept& kept, Instant now, std::vector<PortNews>& out) {
  // Remembered before: if the interface is replaced meanwhile, the next look finds the port bound to a dead one.
  std::fill(kept.bound.begin(), kept.bound.end(), 0);
  if (!kept.port.interfaces.made_by_driver) {
    for (size_t i = 0; i < kept.bound.size(); ++i) {
      kept.bound[i] = find_link_(kept.port.interfaces.names[i])->appearance;
    }
  }
  absl::StatusOr<PortDevices::Opened> opened = devices_.Open(kept.port.id);
  if (!opened.ok()) {
    kept.backoff = std::clamp(kept.backoff * 2, kOpenAgain, kLongestOpenAgain);
    kept.open_at = now + kept.backoff;
    std::string error(opened.status().message());
    if (error != kept.error) out.push_back({PortNews::Kind::kCannotOpen, kept.port.id, error, {}});
    kept.error = std::move(error);
    return;
  }
  const absl::string_view again = std::exchange(kept.was_open, true) ? " again" : "";
  kept.port.opened = *opened;
  kept.error.clear();
  kept.backoff = Nanoseconds(0);
  kept.stage = Stage::kOpen;
  kept.status.open = true;
  out.push_back({PortNews::Kind::kOpened,
                 kept.port.id,
                 absl::StrCat("opened", again, " on interface ", absl::StrJoin(kept.port.interfaces.names, " and ")),
                 {}});
}

// The interface's word before the driver's, which reads the MAC once.
void PortKeeper::FollowMac(Kept& kept, std::vector<PortNews>& out) {
  if (kept.stage != Stage::kOpen) return;
  MacAddress mac = kept.port.opened->mac;
  if (kept.port.interfaces.lend_mac || !kept.port.twin.empty()) {
    const KnownLink* link = find_link_(kept.port.twin.empty() ? kept.port.interfaces.names[0] : kept.port.twin);
    if (link != nullptr && link->link.mac != MacAddress{}) mac = link->link.mac;
  }
  if (mac == kept.status.mac) return;
  kept.status.mac = mac;
  out.push_back({PortNews::Kind::kMacChanged, kept.port.id, "", mac});
}

void PortKeeper::FollowState(Kept& kept, std::vector<PortNews>& out) {
  std::string reason = WhyDown(kept);
  Status& status = kept.status;
  const bool up = reason.empty();
  if (up == status.up && reason == status.reason) return;
  status.up = up;
  status.reason = reason;
  out.push_back({up ? PortNews::Kind::kUp : PortNews::Kind::kDown, kept.port.id, std::move(reason), {}});
}

std::string PortKeeper::WhyDown(const Kept& kept) {
  for (const std::string& name : kept.port.interfaces.names) {
    const KnownLink* link = find_link_(name);
    if (link == nullptr) return absl::StrCat("interface ", name, kept.was_open ? " was removed" : " does not exist");
    if (!link->link.up) return absl::StrCat("interface ", name, " is administratively down");
    if (kept.stage != Stage::kOpen) continue;
    if (!link->link.running) return absl::StrCat("interface ", name, " has no carrier");
  }
  if (kept.stage != Stage::kOpen) {
    const std::string names = absl::StrJoin(kept.port.interfaces.names, " and ");
    return kept.error.empty() ? absl::StrCat("interface ", names, " was replaced, opening the port again")
                              : absl::StrCat("interface ", names, " exists, but the port cannot be opened");
  }
  return devices_.HasLink(kept.port.id) ? "" : "no link";
}

}  // namespace dpvrrp
