// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_places.h"

#include <algorithm>
#include <utility>

namespace dpvrrp {
namespace {

constexpr uid_t kRoot = 0;
constexpr size_t kPlacesForOthers = kMaxControlClients - kControlPlacesForRoot;

std::pair<Instant, uint64_t> Age(const ControlPlace& place) { return {place.last_active, place.id.value()}; }

// Of the clients that `may` be closed, the one with the longest idle time.
template <typename May>
const ControlPlace* LongestIdle(std::span<const ControlPlace> connected, Instant now, Nanoseconds at_least, May may) {
  const ControlPlace* found = nullptr;
  for (const ControlPlace& place : connected) {
    if (!place.idle || now - place.last_active < at_least || !may(place)) continue;
    if (found == nullptr || Age(place) < Age(*found)) found = &place;
  }
  return found;
}

ControlAdmission InPlaceOf(const ControlPlace* place, absl::string_view limit) {
  if (place == nullptr) return {false, std::nullopt, limit};
  return {true, place->id, {}};
}

const ControlPlace* FirstOfOthers(std::span<const ControlPlace> connected) {
  const ControlPlace* found = nullptr;
  for (const ControlPlace& place : connected) {
    if (place.user != kRoot && (found == nullptr || place.id.value() < found->id.value())) found = &place;
  }
  return found;
}

}  // namespace

ControlAdmission AdmitControlClient(uid_t user, std::span<const ControlPlace> connected, Instant now) {
  const auto anyone = [](const ControlPlace&) { return true; };
  if (user == kRoot) {
    if (connected.size() < kMaxControlClients) return {true, std::nullopt, {}};
    const ControlPlace* place = LongestIdle(connected, now, kControlIdleTimeForRoot, anyone);
    return InPlaceOf(place != nullptr ? place : FirstOfOthers(connected), "at most 64");
  }
  const auto same_user = [user](const ControlPlace& place) { return place.user == user; };
  const auto not_root = [](const ControlPlace& place) { return place.user != kRoot; };
  if (std::count_if(connected.begin(), connected.end(), same_user) >=
      static_cast<ptrdiff_t>(kMaxControlClientsOfUser)) {
    return InPlaceOf(LongestIdle(connected, now, kControlIdleTime, same_user), "at most 24 of one user");
  }
  if (std::count_if(connected.begin(), connected.end(), not_root) >= static_cast<ptrdiff_t>(kPlacesForOthers)) {
    return InPlaceOf(LongestIdle(connected, now, kControlIdleTime, not_root), "at most 56 of users other than root");
  }
  if (connected.size() < kMaxControlClients) return {true, std::nullopt, {}};
  return InPlaceOf(LongestIdle(connected, now, kControlIdleTime, anyone), "at most 64");
}

}  // namespace dpvrrp
