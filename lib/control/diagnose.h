// SPDX-License-Identifier: BSD-3-Clause
//
// Names what is wrong on our segments, and who does it, from what the workers' watches have seen (pipeline/watch.h).
//
// Thread: any (a pure function).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/model.h"
#include "control/verdict.h"
#include "pipeline/watch.h"
#include "vrrp/machine.h"

namespace dpvrrp {

// An instance of ours as far as judgement needs it.
struct WatchedInstance {
  const InstanceConfig* config = nullptr;
  PortId port;
  Priority priority;  // running
  State state{};
  Instant since{};    // in this state
  Vrid next_vrid{0};  // not 0: it is moving there
  Vrid left_vrid{0};  // not 0: it has come from there
  MacAddress port_mac;
  // The last time that somebody else said he had an address of ours while we were master; at 0: never.
  Instant conflict_at{};
  IpAddress conflict_address;
  MacAddress conflict_mac;
};

struct Observed {
  std::vector<WatchedInstance> instances;
  std::vector<Speaker> speakers;
  std::map<PortId, std::string> ports;  // names
  Instant now{};
};

struct Finding {
  Verdict verdict{};
  Certainty certainty{};
  std::string instance;  // empty: none of ours
  SpeakerKey culprit;
  std::string port;
  Priority priority;
  KeyKnown key{};
  double rate = 0;  // adverts a second
  Instant since{};  // first seen
  Instant last_seen{};
  uint64_t refused = 0;               // adverts
  std::string sentence;               // who does what
  std::vector<std::string> evidence;  // one fact each
  std::string mend;
};

// The worst and surest first; of what one speaker does, the verdict that explains most. What was seen last longer than
// kDiagnosedFor ago is no matter any more; nothing is said before it was seen twice.
inline constexpr Nanoseconds kDiagnosedFor = std::chrono::seconds(60);
std::vector<Finding> Diagnose(const Observed& observed);

KeyKnown KeyOf(const Speaker& speaker);

}  // namespace dpvrrp
