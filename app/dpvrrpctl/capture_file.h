// SPDX-License-Identifier: BSD-3-Clause
//
// `capture FILE [CONDITIONS]`: the daemon's answer to `capture`, in a file.
//
// Thread: main.
#pragma once

#include <string>
#include <vector>

#include "session.h"

namespace dpvrrp {

// Whether the second word of this command is a file: it has a dot or a slash, which no keyword has.
bool IsCaptureToFile(const std::vector<std::string>& words);

// Writes to the file until the daemon, SIGINT or SIGTERM ends the stream, and says how many frames it has. The file has
// mode 0600, because adverts may have passwords. One that exists is replaced only with `--yes` among the words.
ExitCode CaptureToFile(Session& session, const std::vector<std::string>& words);

}  // namespace dpvrrp
