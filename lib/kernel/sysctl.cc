// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

std::string PathOf(absl::string_view family, const std::string& device, absl::string_view name) {
  return absl::StrCat("/proc/sys/net/", family, "/conf/", device, "/", name);
}

absl::Status ReadNumber(const std::string& path, int& value) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  char text[32];
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  // SimpleAtoi accepts the newline at the end.
  if (size <= 0 || !absl::SimpleAtoi(absl::string_view(text, static_cast<size_t>(size)), &value)) {
    return absl::InternalError(absl::StrCat(path, " does not hold a number"));
  }
  return absl::OkStatus();
}

absl::Status WriteNumber(const std::string& path, int value) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot set ", path, " to ", value));
  const std::string text = absl::StrCat(value);
  const ssize_t size = write(fd, text.data(), text.size());
  const int error = errno;
  close(fd);
  if (size < 0) return absl::ErrnoToStatus(error, absl::StrCat("cannot set ", path, " to ", value));
  return absl::OkStatus();
}

}  // namespace

absl::Status SetDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value) {
  const std::string path = PathOf(family, device, name);
  int before = 0;
  const absl::Status status = ReadNumber(path, before);
  return !status.ok() || before == value ? status : WriteNumber(path, value);
}

absl::Status RaiseDeviceSysctl(absl::string_view family, const std::string& device, absl::string_view name, int value) {
  const std::string path = PathOf(family, device, name);
  int before = 0;
  const absl::Status status = ReadNumber(path, before);
  return !status.ok() || before >= value ? status : WriteNumber(path, value);
}

}  // namespace dpvrrp
