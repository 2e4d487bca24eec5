// SPDX-License-Identifier: BSD-3-Clause
//
// The meaning of a seed: the nodes of a LAN, their virtual routers, and the events with their times. Only values, so a
// trace can print all of it before the first frame is sent.
//
// A seed is a sequence of phases. Each begins with trouble: some faults at random times. Then everything is healed, and
// the LAN stays whole for as long as the rules may take to settle, and some intervals more in which they must hold.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "crypto/mac_algorithm.h"
#include "sim/local_clock.h"
#include "support/bytes.h"

namespace dpvrrp::sim {

struct VirtualRouterPlan {
  Vrid vrid;
  VrrpVersion version = VrrpVersion::kV2;
  Family family = Family::kIpv4;
  bool answer_lower = false;      // lower_prio_no_advert = false: VRRPv3's rule, an option in VRRPv2
  bool answer_higher = false;     // higher_prio_send_advert
  bool v2_coexistence = false;    // VRRPv3 over IPv4
  Nanoseconds longest_learned{};  // VRRPv3; 0: as announced
  AuthKind auth = AuthKind::kNone;
  IcvRule icv_rule = IcvRule::kKeepalived;
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  Bytes key;                          // kAh
  std::array<uint8_t, 8> password{};  // kSimple
  Nanoseconds interval{};
  std::vector<IpAddress> addresses;
  struct Member {
    Priority priority;
    bool preempt = true;
    ChecksumRule checksum = ChecksumRule::kRfc5798;  // VRRPv3 over IPv4
  };
  std::vector<Member> members;  // one for each node
};

struct NodePlan {
  std::string name;
  bool keepalived = false;  // the model; otherwise our own Shard
  IpAddress address;
  IpAddress link_local;
  MacAddress mac;
  int64_t ppm = 0;        // of its clock
  Nanoseconds poll{};     // greatest delay until an arrived frame is read
  Nanoseconds control{};  // a transition reaches the host's addresses so much later at most

  const IpAddress& source(Family family) const { return family == Family::kIpv4 ? address : link_local; }
};

enum class StateFile : uint8_t {
  kKept,  // SIGKILL, an orderly restart
  kOld,   // power loss: as old as the last writeback, and `sent` moved ahead (io/state_file.h)
  kLost,
};

struct Action {
  enum class Kind : uint8_t {
    kQuality,    // loss, duplicates (percent), jitter
    kCutOneWay,  // from `node`, what `other` would hear
    kPartition,  // bits of `mask` name one side
    kHeal,       // quality and links are good again
    kCrash,      // node
    kStop,       // node: an orderly end
    kStart,      // node, file
    kSnapshot,   // node: the state that kOld restores
    kLinkDown,   // node
    kLinkUp,     // node
    kStall,      // node is not run for `time`
    kJump,       // node's clock, by `time`
    kRate,       // node's clock, to `value` ppm
    kPriority,   // node, router, value
    kInterval,   // node, router, time
    kPreempt,    // node, router, value: 0 or 1
    kReadd,      // node, router
    kResign,     // node, router
    kTakeover,   // node, router
    kAttack,     // from now on every `time` on average; 0: no more
    kFlood,      // node: `value` bursts of forged adverts
  };
  SimTime at{};
  Kind kind{};
  int node = 0;
  int other = 0;
  int router = 0;
  int64_t value = 0;
  Nanoseconds time{};
  uint32_t mask = 0;
  int loss = 0;       // percent
  int duplicate = 0;  // percent
  StateFile file{};
};
std::string Describe(const Action& action);

struct Scenario {
  uint64_t seed = 0;
  std::vector<NodePlan> nodes;
  std::vector<VirtualRouterPlan> routers;
  std::vector<Action> actions;  // in order of time
  SimTime end{};
};
std::string Describe(const Scenario& scenario);

Scenario MakeScenario(uint64_t seed);

// Longest time after which a virtual router whose nodes hear each other must have settled on one master: the slowest
// backup's Master_Down_Interval, in which a master not heard before is heard; and three intervals, in which two masters
// meet. With keepalived's shared counter two masters can refuse each other's numbers for some intervals more.
Nanoseconds SettleTime(Nanoseconds slowest_down, Nanoseconds interval, bool with_keepalived);

}  // namespace dpvrrp::sim
