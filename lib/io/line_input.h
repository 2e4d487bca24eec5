// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "io/reactor.h"
#include "io/unique_fd.h"

namespace dpvrrp {

inline constexpr size_t kMaxInputLine = 4096;  // bytes; a longer line is discarded, and TakeLine() says so

// Lines, or keys, from a terminal, a pipe, a socket or a file, without blocking. The descriptor that is given stays in
// its mode, because other processes may share it (O_NONBLOCK belongs to the open file): the input opens the file again
// for itself.
//
// Thread: control.
class LineInput {
 public:
  // The reactor wakes for new lines and for the end, and must outlive the input. Unavailable: `fd` is closed.
  static absl::StatusOr<std::unique_ptr<LineInput>> Open(Reactor& reactor, int fd);
  ~LineInput();
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;

  // False: none is complete. A discarded line is returned empty, with `too_long`.
  bool TakeLine(std::string* line, bool* too_long);
  // Bytes instead of lines from now on, for an editor. Call it before the first line.
  void TakeKeys() { keys_only_ = true; }
  bool TakeKey(char* key);  // false: none was typed
  bool HasInput() const { return !lines_.empty() || next_key_ < keys_.size(); }
  bool ended() const { return ended_ && !HasInput(); }  // nothing will follow
  // Reads only while this is on. Off, the rest waits at the sender.
  void SetReading(bool on);

 private:
  struct Line {
    std::string text;
    bool too_long = false;
  };

  LineInput(Reactor& reactor, UniqueFd fd, bool is_socket)
      : reactor_(reactor), fd_(std::move(fd)), is_socket_(is_socket) {}
  void Read();
  void ReadFile();
  void Watch();
  void Split(const char* bytes, size_t count);
  void End();

  Reactor& reactor_;
  UniqueFd fd_;
  bool is_socket_;
  bool watched_ = false;  // by the reactor
  bool is_file_ = false;  // always readable, and no descriptor that epoll takes
  bool reading_ = true;
  bool ended_ = false;
  Line partial_;
  bool keys_only_ = false;
  std::string keys_;
  size_t next_key_ = 0;  // of keys_
  std::deque<Line> lines_;
};

}  // namespace dpvrrp
