// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <termios.h>

#include <memory>

namespace dpvrrp {

// A terminal that passes on each key at once and does not show it, for as long as this object lives. Signals of keys
// (Ctrl-C) and the conversion of line ends stay. `fd` must stay open.
//
// Thread: any.
class RawTerminal {
 public:
  // Null: `fd` is no terminal, or cannot be changed.
  static std::unique_ptr<RawTerminal> Enter(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  RawTerminal(int fd, const termios& before) : fd_(fd), before_(before) {}

  int fd_;
  termios before_;
};

}  // namespace dpvrrp
