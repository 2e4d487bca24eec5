// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_sockets.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dataplane/packet_socket.h"

namespace dpvrrp {
namespace {

bool AreEqual(const std::vector<sock_filter>& a, const std::vector<sock_filter>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const sock_filter& x, const sock_filter& y) {
    return x.code == y.code && x.jt == y.jt && x.jf == y.jf && x.k == y.k;
  });
}

// The kernel may have no room for the old and the new program together (net.core.optmem_max).
absl::Status Replace(int socket, const std::vector<sock_filter>& program) {
  if (SetPacketFilter(socket, program).ok()) return absl::OkStatus();
  const absl::Status removed = SetPacketFilter(socket, {});
  return removed.ok() ? SetPacketFilter(socket, program) : removed;
}

}  // namespace

absl::Status PortSockets::Find(uint32_t ifindex, size_t queues) {
  Forget();
  std::vector<int> found = FindPacketSockets(ifindex);
  if (found.size() != queues) {
    fault_ = absl::FailedPreconditionError(absl::StrCat("has ", queues, " packet sockets, and ", found.size(),
                                                        " on its interface were found: no filter is set"));
    return fault_;
  }
  fault_ = absl::OkStatus();
  sockets_ = std::move(found);
  for (const int socket : sockets_)
    TakePacketDrops(socket);  // before there was a filter, of frames that no router needs
  return absl::OkStatus();
}

void PortSockets::Forget() {
  ReadDrops();
  sockets_.clear();
  program_.clear();
  widened_.clear();
}

absl::Status PortSockets::Select(const TrafficSelection& selection) {
  if (sockets_.empty()) return fault_;
  TrafficFilter filter = BuildTrafficFilter(selection);
  if (AreEqual(filter.program, program_)) return absl::OkStatus();
  for (const int socket : sockets_) {
    const absl::Status status = Replace(socket, filter.program);
    if (status.ok()) continue;
    for (const int each : sockets_) {
      SetPacketFilter(each, {}).IgnoreError();  // the old one might select too little
      IgnoreOutgoing(each, false);
    }
    program_.clear();
    widened_.clear();
    return absl::Status(status.code(), absl::StrCat(status.message(), ", so that it receives every frame"));
  }
  if (program_.empty()) {
    for (const int socket : sockets_) IgnoreOutgoing(socket, true);
  }
  program_ = std::move(filter.program);
  widened_ = std::move(filter.widened);
  return absl::OkStatus();
}

uint64_t PortSockets::ReadDrops() {
  for (const int socket : sockets_) drops_ += TakePacketDrops(socket);
  return drops_;
}

}  // namespace dpvrrp
