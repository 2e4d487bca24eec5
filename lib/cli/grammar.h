// SPDX-License-Identifier: BSD-3-Clause
//
// The command language. Commands are rows of a visible table that the caller owns; parsing, completion and help are
// derived from it.
//
//   constexpr CommandSpec kCommands[] = {
//       {"show instance NAME", "one instance in detail"},
//       {"show events [--follow]", "what happened lately"},
//       {"set instance NAME priority N", "change the priority until the next reload"},
//   };
//
// A pattern's words:
//   keyword    lower-case letters, digits, hyphens. May be abbreviated to any prefix that is unique at its place.
//   NAME       upper-case: a parameter; any one word.
//   [--flag]   optional, anywhere in the line. --json is accepted by every command without being named.
//   [word X]   an option: a keyword and its parameter, or neither. Options end the pattern and come in any order.
//
// A command that answers a table also takes the options of kViewOptions, after its own ones and in any order. These may
// be written with dashes too, and then anywhere: `--limit 20`, `--limit=20`.
//
// If a keyword and a parameter compete for a place, a whole keyword wins and an abbreviated keyword does not. A word in
// quotes is always a parameter. So an instance called "all" stays reachable as `"all"`.
//
// If an abbreviation fits several keywords and one of them begins all others ("inst": instance, instances), the words
// after it decide.
//
// Thread: any (pure functions).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {

struct CommandSpec {
  absl::string_view pattern;
  absl::string_view help;  // one line, lower-case, no full stop
  bool table = false;      // it answers one table, so it takes kViewOptions
};

// The options that select, order and cut the table of an answer (table_view.h): keyword and parameter. `where` may be
// repeated.
inline constexpr std::pair<absl::string_view, absl::string_view> kViewOptions[] = {
    {"where", "CONDITION"}, {"sort", "COLUMN"}, {"limit", "ROWS"}, {"columns", "COLUMNS"}};

struct ParsedCommand {
  size_t index = 0;                                       // of the command in the table
  std::vector<std::string> arguments;                     // the parameters, in pattern order, without the options'
  std::map<std::string, std::string> options;             // by keyword; those given
  std::vector<std::pair<std::string, std::string>> view;  // of kViewOptions, those given
  std::vector<std::string> flags;  // as in the pattern, without brackets: "--follow"; not those of every command
  bool json = false;               // --json, which every command accepts
  bool wide = false;               // --wide, likewise: all columns, whatever the width of the screen

  bool HasFlag(absl::string_view flag) const;
};

// InvalidArgument names the bad word and what was expected there:
//   expected one of: status instances instance drops events, got 'foo'
//   'show' is not complete, expected one of: status instances instance drops events
//   's' is ambiguous: status segments senders
//   expected one of: show set help, got 'shwo'; did you mean 'show'?
absl::StatusOr<ParsedCommand> ParseCommand(std::span<const CommandSpec> specs, absl::string_view line);

// The values a parameter may take right now, for example the instances' names for "NAME". May return too many; they are
// filtered.
using ParameterValues = std::function<std::vector<std::string>(absl::string_view parameter)>;

// The candidates for the last word of `line` (the empty word, if the line is empty or ends in a blank): each replaces
// that word whole, already quoted if need be. Sorted, without duplicates; empty if the line makes no sense so far.
std::vector<std::string> Complete(std::span<const CommandSpec> specs, absl::string_view line,
                                  const ParameterValues& parameter_values);

// A line per command, in table order; with `prefix` (abbreviations allowed) only the commands that begin so. A long
// pattern has its help on the next line.
std::string HelpText(std::span<const CommandSpec> specs, const std::vector<std::string>& prefix = {});

}  // namespace dpvrrp
