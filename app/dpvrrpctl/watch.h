// SPDX-License-Identifier: BSD-3-Clause
//
// `watch`: the answer to a command, drawn again and again on the whole screen.
//
// Thread: main.
#pragma once

#include <string>
#include <vector>

#include "session.h"

namespace dpvrrp {

// `words` are those behind `watch`: [--interval SECONDS] [COMMAND...]; without a command, `show overview`. Ends by q,
// Ctrl-C or the end of standard input. While the daemon does not answer, the screen says so.
ExitCode Watch(Session& session, std::vector<std::string> words);

}  // namespace dpvrrp
