// SPDX-License-Identifier: BSD-3-Clause
#include "capture_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "cli/words.h"
#include "io/unique_fd.h"
#include "tty.h"

namespace dpvrrp {
namespace {

ExitCode Fail(const std::string& path, const std::string& why) {
  fputs(absl::StrCat("dpvrrpctl: ", path, ": ", why, "\n").c_str(), stderr);
  return ExitCode::kFailed;
}

// The frames of a pcapng file: its enhanced packet blocks.
size_t CountFrames(const std::string& path) {
  constexpr uint32_t kPacketBlock = 6, kLeastBlock = 12;
  std::ifstream in(path, std::ios::binary);
  size_t frames = 0;
  std::array<uint32_t, 2> head{};  // type and length, in the order of this machine, as the daemon writes them
  while (in.read(reinterpret_cast<char*>(head.data()), sizeof head) && head[1] >= kLeastBlock) {
    frames += head[0] == kPacketBlock ? 1 : 0;
    in.seekg(head[1] - sizeof head, std::ios::cur);
  }
  return frames;
}

// Standard output is the file meanwhile, so the session treats it as any file. SIGINT and SIGTERM end the stream; in a
// prompt they have their former effect afterwards.
ExitCode RunInto(const UniqueFd& file, Session& session, const std::string& line) {
  fflush(stdout);
  const UniqueFd terminal(dup(STDOUT_FILENO));
  dup2(file.get(), STDOUT_FILENO);
  const struct sigaction on_interrupt = InterruptInsteadOfDying(SIGINT), on_end = InterruptInsteadOfDying(SIGTERM);
  const ExitCode code = session.Run(line);
  sigaction(SIGINT, &on_interrupt, nullptr);
  sigaction(SIGTERM, &on_end, nullptr);
  fflush(stdout);
  dup2(terminal.get(), STDOUT_FILENO);
  return code;
}

}  // namespace

bool IsCaptureToFile(const std::vector<std::string>& words) {
  return words.size() > 1 && words[0] == "capture" && words[1].find_first_of("./") != std::string::npos;
}

ExitCode CaptureToFile(Session& session, const std::vector<std::string>& words) {
  const std::string& path = words[1];
  std::vector<std::string> command = words;
  command.erase(command.begin() + 1);
  const bool replaces = std::erase(command, "--yes") > 0;
  // The file that is replaced stays until the capture has ended.
  const std::string written = replaces ? absl::StrCat(path, ".part") : path;
  const int how = O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL);
  const UniqueFd file(open(written.c_str(), how, 0600));
  if (file.get() < 0 && errno == EEXIST) return Fail(path, "exists; to replace it, use --yes");
  if (file.get() < 0) return Fail(written, strerror(errno));
  const ExitCode code = RunInto(file, session, JoinWords(command));
  if (code != ExitCode::kOk) {
    if (lseek(file.get(), 0, SEEK_END) == 0) unlink(written.c_str());
    return code;
  }
  if (replaces && rename(written.c_str(), path.c_str()) != 0) return Fail(path, strerror(errno));
  fputs(absl::StrCat(path, ": ", CountText(CountFrames(path), "frame"), "\n").c_str(), stderr);
  return code;
}

}  // namespace dpvrrp
