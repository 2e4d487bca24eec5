// SPDX-License-Identifier: BSD-3-Clause
#include "import_files.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "io/unique_fd.h"

namespace dpvrrp {
namespace {

constexpr char kConfigName[] = "dpvrrp.toml";

// "PATH: No such file or directory", of errno.
absl::Status Plain(const std::string& path, absl::StatusCode code) {
  return absl::Status(code, absl::StrCat(path, ": ", strerror(errno)));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return Plain(path, absl::StatusCode::kNotFound);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return Plain(path, absl::StatusCode::kUnavailable);
  if (S_ISDIR(status.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory"));
  std::string text;
  std::vector<char> buffer(65536);
  while (text.size() <= keepalived::kMaxFileBytes) {
    const ssize_t got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Plain(path, absl::StatusCode::kUnavailable);
    if (got == 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

std::vector<std::string> Match(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return files;
}

absl::Status WriteNew(const std::string& path, const std::string& text, mode_t mode) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (file.get() < 0) return Plain(path, absl::StatusCode::kUnavailable);
  for (size_t done = 0; done < text.size();) {
    const ssize_t put = write(file.get(), text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Plain(path, absl::StatusCode::kUnavailable);
    done += static_cast<size_t>(put);
  }
  return absl::OkStatus();
}

}  // namespace

keepalived::SourceReader FileReader() { return {&ReadWhole, &Match}; }

absl::Status WriteImport(const std::string& folder, const keepalived::ImportResult& result) {
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
    return Plain(errno == ENOENT && !parent.empty() ? parent.string() : folder, absl::StatusCode::kUnavailable);
  }
  struct New {
    std::string path;
    const std::string* text;
    mode_t mode;
  };
  std::vector<New> files = {{absl::StrCat(folder, "/", kConfigName), &result.toml, 0644}};
  for (const keepalived::SecretFile& secret : result.secrets) {
    files.push_back({absl::StrCat(folder, "/", secret.name), &secret.text, 0600});
  }
  for (const New& file : files) {
    struct stat status {};
    if (lstat(file.path.c_str(), &status) == 0) {
      return absl::AlreadyExistsError(absl::StrCat(file.path, " exists already: remove it, or choose another folder"));
    }
  }
  for (const New& file : files) {
    const absl::Status written = WriteNew(file.path, *file.text, file.mode);
    if (!written.ok()) return written;
  }
  return absl::OkStatus();
}

}  // namespace dpvrrp
