// SPDX-License-Identifier: BSD-3-Clause
//
// Which client of the control socket gets a place, and which one is closed for it. Pure: a function of the connected
// clients.
//
//   There are 64 places. 8 of them are reserved for root. Another user has at most 24. So no user and no group of users
//   can keep root out, and one user alone cannot keep out the others.
//
// If there is no place within these bounds, a client is closed: the one with the longest idle time, at least a minute.
// For root a shorter idle time is enough. If none is idle, the client of another user that connected first is closed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>

#include "absl/strings/string_view.h"
#include "base/time.h"
#include "io/control_protocol.h"

namespace dpvrrp {

inline constexpr size_t kControlPlacesForRoot = 8;
inline constexpr size_t kMaxControlClientsOfUser = 24;                           // of one user that is not root
inline constexpr Nanoseconds kControlIdleTime = std::chrono::seconds(60);        // then a client may be closed
inline constexpr Nanoseconds kControlIdleTimeForRoot = std::chrono::seconds(1);  // for root

// A connected client.
struct ControlPlace {
  ClientId id;
  uid_t user = 0;
  // It has no command in progress: it has sent nothing or a part of a line, or it does not read its answer. A client
  // that follows events has a command in progress.
  bool idle = false;
  Instant last_active{};  // when it connected, sent its last line, or read part of an answer
};

struct ControlAdmission {
  bool admitted = false;
  std::optional<ClientId> makes_room;  // the client to close first
  absl::string_view limit;             // not admitted: the bound as text
};

// Thread: any.
ControlAdmission AdmitControlClient(uid_t user, std::span<const ControlPlace> connected, Instant now);

}  // namespace dpvrrp
