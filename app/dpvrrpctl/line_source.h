// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dpvrrp {

// The source of command lines if the arguments have none.
//
// Thread: one.
class LineSource {
 public:
  using Completer = std::function<std::vector<std::string>(const std::string& line)>;

  virtual ~LineSource() = default;

  // The next line without its newline; nullopt at the end. Ctrl-C at a prompt discards the line and returns an empty
  // one.
  virtual std::optional<std::string> Next() = 0;
};

// Lines of standard input, unchanged.
std::unique_ptr<LineSource> MakePipedLines();
// A prompt on the terminal. With libedit it has history, editing, and completion by the Tab key.
std::unique_ptr<LineSource> MakePrompt(LineSource::Completer completer);

}  // namespace dpvrrp
