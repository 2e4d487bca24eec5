// SPDX-License-Identifier: BSD-3-Clause
//
// One planted fault for each verdict of `diagnose`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/rogues/diagnose.h"
#include "unit/control/rogues/lan.h"

namespace dpvrrp {

struct Planted {
  Verdict verdict;
  InstanceConfig config;
  std::function<void(Lan&)> plant;
  std::string address = "10.99.0.9";  // the culprit's; empty: the fault is ours
  std::vector<InstanceConfig> more = {};
  std::shared_ptr<const KeyringConfig> keyring = {};  // one that `config` uses
  std::function<void(Gateway&)> before = {};          // the start
  std::vector<TrackConfig> tracks = {};

  Config WholeConfig() const {
    std::vector<InstanceConfig> instances = more;
    instances.push_back(config);
    Config whole = WithInstances(std::move(instances));
    whole.tracks = tracks;
    if (keyring != nullptr) whole.keyrings = {keyring};
    return whole;
  }
};

// The counters of port "lan", as its data plane reports them.
PortStatus LanPort(bool up, uint64_t received = 100, uint64_t send_errors = 0);

std::vector<Planted> AllPlanted();

}  // namespace dpvrrp
