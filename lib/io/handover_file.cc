// SPDX-License-Identifier: BSD-3-Clause
#include "io/handover_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kFirstWord = "dpvrrp-handover-1";
constexpr absl::string_view kLastLine = "end\n";

// The boot and the network namespace, in which alone a hand-over counts.
std::string Here() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  struct stat network {};
  if (stat("/proc/self/ns/net", &network) != 0) network.st_ino = 0;
  return absl::StrCat(boot, " ", network.st_ino);
}

std::string ReadAll(int fd) {
  std::string text;
  std::vector<char> buffer(65536);
  ssize_t count = 0;
  while ((count = pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(buffer.data(), static_cast<size_t>(count));
  }
  return text;
}

struct Contents {
  std::string text;
  Instant end{};
};

// "dpvrrp-handover-1 BOOT NAMESPACE END", the text, "end".
absl::StatusOr<Contents> Parse(absl::string_view file, const std::string& here) {
  if (file.empty()) return absl::NotFoundError("no hand-over");
  if (!absl::ConsumeSuffix(&file, kLastLine)) return absl::DataLossError("the file is not complete");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(file, absl::MaxSplits('\n', 1));
  const std::vector<absl::string_view> words = absl::StrSplit(parts.first, ' ');
  int64_t end = 0;
  if (words.size() != 4 || words[0] != kFirstWord || !absl::SimpleAtoi(words[3], &end)) {
    return absl::DataLossError("its first line is not that of a hand-over");
  }
  if (absl::StrCat(words[1], " ", words[2]) != here) {
    return absl::FailedPreconditionError("it is of another boot or of another network namespace");
  }
  return Contents{std::string(parts.second), Instant(Nanoseconds(end))};
}

absl::Status ErrnoOf(absl::string_view path) { return absl::ErrnoToStatus(errno, path); }

std::string PathIn(const std::string& directory) { return absl::StrCat(directory, "/handover"); }

}  // namespace

absl::StatusOr<HandoverFile> HandoverFile::Open(const std::string& directory) {
  const std::string path = PathIn(directory);
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!fd.valid()) return ErrnoOf(path);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return ErrnoOf(path);
  if (!S_ISREG(status.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path, " is no regular file"));
  if (status.st_uid != geteuid()) return absl::FailedPreconditionError(absl::StrCat(path, " belongs to another user"));
  std::string here = Here();
  absl::StatusOr<Contents> contents = Parse(ReadAll(fd.get()), here);
  if (ftruncate(fd.get(), 0) != 0) return ErrnoOf(path);
  if (!contents.ok()) return HandoverFile(std::move(fd), std::move(here), contents.status());
  return HandoverFile(std::move(fd), std::move(here), std::move(contents->text));
}

absl::StatusOr<std::string> HandoverFile::Take() { return std::exchange(text_, absl::NotFoundError("no hand-over")); }

absl::Status HandoverFile::Write(absl::string_view text, Instant end) {
  const std::string file =
      absl::StrCat(kFirstWord, " ", here_, " ", end.time_since_epoch().count(), "\n", text, kLastLine);
  for (size_t written = 0; written < file.size();) {
    const ssize_t count = pwrite(fd_.get(), file.data() + written, file.size() - written, static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return absl::ErrnoToStatus(count == 0 ? ENOSPC : errno, "the hand-over file");
    written += static_cast<size_t>(count);
  }
  return absl::OkStatus();
}

std::optional<Instant> HandoverFile::EndOf(const std::string& directory) {
  const UniqueFd fd(open(PathIn(directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid()) return std::nullopt;
  const absl::StatusOr<Contents> contents = Parse(ReadAll(fd.get()), Here());
  if (!contents.ok()) return std::nullopt;
  return contents->end;
}

}  // namespace dpvrrp
