// SPDX-License-Identifier: BSD-3-Clause
//
// What the kernel answers to a request, and how that reads as a Status.
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

// Reads an NLMSG_ERROR message, which is also what an ack is. Truncated ones come out as EBADMSG.
NetlinkAnswer ParseAck(const nlmsghdr& message);

// OK for errno 0, otherwise "<what>: <errno text> (<reason>)" with the code that says what the caller can do: NotFound
// when the address or device is not there, AlreadyExists, Unavailable when trying again may help.
absl::Status ToStatus(const NetlinkAnswer& answer, absl::string_view what);

}  // namespace dpvrrp
