// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "config/load.h"

namespace dpvrrp {

// A good file. Tests change a line of it and name the place of the fault by these line numbers.
inline constexpr char kGoodFile[] =
    "[daemon]\n"                                   // 1
    "main_lcore = 0\n"                             // 2
    "lcores = [1]\n"                               // 3
    "idle_sleep = \"50us\"\n"                      // 4
    "[[port]]\n"                                   // 5
    "name = \"lan\"\n"                             // 6
    "device = \"net_af_packet0,iface=eth0\"\n"     // 7
    "[[instance]]\n"                               // 8
    "name = \"gw\"\n"                              // 9
    "port = \"lan\"\n"                             // 10
    "vlan = []\n"                                  // 11
    "version = 2\n"                                // 12
    "vrid = 51\n"                                  // 13
    "priority = 100\n"                             // 14
    "advertisement_interval = \"1s\"\n"            // 15
    "preempt = true\n"                             // 16
    "source_address = \"10.99.0.2\"\n"             // 17
    "source_mac = \"port\"\n"                      // 18
    "virtual_addresses = [\"10.99.0.100/24\"]\n";  // 19

// The good file with one line, or one piece of it, in place of another.
inline std::string Changed(absl::string_view piece, absl::string_view instead) {
  EXPECT_TRUE(absl::StrContains(kGoodFile, piece)) << piece;
  return absl::StrReplaceAll(kGoodFile, {{piece, instead}});
}

inline SecretBytes Bytes(const std::string& text) { return SecretBytes({text.begin(), text.end()}); }

// Loads `toml` as "/etc/c.toml"; `secrets` are the key files there are.
inline LoadResult Load(absl::string_view toml, const std::map<std::string, std::string>& secrets = {}) {
  return LoadConfig(toml, "/etc/c.toml", [&](const std::string& path) -> absl::StatusOr<SecretBytes> {
    const auto found = secrets.find(path);
    if (found == secrets.end()) return absl::NotFoundError(path + ": no such file");
    return Bytes(found->second);
  });
}

inline std::vector<std::string> Lines(const std::vector<ConfigFault>& faults) {
  std::vector<std::string> lines;
  for (const ConfigFault& fault : faults) lines.push_back(ToString(fault));
  return lines;
}

// Without the file's name: "17:18: source_address …".
inline std::vector<std::string> WithoutFile(const std::vector<ConfigFault>& faults) {
  std::vector<std::string> lines = Lines(faults);
  for (std::string& line : lines) line.erase(0, std::string("/etc/c.toml:").size());
  return lines;
}
inline std::vector<std::string> Errors(absl::string_view toml) { return WithoutFile(Load(toml).errors); }
// Of a file without errors.
inline std::vector<std::string> WarningLines(absl::string_view toml) {
  const LoadResult result = Load(toml);
  EXPECT_EQ(Lines(result.errors), std::vector<std::string>());
  return WithoutFile(result.warnings);
}

}  // namespace dpvrrp
