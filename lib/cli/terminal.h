// SPDX-License-Identifier: BSD-3-Clause
//
// What a client says of the terminal on which it will show the answer, in front of a command:
//
//   screen 80,colour,ask show instances
//
// The number is the width in columns, 0 if it is not limited. `colour`: it shows colours. `ask`: it can ask the
// operator whether a command is to be carried out. `look`: the client repeats the
// command by itself, so it must change nothing. Without this the answer is for a program: every column, and no
// question.
//
// Thread: any (pure).
#pragma once

#include "absl/strings/string_view.h"
#include "cli/report.h"

namespace dpvrrp {

inline constexpr absl::string_view kScreenWord = "screen ";

struct Terminal {
  Screen screen;
  bool asks = false;
  bool looks = false;
};

// Removes it from the front of the line. False: the line has none, and is unchanged.
bool TakeTerminal(absl::string_view* line, Terminal* terminal);

}  // namespace dpvrrp
