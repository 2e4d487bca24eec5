// SPDX-License-Identifier: BSD-3-Clause
//
// Translates a keepalived.conf into a configuration of dpvrrpd, with a report of every statement. keepalived.conf(5) of
// keepalived 2.2.7 defines the language; what keepalived does with values that its manual does not describe was
// measured.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "keepalived/report.h"
#include "keepalived/source.h"

namespace dpvrrp::keepalived {

// What the importer asks about the machine. A function that is not set: the machine is not known, and nothing is taken
// from it.
//
// Thread: one.
struct HostKnowledge {
  // The addresses of an interface, the primary ones first. Nothing: this machine has no such interface.
  std::function<std::optional<std::vector<IpPrefix>>(const std::string& interface)> addresses;
  // The absolute path of a program that is named with or without it; empty: this machine has no such program.
  std::function<std::string(const std::string& program)> find_program;
  std::function<bool(const std::string& user)> has_user;
  // The number of a routing table that is named in rt_tables.
  std::function<std::optional<uint32_t>(const std::string& name)> table;
};

struct ImportRequest {
  std::string file;           // the keepalived.conf
  std::string config_id;      // of @-conditions: keepalived's -i, or the first part of the host's name
  bool secret_files = false;  // keys and passwords are written into files of their own
};

struct SecretFile {
  std::string name;  // without a folder; the configuration refers to it by this name
  std::string text;
};

struct ImportResult {
  std::string toml;
  std::vector<SecretFile> secrets;  // if ImportRequest::secret_files
  Report report;
};

// Errors: the file cannot be read, or it has a fault that leaves its meaning open ("FILE:LINE: rule").
//
// Thread: one (pure except for the functions that are passed).
absl::StatusOr<ImportResult> ImportKeepalived(const ImportRequest& request, const SourceReader& reader,
                                              const HostKnowledge& host);

}  // namespace dpvrrp::keepalived
