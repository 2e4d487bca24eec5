// SPDX-License-Identifier: BSD-3-Clause
//
// The steps of LoadConfig: each table is read by itself into a draft, then the drafts are checked against each other.
//
// Thread: control.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"
#include "config/faults.h"
#include "config/load.h"
#include "config/model.h"
#include "config/table_reader.h"

namespace dpvrrp::config_internal {

// A draft points at the values that the cross-checks speak of. Null: absent or faulty, and reported already.
struct PortDraft {
  PortConfig config;
  const Node* name = nullptr;
  const Node* device = nullptr;
  const Node* lcores = nullptr;
};

struct InstanceDraft {
  InstanceConfig config;
  const Node* name = nullptr;
  const Node* port = nullptr;
  const Node* vrid = nullptr;
};

struct Draft {
  DaemonConfig daemon;
  std::vector<PortDraft> ports;
  std::vector<InstanceDraft> instances;
};

struct ReadContext {
  Faults& faults;
  const SecretReader& read_secret;
  std::string folder;  // of the configuration file, with its '/'; empty: the working directory
};

DaemonConfig ReadDaemon(const Node& table, Faults& faults);
PortDraft ReadPort(const Node& table, Faults& faults);
InstanceDraft ReadInstance(const Node& table, const ReadContext& context);
AuthConfig ReadAuthentication(const Node& table, const ReadContext& context);

// `name` as it is in the file; the result is null unless it is a good name.
const Node* ReadName(const TableReader& reader, std::string* name);

void CrossCheck(const Draft& draft, Faults& faults);
void CheckPortLcores(const Draft& draft, Faults& faults);  // its part about [daemon] and [[port]]

}  // namespace dpvrrp::config_internal
