// SPDX-License-Identifier: BSD-3-Clause
//
// A program and its arguments, written as one string. keepalived's files have such strings, and no shell reads them
// there either.
//
// Thread: any (pure).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

struct CommandWord {
  std::string text;
  bool quoted = false;  // a quotation mark or a backslash in it shows that its characters are meant literally
};

// White space separates words. Between two ' or two " it does not. A backslash takes away the meaning of the character
// after it, also between quotation marks. InvalidArgument: the rule that is broken. No words if there are none.
absl::StatusOr<std::vector<CommandWord>> SplitCommand(absl::string_view text);

// The first argument that only a shell would interpret, such as "&&", ">/dev/null" or "$(date)". Empty: there is none.
// Words in quotation marks are meant as they are, and so is the script after `sh -c`.
absl::string_view ShellWordOf(std::span<const CommandWord> command);

}  // namespace dpvrrp::config_internal
