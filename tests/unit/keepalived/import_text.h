// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/load.h"
#include "keepalived/import.h"

namespace dpvrrp::keepalived {

using Files = std::map<std::string, std::string>;

// Files of a table. A pattern that ends with '*' matches all names that begin so.
inline SourceReader ReaderOf(const Files& files) {
  SourceReader reader;
  reader.read = [files](const std::string& path) -> absl::StatusOr<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError(absl::StrCat(path, ": No such file or directory"));
    return found->second;
  };
  reader.glob = [files](const std::string& pattern) {
    std::vector<std::string> names;
    const bool all = pattern.back() == '*';
    for (const auto& [name, text] : files) {
      if (name == pattern || (all && name.rfind(pattern.substr(0, pattern.size() - 1), 0) == 0)) names.push_back(name);
    }
    return names;
  };
  return reader;
}

// A machine with some interfaces and programs.
inline HostKnowledge AHost() {
  HostKnowledge host;
  host.addresses = [](const std::string& interface) -> std::optional<std::vector<IpPrefix>> {
    static const std::map<std::string, std::vector<std::string>> kAddresses = {
        {"eth0", {"192.0.2.2/24", "fe80::2/64"}}, {"eth1", {"198.51.100.2/24"}},
        {"enp1s0", {"203.0.113.2/24"}},           {"ha0", {"169.254.0.2/24"}},
        {"bond0.10", {"198.51.100.2/24"}},        {"bond0.20", {"192.0.2.2/28"}},
    };
    const auto found = kAddresses.find(interface);
    if (found == kAddresses.end()) return std::nullopt;
    std::vector<IpPrefix> prefixes;
    for (const std::string& text : found->second) prefixes.push_back(*ParseIpPrefix(text));
    return prefixes;
  };
  host.find_program = [](const std::string& program) -> std::string {
    const bool is_path = program.rfind("/", 0) == 0 && program.rfind("/missing/", 0) != 0;
    if (is_path) return program;
    return program == "pidof" || program == "killall" ? absl::StrCat("/usr/bin/", program) : std::string();
  };
  host.has_user = [](const std::string& user) { return user == "root" || user == "nobody" || user == "web"; };
  host.table = [](const std::string& name) { return name == "uplink" ? std::optional<uint32_t>(100) : std::nullopt; };
  return host;
}

inline absl::StatusOr<ImportResult> ImportFiles(const Files& files, const HostKnowledge& host = AHost(),
                                                bool secret_files = false) {
  return ImportKeepalived({files.begin()->first, "gw-b", secret_files}, ReaderOf(files), host);
}

// Imports one text, which has no fault.
inline ImportResult Import(const std::string& text, const HostKnowledge& host = AHost()) {
  absl::StatusOr<ImportResult> result = ImportFiles({{"k.conf", text}}, host);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ImportResult();
}

// An instance with one address and these lines.
inline std::string AnInstance(const std::string& lines, const std::string& address = "192.0.2.100/24") {
  return absl::StrCat("vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n", address,
                      "\n}\n", lines, "\n}\n");
}

// "taken: priority" of the first statement that begins with `words`.
inline std::string VerdictOf(const ImportResult& result, const std::string& words) {
  for (const ReportLine& line : result.report.lines) {
    if (line.words.rfind(words, 0) == 0) return absl::StrCat(ToString(line.verdict), ": ", line.what);
  }
  return "no such statement";
}

// What the daemon says about the configuration: its errors. Every key file has one good key.
inline std::vector<std::string> ErrorsOf(const std::string& toml) {
  const auto key = [](const std::string&) -> absl::StatusOr<SecretBytes> {
    return SecretBytes({'X', 'k', '3', 'v', 'Q', '9', 'z', 'L'});
  };
  std::vector<std::string> errors;
  for (const ConfigFault& fault : LoadConfig(toml, "k.toml", key).errors) errors.push_back(dpvrrp::ToString(fault));
  return errors;
}

// The configuration as the daemon reads it.
inline Config Loaded(const ImportResult& result) {
  const LoadResult loaded = LoadConfig(result.toml, "k.toml", [](const std::string&) { return SecretBytes(); });
  for (const ConfigFault& fault : loaded.errors) ADD_FAILURE() << dpvrrp::ToString(fault) << "\n" << result.toml;
  return loaded.config;
}

inline InstanceConfig LoadedInstance(const ImportResult& result) {
  const Config config = Loaded(result);
  EXPECT_FALSE(config.instances.empty()) << result.toml;
  return config.instances.empty() ? InstanceConfig() : config.instances[0];
}

}  // namespace dpvrrp::keepalived
