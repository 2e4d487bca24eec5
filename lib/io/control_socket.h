// SPDX-License-Identifier: BSD-3-Clause
//
// The address of the control socket: making it, finding out whether somebody lives there, connecting to it.
//
// Thread: any.
#pragma once

#include <sys/un.h>

#include <string>

#include "absl/status/statusor.h"
#include "io/control_server.h"
#include "io/unique_fd.h"

namespace dpvrrp::internal {

// InvalidArgument: the path is empty or does not fit (107 bytes).
absl::StatusOr<sockaddr_un> ControlAddress(const std::string& path);

// A listening, non-blocking socket at `path`; see ControlServer::Listen() for what is done about what lies there.
absl::StatusOr<UniqueFd> BindControlSocket(const std::string& path, const ControlOwner& owner = {});

// Gives the socket that has just been bound at `path` mode 0660 and its owner. By a descriptor, not by the name: the
// folder may be the user's that the daemon becomes, who could put a link there, and root would give away whatever that
// names. FailedPrecondition: what lies there is not the socket that we made.
absl::Status GiveSocketAway(const std::string& path, const ControlOwner& owner);

// A connected, non-blocking socket. Unavailable: nobody answers there.
absl::StatusOr<UniqueFd> ConnectControlSocket(const std::string& path);

}  // namespace dpvrrp::internal
