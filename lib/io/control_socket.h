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

// A connected, non-blocking socket. Unavailable: nobody answers there.
absl::StatusOr<UniqueFd> ConnectControlSocket(const std::string& path);

}  // namespace dpvrrp::internal
