// SPDX-License-Identifier: BSD-3-Clause
//
// Command files in memory, and a grammar of a few commands.
#pragma once

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/grammar.h"
#include "script/script.h"

namespace dpvrrp {

inline absl::Status IsKnownCommand(absl::string_view line) {
  static constexpr CommandSpec kSpecs[] = {{"show status", ""},
                                           {"show ports", ""},
                                           {"show instances [state STATE]", ""},
                                           {"show instance NAME", ""},
                                           {"show events [--follow]", ""},
                                           {"resign NAME", ""}};
  return ParseCommand(kSpecs, line).status();
}

inline absl::Status IsKnownQuestion(absl::string_view line) {
  if (line.substr(0, 6) == "resign") return absl::InvalidArgumentError("resign changes something");
  return IsKnownCommand(line);
}

using Files = std::map<std::string, std::string>;

inline ScriptResult ParseFiles(const Files& files, const std::string& first = "lab.cmds") {
  return ParseScript(first,
                     [&](const std::string& path) -> absl::StatusOr<std::string> {
                       const auto it = files.find(path);
                       if (it == files.end()) return absl::NotFoundError("No such file or directory");
                       return it->second;
                     },
                     {IsKnownCommand, IsKnownQuestion});
}

inline ScriptResult ParseText(const std::string& text) { return ParseFiles({{"lab.cmds", text}}); }

// Every fault, one a line.
inline std::string FaultsOf(const ScriptResult& result) {
  std::string all;
  for (const ConfigFault& fault : result.errors) absl::StrAppend(&all, ToString(fault), "\n");
  return all;
}

}  // namespace dpvrrp
