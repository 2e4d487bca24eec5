// SPDX-License-Identifier: BSD-3-Clause
#include "agent/fifo_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"

namespace dpvrrp {
namespace {

constexpr mode_t kMode = 0600;
constexpr int kLinesPerTurn = 1000;  // then the agent's other work has its turn

}  // namespace

void FifoWriter::Add(const std::string& line) {
  if (waiting_ + line.size() + 1 > kMaxWaiting) {
    ++lost_;
    if (full_reported_ || !fd_.valid()) return;  // if it cannot be opened, that was reported instead
    news_.push_back({AgentNews::Kind::kFifoFull, path_, 0});
    full_reported_ = true;
    return;
  }
  lines_.push_back(line + "\n");
  waiting_ += lines_.back().size();
  added_ = true;
}

bool FifoWriter::IsReplaced() const {
  struct stat now {};
  return lstat(path_.c_str(), &now) != 0 || now.st_dev != device_ || now.st_ino != inode_;
}

// Inspected before it is opened, because the opening of a device may do something.
absl::Status FifoWriter::Open() {
  struct stat file {};
  if (lstat(path_.c_str(), &file) != 0) {
    if (errno != ENOENT) return absl::ErrnoToStatus(errno, path_);
    if (mkfifo(path_.c_str(), kMode) != 0 && errno != EEXIST) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot make the FIFO ", path_));
    }
  } else if (!S_ISFIFO(file.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path_, " is no FIFO; remove it"));
  }
  UniqueFd fd(open(path_.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid() || fstat(fd.get(), &file) != 0) return absl::ErrnoToStatus(errno, path_);
  if (!S_ISFIFO(file.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path_, " is no FIFO; remove it"));
  fd_ = std::move(fd);
  device_ = file.st_dev;
  inode_ = file.st_ino;
  return absl::OkStatus();
}

void FifoWriter::Report(const absl::Status& status) {
  const std::string text(status.message());
  if (!status.ok() && text != fault_) news_.push_back({AgentNews::Kind::kFifoFault, text, 0});
  fault_ = text;
}

void FifoWriter::Work(Instant now) {
  if (lines_.empty()) return;
  if (fd_.valid() && (added_ || now >= next_look_)) {
    if (IsReplaced()) {
      fd_.Reset();
      written_ = 0;            // the new file gets whole lines
      next_look_ = Instant();  // at once
    } else {
      next_look_ = now + kLookEvery;
    }
  }
  added_ = false;
  if (!fd_.valid()) {
    if (now < next_look_) return;
    next_look_ = now + kLookEvery;
    const absl::Status status = Open();
    Report(status);
    if (!status.ok()) return;
  }
  Write();
  if (lost_ == 0 || waiting_ > kMaxWaiting / 2) return;
  full_reported_ = false;
  news_.push_back({AgentNews::Kind::kFifoLost, path_, std::exchange(lost_, 0)});
}

// One write for each line: up to PIPE_BUF bytes, the kernel does not mix it with lines of other writers.
void FifoWriter::Write() {
  for (int i = 0; i < kLinesPerTurn && !lines_.empty(); ++i) {
    const std::string& line = lines_.front();
    const ssize_t got = write(fd_.get(), line.data() + written_, line.size() - written_);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) {
      Report(absl::ErrnoToStatus(errno, path_));
      fd_.Reset();
      written_ = 0;
      return;
    }
    written_ += static_cast<size_t>(got);
    if (written_ < line.size()) continue;
    written_ = 0;
    waiting_ -= line.size();
    lines_.pop_front();
  }
}

void FifoWriters::Add(const FifoLine& line, Instant now) {
  auto found = writers_.find(line.path);
  if (found == writers_.end()) {
    if (writers_.size() >= kMaxFifos) {
      if (!too_many_) {
        news_.push_back({AgentNews::Kind::kFifoFault,
                         absl::StrCat(line.path, ": at most ", kMaxFifos, " FIFOs are written; restart the daemon"),
                         0});
      }
      too_many_ = true;
      return;
    }
    found = writers_.try_emplace(line.path, line.path).first;
  }
  found->second.Add(line.line);
  found->second.Work(now);
}

void FifoWriters::Work(Instant now) {
  for (auto& [path, writer] : writers_) writer.Work(now);
}

bool FifoWriters::idle() const {
  return std::none_of(writers_.begin(), writers_.end(), [](const auto& entry) { return entry.second.waits(); });
}

Instant FifoWriters::next_look() const {
  Instant next = kNever;
  for (const auto& [path, writer] : writers_) next = std::min(next, writer.next_look());
  return next;
}

std::vector<int> FifoWriters::WaitingFds() const {
  std::vector<int> fds;
  for (const auto& [path, writer] : writers_) {
    if (writer.waits() && writer.fd() >= 0) fds.push_back(writer.fd());
  }
  return fds;
}

std::vector<AgentNews> FifoWriters::TakeNews() {
  std::vector<AgentNews> news = std::exchange(news_, {});
  for (auto& [path, writer] : writers_) {
    for (AgentNews& item : writer.TakeNews()) news.push_back(std::move(item));
  }
  return news;
}

}  // namespace dpvrrp
