// SPDX-License-Identifier: BSD-3-Clause
#include "twins.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {

Twins::Twins(std::span<const PortConfig> ports, Dataplane& dataplane, NetlinkHost& host, const PortKeeper& keeper)
    : dataplane_(dataplane), host_(host), keeper_(keeper) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!ports[i].twin.empty()) pairs_.push_back({dataplane.ports()[i].id, ports[i].twin});
  }
}

absl::Status Twins::CheckFree(const std::string& name, NetlinkHost& host) {
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<HostLink> link = host.FindLink(name);
  if (!link.ok()) return absl::OkStatus();
  if (!link->is_tap) {
    return absl::AlreadyExistsError(absl::StrCat("twin '", name, "': another interface has this name, which is not a ",
                                                 "TAP device: choose another name, or rename that interface"));
  }
  if (link->tap_queues == 0) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat("twin '", name, "': another program uses this TAP device (",
                                               link->tap_queues,
                                               " queues): choose another name, or stop that program"));
}

std::vector<std::string> Twins::Follow() {
  std::vector<std::string> messages;
  for (Pair& pair : pairs_) FollowOne(pair, messages);
  return messages;
}

// The twin's interface, which is made again if it is not there, or if no program has a queue of it any more.
absl::StatusOr<HostLink> Twins::Find(Pair& pair, std::vector<std::string>& messages) {
  absl::StatusOr<HostLink> link = host_.FindLink(pair.name);
  if (link.ok() ? link->tap_queues > 0 : !absl::IsNotFound(link.status())) return link;
  DPVRRP_RETURN_IF_ERROR(dataplane_.RemakeTwin(pair.port));
  pair.carrier.reset();
  messages.push_back(absl::StrCat("twin '", pair.name,
                                  "': the interface was deleted, renamed or moved: made again, without ",
                                  "the addresses and routes that it had"));
  return host_.FindLink(pair.name);
}

void Twins::FollowOne(Pair& pair, std::vector<std::string>& messages) {
  const auto report = [&](std::string failure) {
    if (failure != pair.failure && !failure.empty()) messages.push_back(failure);
    pair.failure = std::move(failure);
  };
  const absl::StatusOr<HostLink> link = Find(pair, messages);
  if (!link.ok()) return report(std::string(link.status().message()));
  std::string failure;
  const bool has_link = keeper_.status(pair.port).up;
  if (pair.carrier != has_link) {
    const absl::Status status = dataplane_.SetTwinCarrier(pair.port, has_link);
    if (!status.ok()) failure = std::string(status.message());
    pair.carrier = has_link;
  }
  std::vector<std::string> refused = dataplane_.FollowTwin(pair.port, {link->mac, link->mtu, link->promiscuous});
  messages.insert(messages.end(), std::make_move_iterator(refused.begin()), std::make_move_iterator(refused.end()));
  report(std::move(failure));
}

}  // namespace dpvrrp
