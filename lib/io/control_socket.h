// SPDX-License-Identifier: BSD-3-Clause
//
// The control socket's path: making the socket, finding out whether a daemon answers at the path, connecting to it.
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

// A listening, non-blocking socket at `path`. ControlServer::Listen() describes how an existing file at the path is
// treated.
absl::StatusOr<UniqueFd> BindControlSocket(const std::string& path, const ControlOwner& owner = {});

// Gives the socket that was just bound at `path` its mode and its owner. Uses a descriptor, not the name: the folder
// may belong to the daemon's user, who could put a link there, and root would then change the owner of the link's
// target. FailedPrecondition: the file at the path is not the socket that we made.
absl::Status GiveSocketAway(const std::string& path, const ControlOwner& owner);

// A connected, non-blocking socket. Unavailable: no daemon answers at the path.
absl::StatusOr<UniqueFd> ConnectControlSocket(const std::string& path);

}  // namespace dpvrrp::internal
