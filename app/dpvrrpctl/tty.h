// SPDX-License-Identifier: BSD-3-Clause
//
// The operator's terminal: its size, colours, the pager, questions.
//
// Thread: main.
#pragma once

#include <signal.h>

#include <cstddef>
#include <string>

namespace dpvrrp {

// What standard output is now. The size is that of this moment: the operator may change it.
struct Tty {
  bool is_terminal = false;
  size_t width = 0;  // columns
  size_t height = 0;
  bool colour = false;   // it is a terminal with colours, and NO_COLOR (no-color.org) is not set
  bool can_ask = false;  // standard input is a terminal too

  static Tty Now();
};

// Prints `text`. If it has more lines than the terminal, it goes through $PAGER, or `less -FRX` where that exists.
void Page(const Tty& tty, const std::string& text);

// Asks on the terminal. True: the answer begins with y.
bool AskYes(const std::string& question);

// From now on the signal makes a waiting call return and does not end the program. Returns what it did before.
struct sigaction InterruptInsteadOfDying(int signal);

void Print(const std::string& text);  // on standard output, at once

}  // namespace dpvrrp
