// SPDX-License-Identifier: BSD-3-Clause
#include "io/line_input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace dpvrrp {

absl::StatusOr<std::unique_ptr<LineInput>> LineInput::Open(Reactor& reactor, int fd) {
  struct stat attributes {};
  if (fstat(fd, &attributes) != 0) return absl::UnavailableError("the input is closed");
  const bool is_socket = S_ISSOCK(attributes.st_mode);
  UniqueFd own;
  if (!is_socket)
    own.Reset(open(absl::StrCat("/proc/self/fd/", fd).c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  // A terminal of another user cannot be opened again. Then a read may block if another process reads it too.
  if (!own.valid()) own.Reset(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!own.valid()) return absl::ErrnoToStatus(errno, "the input cannot be opened");
  std::unique_ptr<LineInput> input(new LineInput(reactor, std::move(own), is_socket));
  input->Watch();
  input->is_file_ = !input->watched_;                         // a regular file, or /dev/null
  lseek(input->fd_.get(), lseek(fd, 0, SEEK_CUR), SEEK_SET);  // only a file has a place; others refuse
  input->ReadFile();
  return input;
}

LineInput::~LineInput() {
  if (watched_) reactor_.Remove(fd_.get());
}

bool LineInput::TakeLine(std::string* line, bool* too_long) {
  if (lines_.empty()) return false;
  *line = std::move(lines_.front().text);
  *too_long = lines_.front().too_long;
  lines_.pop_front();
  ReadFile();
  Watch();
  return true;
}

bool LineInput::TakeKey(char* key) {
  if (next_key_ == keys_.size()) {
    keys_.clear();
    next_key_ = 0;
    Watch();
    return false;
  }
  *key = keys_[next_key_++];
  return true;
}

// The reactor does not wake for a file. One without line ends, such as /dev/zero, ends at the limit of a line.
void LineInput::ReadFile() {
  while (is_file_ && lines_.empty() && !ended_) {
    Read();
    if (partial_.too_long) End();
  }
}

void LineInput::SetReading(bool on) {
  reading_ = on;
  Watch();
}

// Only while nothing waits to be taken, so that a fast sender cannot fill the memory. A removed descriptor does not
// wake the reactor with EPOLLHUP again and again.
void LineInput::Watch() {
  const bool on = reading_ && !is_file_ && !ended_ && !HasInput();
  if (on == watched_) return;
  if (!on) reactor_.Remove(fd_.get());
  watched_ = on && reactor_.Add(fd_.get(), kReadable, [this](uint32_t) { Read(); }).ok();
}

void LineInput::Read() {
  std::array<char, 4096> bytes;
  const ssize_t got = is_socket_ ? recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)
                                 : read(fd_.get(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0 && keys_only_) keys_.append(bytes.data(), static_cast<size_t>(got));
  if (got > 0 && !keys_only_) Split(bytes.data(), static_cast<size_t>(got));
  if (got <= 0) End();  // EIO: the terminal is closed
  Watch();
}

void LineInput::Split(const char* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (bytes[i] == '\n') {
      if (!partial_.text.empty() && partial_.text.back() == '\r') partial_.text.pop_back();
      lines_.push_back(std::exchange(partial_, {}));
    } else if (partial_.text.size() == kMaxInputLine) {
      partial_ = {"", true};
    } else if (!partial_.too_long) {
      partial_.text += bytes[i];
    }
  }
}

// The last line may have no newline.
void LineInput::End() {
  if (!partial_.text.empty()) lines_.push_back(std::exchange(partial_, {}));
  ended_ = true;
  if (std::exchange(watched_, false)) reactor_.Remove(fd_.get());
}

}  // namespace dpvrrp
