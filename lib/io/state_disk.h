// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "io/state_image.h"
#include "io/unique_fd.h"

namespace dpvrrp {

// The file that stores the state, in blocks of kStateBlock bytes. Every call may wait for the disk, without end if a
// file system is frozen. A test has a StateDisk in memory that is slow, full or broken.
//
// Thread: the copier's.
class StateDisk {
 public:
  virtual ~StateDisk() = default;

  // OK if the file is as we left it. Otherwise the message says how others have changed it.
  //   Aborted              it may have been written to: read it to find out
  //   NotFound, DataLoss   removed, replaced, truncated, or its permissions were changed: call Renew()
  virtual absl::Status Inspect() = 0;
  // The whole contents.
  virtual absl::StatusOr<internal::StateContents> Read() = 0;
  virtual absl::Status Write(uint64_t block, const void* bytes) = 0;
  // Waits until all writes are on the disk. After Renew() the new file also replaces the old one.
  virtual absl::Status Sync() = 0;
  // From now on writes are made to a new, empty file of this size.
  virtual absl::Status Renew(uint64_t bytes) = 0;
};

// <directory>/sequences, and <directory>/lock.
class StateFolder : public StateDisk {
 public:
  // Makes the directory (0700) if it is absent, and takes the lock.
  //   FailedPrecondition   writable by others; belongs to another user
  //   Unavailable          another copier has the lock
  static absl::StatusOr<std::unique_ptr<StateFolder>> Open(const std::string& directory);

  // NotFound: the file does not exist yet.
  absl::StatusOr<internal::StateContents> Read() override;
  absl::Status Inspect() override;
  absl::Status Write(uint64_t block, const void* bytes) override;
  absl::Status Sync() override;
  absl::Status Renew(uint64_t bytes) override;

  const std::string& path() const { return path_; }

 private:
  StateFolder() = default;
  absl::Status OpenFolder();
  void Remember();

  std::string directory_;
  std::string path_;
  UniqueFd lock_;
  UniqueFd folder_;
  UniqueFd file_;
  UniqueFd aside_;  // valid: a new file that does not have its name yet
  uint64_t bytes_ = 0;
  int64_t modified_ns_ = 0;  // time of our last write
};

}  // namespace dpvrrp
