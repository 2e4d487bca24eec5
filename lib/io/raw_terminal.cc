// SPDX-License-Identifier: BSD-3-Clause
#include "io/raw_terminal.h"

namespace dpvrrp {

std::unique_ptr<RawTerminal> RawTerminal::Enter(int fd) {
  termios before{};
  if (tcgetattr(fd, &before) != 0) return nullptr;
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(fd, TCSADRAIN, &raw) != 0) return nullptr;
  return std::unique_ptr<RawTerminal>(new RawTerminal(fd, before));
}

// TCSADRAIN would wait for a terminal that is stopped by Ctrl-S.
RawTerminal::~RawTerminal() { tcsetattr(fd_, TCSANOW, &before_); }

}  // namespace dpvrrp
