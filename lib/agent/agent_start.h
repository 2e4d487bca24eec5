// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace dpvrrp::internal {

// The path of the agent's executable, as AgentOptions::program describes it. NotFound: there is none.
absl::StatusOr<std::string> FindAgentProgram();

// Starts `program` with `socket` as its only descriptor except 0 to 2, which are /dev/null. It is no child of this
// process, which need not wait for its end. Returns its process number when the program runs.
// Thread: call it before there are others.
absl::StatusOr<pid_t> StartAgentProgram(const std::string& program, int socket, size_t at_once);

}  // namespace dpvrrp::internal
