// SPDX-License-Identifier: BSD-3-Clause
#include "io/group_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

// RFC 3678: the same call for both families. Returns 0 or an errno.
int Change(int operation, int fd, uint32_t ifindex, const IpAddress& group) {
  group_req request{};
  request.gr_interface = ifindex;
  const IpAddress::Bytes bytes = group.bytes();
  if (group.is_v4()) {
    auto& to = reinterpret_cast<sockaddr_in&>(request.gr_group);
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, bytes.data(), sizeof to.sin_addr);
  } else {
    auto& to = reinterpret_cast<sockaddr_in6&>(request.gr_group);
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, bytes.data(), sizeof to.sin6_addr);
  }
  return setsockopt(fd, group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6, operation, &request, sizeof request) == 0 ? 0
                                                                                                             : errno;
}

}  // namespace

absl::Status GroupSockets::Set(uint32_t ifindex, const std::set<IpAddress>& groups) {
  if (ifindex != ifindex_) {  // the kernel drops the memberships of a deleted interface
    joined_.clear();
    sockets_.clear();
    ifindex_ = ifindex;
  }
  if (ifindex == 0) return absl::OkStatus();
  for (auto it = joined_.begin(); it != joined_.end();) {
    if (groups.contains(it->first)) {
      ++it;
      continue;
    }
    Socket& socket = sockets_[it->second];
    Change(MCAST_LEAVE_GROUP, socket.fd.get(), ifindex_, it->first);
    --socket.groups;
    it = joined_.erase(it);
  }
  absl::Status first;
  for (const IpAddress& group : groups) {
    if (!joined_.contains(group)) first.Update(Join(group));
  }
  return first;
}

// An operator may have set the limit lower than the default, so a full socket is followed by another.
absl::Status GroupSockets::Join(const IpAddress& group) {
  int error = ENOBUFS;
  for (size_t i = 0; error == ENOBUFS && i <= sockets_.size(); ++i) {
    const bool is_new = i == sockets_.size();
    if (is_new) {
      DPVRRP_RETURN_IF_ERROR(Open(group.family()));
    }
    Socket& socket = sockets_[i];
    if (socket.family != group.family() || socket.groups == kGroupsOfSocket) continue;
    error = Change(MCAST_JOIN_GROUP, socket.fd.get(), ifindex_, group);
    if (error == 0) {
      ++socket.groups;
      joined_[group] = i;
      return absl::OkStatus();
    }
    if (is_new) break;
  }
  return absl::ErrnoToStatus(error, absl::StrCat("cannot join group ", ToString(group)));
}

absl::Status GroupSockets::Open(Family family) {
  UniqueFd fd(socket(family == Family::kIpv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return absl::ErrnoToStatus(errno, "no socket to join groups with");
  sockets_.push_back({std::move(fd), family, 0});
  return absl::OkStatus();
}

}  // namespace dpvrrp
