// SPDX-License-Identifier: BSD-3-Clause
//
// The kernel's answer to a request, and its conversion to a Status.
//
// Thread: any (values).
#pragma once

#include <libmnl/libmnl.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

// The answer to one netlink request.
struct NetlinkAnswer {
  int error = 0;       // errno; 0 is success
  std::string reason;  // the kernel's own words (NETLINK_EXT_ACK), often empty

  bool ok() const { return error == 0; }
};

// Reads an NLMSG_ERROR message; an ack is one too. A truncated message gives EBADMSG.
NetlinkAnswer ParseAck(const nlmsghdr& message);

// OK for errno 0, otherwise "<what>: <errno text> (<reason>)". The code says what the caller can do: NotFound if the
// address or device does not exist, AlreadyExists, Unavailable if another try may succeed.
absl::Status ToStatus(const NetlinkAnswer& answer, absl::string_view what);

}  // namespace dpvrrp
