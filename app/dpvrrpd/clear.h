// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace dpvrrp {

// `dpvrrpd --clear`: removes every address with our mark and every virtual-MAC device from this network namespace, for
// a daemon that was killed and is not started again. Needs CAP_NET_ADMIN, and no DPDK. If there is nothing to remove,
// that is no error. Returns one line for the operator, with the first few names. What a hand-over has left in
// `state_directory` to a start that is still in time is kept.
//   FailedPrecondition   a daemon listens at `control_socket`: the addresses are in use
//   others               the kernel refuses to remove something; the message names the first
//
// Thread: control.
absl::StatusOr<std::string> Clear(const std::string& control_socket, const std::string& state_directory);

}  // namespace dpvrrp
