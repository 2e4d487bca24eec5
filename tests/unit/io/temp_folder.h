// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"

namespace dpvrrp {

// A folder of the test, removed at its end. Its name is short, because a socket's path has at most 107 bytes.
class TempFolder {
 public:
  TempFolder() {
    char name[] = "/tmp/dpvrrp-io-XXXXXX";
    DPVRRP_CHECK(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void WriteBytes(const std::string& path, const std::string& bytes, mode_t mode = 0600) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  DPVRRP_CHECK(chmod(path.c_str(), mode) == 0);
}

inline mode_t ModeOf(const std::string& path) {
  struct stat attributes {};
  return lstat(path.c_str(), &attributes) == 0 ? attributes.st_mode & 07777 : 0;
}

}  // namespace dpvrrp
