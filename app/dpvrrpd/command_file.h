// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "script/script.h"

namespace dpvrrp {

struct CommandFile {
  std::string name;
  std::vector<Statement> statements;
};

// Reads and checks a command file and all files that it includes, against the commands of the control socket.
//
// Thread: control.
ScriptResult LoadCommandFile(const std::string& file);

}  // namespace dpvrrp
