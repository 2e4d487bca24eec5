// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

constexpr char kName[] = "sequences";
constexpr char kAside[] = "sequences.new";
constexpr mode_t kMode = 0600;

absl::Status EnsureDirectory(const std::string& directory) {
  if (mkdirat(AT_FDCWD, directory.c_str(), 0700) != 0 && errno != EEXIST) return absl::ErrnoToStatus(errno, directory);
  struct stat attributes {};
  if (stat(directory.c_str(), &attributes) != 0) return absl::ErrnoToStatus(errno, directory);
  if (!S_ISDIR(attributes.st_mode)) return absl::FailedPreconditionError(absl::StrCat(directory, ": not a directory"));
  if (attributes.st_uid != 0 && attributes.st_uid != geteuid()) {  // its owner might replace the files
    return absl::FailedPreconditionError(
        absl::StrCat(directory, ": owner is user ", attributes.st_uid, ", must be root or the daemon's user"));
  }
  if ((attributes.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(absl::StrFormat("%s: mode is %04o, must not be writable by group or others",
                                                         directory, attributes.st_mode & 07777));
  }
  return absl::OkStatus();
}

// O_CREAT waits for a frozen file system even if the file exists. So it is tried second.
absl::StatusOr<UniqueFd> Lock(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/lock");
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid() && errno == ENOENT) fd.Reset(open(path.c_str(), O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, path);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, path);
  return absl::UnavailableError(absl::StrCat(directory, ": locked by another copier"));
}

int64_t ModifiedNs(const struct stat& attributes) {
  return attributes.st_mtim.tv_sec * 1'000'000'000 + attributes.st_mtim.tv_nsec;
}

bool SameFile(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

}  // namespace

absl::StatusOr<std::unique_ptr<StateFolder>> StateFolder::Open(const std::string& directory) {
  std::unique_ptr<StateFolder> folder(new StateFolder());
  folder->directory_ = directory;
  folder->path_ = absl::StrCat(directory, "/", kName);
  DPVRRP_RETURN_IF_ERROR(folder->OpenFolder());
  return folder;
}

absl::Status StateFolder::OpenFolder() {
  DPVRRP_RETURN_IF_ERROR(EnsureDirectory(directory_));
  UniqueFd folder(open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return absl::ErrnoToStatus(errno, directory_);
  DPVRRP_ASSIGN_OR_RETURN(UniqueFd lock, Lock(directory_));
  folder_ = std::move(folder);
  lock_ = std::move(lock);
  return absl::OkStatus();
}

absl::StatusOr<internal::StateContents> StateFolder::Read() {
  UniqueFd file(openat(folder_.get(), kName, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return absl::ErrnoToStatus(errno, path_);
  struct stat attributes {};
  if (fstat(file.get(), &attributes) != 0) return absl::ErrnoToStatus(errno, path_);
  if (!S_ISREG(attributes.st_mode)) return absl::FailedPreconditionError("not a regular file");
  const auto read = [&](uint64_t offset, std::span<uint8_t> into) -> absl::Status {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t got = pread(file.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return absl::ErrnoToStatus(errno, "read");
      if (got == 0) return absl::DataLossError("truncated");
      done += static_cast<size_t>(got);
    }
    return absl::OkStatus();
  };
  absl::StatusOr<internal::StateContents> contents =
      internal::ReadState(static_cast<uint64_t>(attributes.st_size), read);
  if (!contents.ok()) return contents;
  file_ = std::move(file);
  bytes_ = static_cast<uint64_t>(attributes.st_size);
  Remember();
  return contents;
}

void StateFolder::Remember() {
  struct stat attributes {};
  if (fstat(file_.get(), &attributes) == 0) modified_ns_ = ModifiedNs(attributes);
}

absl::Status StateFolder::Inspect() {
  struct stat ours {};
  struct stat there {};
  if (stat(directory_.c_str(), &there) != 0 || fstat(folder_.get(), &ours) != 0) {
    return absl::NotFoundError(absl::StrCat(directory_, " was removed"));
  }
  if (!SameFile(ours, there))
    return absl::NotFoundError(absl::StrCat(directory_, " was replaced by another directory"));
  if (!file_.valid() || fstatat(folder_.get(), kName, &there, AT_SYMLINK_NOFOLLOW) != 0) {
    return absl::NotFoundError(absl::StrCat(path_, " was removed"));
  }
  if (fstat(file_.get(), &ours) != 0) return absl::ErrnoToStatus(errno, path_);
  if (!SameFile(ours, there)) return absl::NotFoundError(absl::StrCat(path_, " was replaced by another file"));
  if (static_cast<uint64_t>(ours.st_size) != bytes_) {
    return absl::DataLossError(absl::StrCat(path_, " was changed from ", bytes_, " bytes to ", ours.st_size));
  }
  if ((ours.st_mode & 07777) != kMode || ours.st_uid != geteuid()) {
    return absl::DataLossError(
        absl::StrFormat("%s was given to user %d, mode %04o", path_, ours.st_uid, ours.st_mode & 07777));
  }
  if (ModifiedNs(ours) != modified_ns_)
    return absl::AbortedError(absl::StrCat(path_, " was changed by another process"));
  return absl::OkStatus();
}

absl::Status StateFolder::Write(uint64_t block, const void* bytes) {
  const int fd = aside_.valid() ? aside_.get() : file_.get();
  const auto* from = static_cast<const uint8_t*>(bytes);
  const uint64_t offset = block * internal::kStateBlock;
  size_t done = 0;
  while (done < internal::kStateBlock) {
    const ssize_t put = pwrite(fd, from + done, internal::kStateBlock - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const absl::Status status = absl::ErrnoToStatus(errno, path_);
      Remember();
      return status;
    }
    done += static_cast<size_t>(put);
  }
  return absl::OkStatus();
}

absl::Status StateFolder::Sync() {
  const int fd = aside_.valid() ? aside_.get() : file_.get();
  if (fdatasync(fd) != 0) {
    const absl::Status status = absl::ErrnoToStatus(errno, path_);
    Remember();
    return status;
  }
  // The blocks are not read again. Memory has them already.
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  if (aside_.valid()) {
    if (renameat2(folder_.get(), kAside, folder_.get(), kName, 0) != 0) return absl::ErrnoToStatus(errno, path_);
    if (fsync(folder_.get()) != 0) return absl::ErrnoToStatus(errno, directory_);
    file_ = std::move(aside_);
  }
  Remember();
  return absl::OkStatus();
}

absl::Status StateFolder::Renew(uint64_t bytes) {
  aside_.Reset();
  struct stat ours {};
  struct stat there {};
  if (fstat(folder_.get(), &ours) != 0 || stat(directory_.c_str(), &there) != 0 || !SameFile(ours, there)) {
    DPVRRP_RETURN_IF_ERROR(OpenFolder());
  }
  const std::string aside = absl::StrCat(path_, ".new");
  if (unlinkat(folder_.get(), kAside, 0) != 0 && errno != ENOENT) return absl::ErrnoToStatus(errno, aside);
  UniqueFd fd(openat(folder_.get(), kAside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, aside);
  // Reserves the space now, so that later writes need none.
  if (const int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes)); error != 0) {
    unlinkat(folder_.get(), kAside, 0);
    return absl::ErrnoToStatus(error, aside);
  }
  aside_ = std::move(fd);
  bytes_ = bytes;
  return absl::OkStatus();
}

}  // namespace dpvrrp
