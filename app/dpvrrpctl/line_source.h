// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dpvrrp {

// Where command lines come from when there are none in the arguments.
//
// Thread: one.
class LineSource {
 public:
  using Completer = std::function<std::vector<std::string>(const std::string& line)>;

  virtual ~LineSource() = default;

  // The next line without its newline; nullopt at the end. Ctrl-C at a prompt drops the line and gives an empty one.
  virtual std::optional<std::string> Next() = 0;
};

// Standard input as it comes.
std::unique_ptr<LineSource> MakePipedLines();
// A prompt on the terminal; with libedit it has history, editing, and completion by the Tab key.
std::unique_ptr<LineSource> MakePrompt(LineSource::Completer completer);

}  // namespace dpvrrp
