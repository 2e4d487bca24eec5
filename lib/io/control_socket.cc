// SPDX-License-Identifier: BSD-3-Clause
#include "io/control_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "io/control_protocol.h"

namespace dpvrrp::internal {
namespace {

constexpr gid_t kUnchanged = static_cast<gid_t>(-1);  // and uid_t: chown(2)

UniqueFd NewSocket() { return UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// connect() or bind(), with the cast that they need.
template <typename Call>
int WithAddress(Call call, const UniqueFd& fd, const sockaddr_un& address) {
  return call(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

absl::Status MakeParentFolder(const std::string& path, const ControlOwner& owner) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return absl::OkStatus();
  const std::string folder = path.substr(0, slash);
  if (mkdir(folder.c_str(), 0755) != 0) {
    return errno == EEXIST ? absl::OkStatus() : absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", folder));
  }
  if (chmod(folder.c_str(), 0755) != 0) return absl::ErrnoToStatus(errno, folder);  // mkdir applied the umask
  if (owner.user && chown(folder.c_str(), *owner.user, kUnchanged) != 0) return absl::ErrnoToStatus(errno, folder);
  return absl::OkStatus();
}

// Removes the socket of a dead daemon; refuses anything else.
absl::Status ClearPath(const std::string& path, const sockaddr_un& address) {
  struct stat attributes {};
  if (lstat(path.c_str(), &attributes) != 0) {
    return errno == ENOENT ? absl::OkStatus() : absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISSOCK(attributes.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a socket, move it away"));
  }
  const UniqueFd probe = NewSocket();
  if (!probe.valid()) return absl::ErrnoToStatus(errno, "socket");
  const int connected = WithAddress(connect, probe, address);
  if (connected == 0 || errno == EAGAIN) {  // EAGAIN: alive, with a full backlog
    return absl::AlreadyExistsError(absl::StrCat(path, ": a daemon is already running and answers there"));
  }
  if (errno != ECONNREFUSED) return absl::ErrnoToStatus(errno, path);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return absl::ErrnoToStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<sockaddr_un> ControlAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("socket path '", path, "': must be 1..", sizeof(address.sun_path) - 1, " bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

absl::StatusOr<UniqueFd> BindControlSocket(const std::string& path, const ControlOwner& owner) {
  DPVRRP_ASSIGN_OR_RETURN(const sockaddr_un address, ControlAddress(path));
  DPVRRP_RETURN_IF_ERROR(MakeParentFolder(path, owner));
  DPVRRP_RETURN_IF_ERROR(ClearPath(path, address));

  UniqueFd fd = NewSocket();
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "socket");
  if (WithAddress(bind, fd, address) != 0) return absl::ErrnoToStatus(errno, path);
  // No client can connect before listen(), so the mode is right in time.
  absl::Status status = GiveSocketAway(path, owner);
  if (status.ok() && listen(fd.get(), SOMAXCONN) != 0) status = absl::ErrnoToStatus(errno, path);
  if (!status.ok()) {
    unlink(path.c_str());
    return status;
  }
  return fd;
}

absl::Status GiveSocketAway(const std::string& path, const ControlOwner& owner) {
  const UniqueFd fd(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat attributes {};
  if (!fd.valid() || fstat(fd.get(), &attributes) != 0) return absl::ErrnoToStatus(errno, path);
  if (!S_ISSOCK(attributes.st_mode) || attributes.st_uid != geteuid() || attributes.st_nlink != 1) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": another process has replaced the socket"));
  }
  // The owner last: after it, a change of the mode would need CAP_FOWNER. fchmod() does not accept such a descriptor.
  const std::string itself = absl::StrCat("/proc/self/fd/", fd.get());
  if (chmod(itself.c_str(), owner.mode) != 0 ||
      fchownat(fd.get(), "", owner.user.value_or(kUnchanged), owner.group.value_or(kUnchanged), AT_EMPTY_PATH) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> ConnectControlSocket(const std::string& path) {
  DPVRRP_ASSIGN_OR_RETURN(const sockaddr_un address, ControlAddress(path));
  UniqueFd fd = NewSocket();
  if (!fd.valid()) return absl::ErrnoToStatus(errno, "socket");
  if (WithAddress(connect, fd, address) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot reach the daemon at ", path, ": ", std::strerror(errno)));
  }
  return fd;
}

}  // namespace dpvrrp::internal
