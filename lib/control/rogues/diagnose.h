// SPDX-License-Identifier: BSD-3-Clause
//
// Names what is wrong on our segments and with this gateway, and the culprit, from what the workers' watches have seen
// (pipeline/watch.h) and from our own state. The judges are in control/rogues/diagnosis/.
//
// Thread: any (a pure function).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/model.h"
#include "control/rogues/verdict.h"
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
  // The last time that another host claimed an address of ours while we were master; at 0: never.
  Instant conflict_at{};
  IpAddress conflict_address;
  MacAddress conflict_mac;
  Reason reason{};                       // of this state
  std::string held_by;                   // what keeps it from being master; empty: nothing
  std::optional<uint64_t> numbers_left;  // AH: sequence numbers that have not been used
  int64_t numbers_of = 0;  // AH: the time of the record from which our numbers continue, seconds since 1970; 0: unknown
  // Addresses that the kernel should hold and does not, or that it held before we added them; "10.99.0.100/24 on eth0:
  // ...".
  std::vector<std::string> missing_addresses;
  std::vector<std::string> foreign_addresses;
};

// A port of ours, as far as judgement needs it (self_watch.h follows the counts).
struct OwnPort {
  PortId id;
  std::string name;
  MacAddress mac;
  bool up = true;
  std::string down_reason;  // why it is not up
  uint64_t received = 0;    // frames since the start
  uint64_t sent = 0;
  uint64_t send_errors = 0;
  uint64_t failed_lately = 0;  // frames that it did not send, within kDiagnosedFor
  Instant failed_at{};         // the last time that this was seen to rise
  Instant receiving_at{};      // the last time that `heard` had changed
  Instant down_since{};        // seen to be down since; meaningless while up
};

// A worker lcore of ours.
struct OwnWorker {
  uint32_t lcore = 0;
  Nanoseconds late{0};      // the longest that a turn took, or that a rest was too long, seen within kDiagnosedFor
  Instant late_at{};        // when that was seen
  Instant stalled_since{};  // it has made no turn since (control/rogues/worker_health.h); 0: it runs
  std::string why;          // why it does not run, or not enough; empty: it does
};

struct Observed {
  std::vector<WatchedInstance> instances;
  std::vector<Speaker> speakers;
  uint64_t crowded_out = 0;  // speakers that have lost their places in the watches; not 0: `speakers` are not all
  std::map<PortId, std::string> ports;  // names
  std::vector<OwnPort> own_ports;
  std::vector<OwnWorker> own_workers;
  std::map<std::string, std::shared_ptr<const KeyringConfig>> keyrings;  // whole, also keys that are out of time
  Instant started{};
  Instant now{};
  int64_t unix_ms = 0;  // at `now`
};

struct Finding {
  Verdict verdict{};
  Certainty certainty{};
  std::string instance;  // empty: none of ours, or `instances`
  // Of a fault of ours that concerns several.
  std::vector<std::string> instances;
  SpeakerKey culprit;
  std::string port;
  Priority priority;
  KeyKnown key{};
  double rate = 0;  // adverts a second
  Instant since{};  // first seen
  Instant last_seen{};
  uint64_t refused = 0;               // adverts
  std::string sentence;               // which sender does what
  std::vector<std::string> evidence;  // one fact each
  std::string mend;
};

// Returns the findings about this gateway first, then the worst and most certain ones. Of one sender it returns the
// verdict that explains most. A finding that was last seen longer than kDiagnosedFor ago is left out. A frame must be
// seen twice before it causes a finding.
inline constexpr Nanoseconds kDiagnosedFor = std::chrono::seconds(60);
std::vector<Finding> Diagnose(const Observed& observed);

KeyKnown KeyOf(const Speaker& speaker);

}  // namespace dpvrrp
