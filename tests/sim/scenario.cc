// SPDX-License-Identifier: BSD-3-Clause
#include "sim/scenario.h"

#include <algorithm>
#include <chrono>

#include "sim/invariants.h"
#include "sim/prng.h"

namespace dpvrrp::sim {
namespace {

using namespace std::chrono_literals;
using Kind = Action::Kind;

constexpr int64_t kMaxNodes = 5;

Bytes RandomBytes(Prng& prng, size_t count) {
  Bytes out(count);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(prng.Between(1, 255));
  return out;
}

NodePlan MakeNode(Prng& prng, int number, bool keepalived) {
  NodePlan node;
  node.name = std::string(1, static_cast<char>((keepalived ? 'K' : 'A') + number));
  node.keepalived = keepalived;
  // The order of addresses is independent of the numbers, so that the two decide differently.
  const auto last = static_cast<uint8_t>(10 * (number + 1) + (prng.OneIn(2) ? 100 : 0));
  node.address = IpAddress::V4(0x0a630000 + last);
  node.link_local =
      IpAddress::V6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, prng.OneIn(2) ? uint8_t{1} : uint8_t{0}, last});
  node.mac = MacAddress{{0x02, 0, 0, 0, 0, static_cast<uint8_t>(number + 1)}};
  node.ppm = prng.Between(-200, 200);
  node.poll = prng.OneIn(3) ? prng.Between(100us, 2ms) : prng.Between(1us, 50us);
  node.control = prng.Between(1ms, 20ms);
  return node;
}

// The advertisement interval of a seed's virtual routers. A seed has one, because its events have the same pace.
enum class Pace : uint8_t { kSeconds, kTenths, kHundredths };

Nanoseconds AnyInterval(Prng& prng, Pace pace) {
  const Nanoseconds unit = pace == Pace::kSeconds ? 1s : pace == Pace::kTenths ? Nanoseconds(100ms) : 10ms;
  return unit * (prng.OneIn(3) ? prng.Between(2, 3) : 1);
}

void MakeV3(Prng& prng, Pace pace, VirtualRouterPlan& router) {
  router.version = VrrpVersion::kV3;
  router.family = prng.OneIn(2) ? Family::kIpv4 : Family::kIpv6;
  router.answer_lower = !prng.OneIn(5);
  router.interval = AnyInterval(prng, pace);
  if (prng.OneIn(4)) router.longest_learned = 2 * router.interval;
}

void MakeV2(Prng& prng, bool with_keepalived, VirtualRouterPlan& router) {
  router.answer_lower = prng.OneIn(4);
  router.interval = AnyInterval(prng, Pace::kSeconds);
  const int64_t kind = prng.Between(1, 10);
  router.auth = kind <= 8 ? AuthKind::kAh : kind == 9 ? AuthKind::kSimple : AuthKind::kNone;
  if (router.auth == AuthKind::kAh) {
    router.key = RandomBytes(prng, 8);
    if (!with_keepalived && prng.OneIn(2)) {
      router.icv_rule = IcvRule::kRfc4302;
      router.algorithm = prng.OneIn(2) ? MacAlgorithm::kHmacSha256_128 : MacAlgorithm::kHmacSha1_96;
      router.key = RandomBytes(prng, router.algorithm == MacAlgorithm::kHmacSha256_128 ? 32 : 20);
    }
  } else if (router.auth == AuthKind::kSimple) {
    const Bytes password = RandomBytes(prng, 8);
    std::copy(password.begin(), password.end(), router.password.begin());
  }
}

VirtualRouterPlan MakeRouter(Prng& prng, int number, Pace pace, const std::vector<NodePlan>& nodes) {
  const bool with_keepalived = nodes.back().keepalived;
  VirtualRouterPlan router;
  if (pace != Pace::kSeconds || prng.OneIn(3)) {
    MakeV3(prng, pace, router);
  } else {
    MakeV2(prng, with_keepalived, router);
  }
  // The two families' VRIDs have nothing to do with each other (V3-15).
  router.vrid = Vrid(static_cast<uint8_t>(51 + (router.family == Family::kIpv4 ? number : 0)));
  router.answer_higher = prng.OneIn(6);
  router.v2_coexistence =
      router.version == VrrpVersion::kV3 && router.family == Family::kIpv4 && !with_keepalived && prng.OneIn(6);
  const int64_t addresses = prng.OneIn(4) ? prng.Between(2, 20) : 1;
  for (int64_t i = 0; i < addresses; ++i) {
    const auto last = static_cast<uint8_t>(32 * number + i);
    router.addresses.push_back(router.family == Family::kIpv4
                                   ? IpAddress::V4(0x0a630100u + last)
                                   : IpAddress::V6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, last}));
  }
  const int64_t owner = prng.OneIn(8) ? prng.Between(0, static_cast<int64_t>(nodes.size()) - 1) : -1;
  const bool preempt = !prng.OneIn(5);
  for (size_t i = 0; i < nodes.size(); ++i) {
    VirtualRouterPlan::Member member;
    member.priority = Priority(static_cast<uint8_t>(prng.OneIn(4) ? 100 : prng.Between(1, 254)));
    if (static_cast<int64_t>(i) == owner && !nodes[i].keepalived) member.priority = kPriorityOwner;
    member.preempt = preempt;
    if (!with_keepalived && prng.OneIn(2)) member.checksum = ChecksumRule::kRfc9568;
    router.members.push_back(member);
  }
  return router;
}

// Writes the timeline, and keeps track of what is up.
class Timeline {
 public:
  Timeline(Prng& prng, Pace pace, Scenario& scenario)
      : prng_(prng), pace_(pace), s_(scenario), up_(s_.nodes.size(), true), link_(s_.nodes.size(), true) {
    for (const VirtualRouterPlan& router : s_.routers) slowest_.push_back(router.interval);
    may_lose_ = std::all_of(s_.routers.begin(), s_.routers.end(),
                            [](const VirtualRouterPlan& r) { return r.icv_rule == IcvRule::kKeepalived; });
  }

  void Write() {
    for (int node = 0; node < Nodes(); ++node) {
      Action& start = Add(Between(0ms, 3s), Kind::kStart);
      start.node = node;
    }
    now_ = 3s;
    Attackers();
    Settle();
    const int64_t phases = prng_.Between(3, 6);
    for (int64_t phase = 0; phase < phases; ++phase) {
      Trouble();
      Heal();
      Attackers();
      Settle();
    }
    s_.end = now_;
    std::stable_sort(s_.actions.begin(), s_.actions.end(),
                     [](const Action& a, const Action& b) { return a.at < b.at; });
  }

 private:
  int Nodes() const { return static_cast<int>(s_.nodes.size()); }
  int AnyNode() { return static_cast<int>(prng_.Between(0, Nodes() - 1)); }
  int AnyRouter() { return static_cast<int>(prng_.Between(0, static_cast<int64_t>(s_.routers.size()) - 1)); }
  // Longer or shorter with the pace.
  Nanoseconds Between(Nanoseconds low, Nanoseconds high) {
    const int64_t share = pace_ == Pace::kSeconds ? 1 : pace_ == Pace::kTenths ? 10 : 50;
    return prng_.Between(low / share, high / share);
  }
  Action& Add(SimTime at, Kind kind) {
    Action action;
    action.at = at;
    action.kind = kind;
    return s_.actions.emplace_back(action);
  }

  void Trouble() {
    changing_.assign(s_.routers.size(), false);
    const Nanoseconds length = Between(1s, 12s);
    const int64_t faults = prng_.Between(1, 5);
    std::vector<SimTime> times;
    for (int64_t i = 0; i < faults; ++i) times.push_back(now_ + prng_.Between(0ns, length));
    std::sort(times.begin(), times.end());
    for (const SimTime at : times) Fault(at);
    now_ += length;
  }

  void Fault(SimTime at) {
    const int64_t kind = prng_.Between(1, 100);
    const int node = AnyNode();
    if (kind <= 12) {
      Action& a = Add(at, Kind::kQuality);
      a.loss = static_cast<int>(prng_.OneIn(3) ? prng_.Between(50, 95) : prng_.Between(0, 40));
      a.duplicate = static_cast<int>(prng_.Between(0, 50));
      a.time = prng_.OneIn(2) ? Between(0ms, 5ms) : Between(0ms, 1500ms);
    } else if (kind <= 22) {
      Add(at, Kind::kPartition).mask = static_cast<uint32_t>(prng_.Between(1, (1 << Nodes()) - 2));
    } else if (kind <= 32) {
      Action& a = Add(at, Kind::kCutOneWay);
      a.node = node;
      a.other = (node + 1 + static_cast<int>(prng_.Between(0, Nodes() - 2))) % Nodes();
    } else if (kind <= 60) {
      Fall(at, node);
    } else if (kind <= 66) {
      Add(at, link_[static_cast<size_t>(node)] ? Kind::kLinkDown : Kind::kLinkUp).node = node;
      link_[static_cast<size_t>(node)] = !link_[static_cast<size_t>(node)];
    } else if (kind <= 74) {
      Action& a = Add(at, prng_.OneIn(2) ? Kind::kStall : Kind::kJump);
      a.node = node;
      a.time = prng_.OneIn(3) ? Between(1s, 8s) : Between(1ms, 900ms);
    } else if (kind <= 78) {
      Action& a = Add(at, Kind::kRate);
      a.node = node;
      a.value = prng_.Between(-300, 300);
    } else if (kind <= 86) {
      Action& a = Add(at, Kind::kPriority);
      a.node = node;
      a.router = AnyRouter();
      a.value = prng_.Between(1, 254);
    } else if (kind <= 90) {
      Interval(at);
    } else if (kind <= 92) {
      Action& a = Add(at, Kind::kPreempt);
      a.node = node;
      a.router = AnyRouter();
      a.value = prng_.Between(0, 1);
    } else {
      Action& a = Add(at, kind <= 94 ? Kind::kReadd : kind <= 97 ? Kind::kResign : Kind::kTakeover);
      a.node = node;
      a.router = AnyRouter();
    }
  }

  // A node stops, or starts again.
  void Fall(SimTime at, int node) {
    if (!up_[static_cast<size_t>(node)]) return Start(at, node);
    // Linux writes back within 35 s.
    Add(std::max(SimTime{}, at - Between(1ms, prng_.OneIn(2) ? 4s : 35s)), Kind::kSnapshot).node = node;
    Add(at, prng_.OneIn(3) ? Kind::kStop : Kind::kCrash).node = node;
    up_[static_cast<size_t>(node)] = false;
    if (prng_.OneIn(2)) Start(at + Between(10ms, 6s), node);
  }

  void Start(SimTime at, int node) {
    Action& a = Add(at, Kind::kStart);
    a.node = node;
    const int64_t kind = prng_.Between(1, 6);
    a.file = kind <= 4 ? StateFile::kKept : kind == 5 || !may_lose_ ? StateFile::kOld : StateFile::kLost;
    up_[static_cast<size_t>(node)] = true;
    last_start_ = std::max(last_start_, at);
  }

  // A VRRPv2 interval must be the same everywhere (V2-13): an operator changes one node after the other. VRRPv3's may
  // differ for good.
  void Interval(SimTime at) {
    const int router = AnyRouter();
    if (changing_[static_cast<size_t>(router)]) return;  // two at once would leave nodes that disagree
    changing_[static_cast<size_t>(router)] = true;
    const bool v3 = s_.routers[static_cast<size_t>(router)].version == VrrpVersion::kV3;
    const Nanoseconds interval = AnyInterval(prng_, v3 ? pace_ : Pace::kSeconds);
    Nanoseconds& slowest = slowest_[static_cast<size_t>(router)];
    slowest = v3 ? std::max(slowest, interval) : interval;
    const int only = v3 ? AnyNode() : -1;
    for (int node = 0; node < Nodes(); ++node) {
      if (only >= 0 && node != only) continue;
      Action& a = Add(at + Between(0ms, 1s), Kind::kInterval);
      a.node = node;
      a.router = router;
      a.time = interval;
      last_start_ = std::max(last_start_, a.at);
    }
  }

  // One node may stay away. The others start again, and every link is restored.
  void Heal() {
    now_ = std::max(now_, last_start_ + 1ms);
    Add(now_, Kind::kHeal);
    const int absent = prng_.OneIn(3) ? AnyNode() : -1;
    for (int node = 0; node < Nodes(); ++node) {
      if (!link_[static_cast<size_t>(node)]) {
        Add(now_, Kind::kLinkUp).node = node;
        link_[static_cast<size_t>(node)] = true;
      }
      if (!up_[static_cast<size_t>(node)] && node != absent) Start(now_ + Between(0ms, 100ms), node);
    }
  }

  // The attacker continues through the quiet time and the next trouble.
  void Attackers() {
    Action& attack = Add(now_, Kind::kAttack);
    attack.time = prng_.OneIn(3) ? 0ns : Between(20ms, 2s);
    if (!prng_.OneIn(12)) return;
    Action& flood = Add(now_ + Between(1s, 8s), Kind::kFlood);
    flood.node = AnyNode();
    flood.value = prng_.Between(1, 60);
  }

  void Settle() {
    Nanoseconds longest{};
    for (size_t i = 0; i < s_.routers.size(); ++i) {
      const Nanoseconds down = RuleDown(s_.routers[i].version, Priority(1), slowest_[i]);
      const bool keepalived =
          std::any_of(s_.nodes.begin(), s_.nodes.end(), [](const NodePlan& n) { return n.keepalived; });
      longest = std::max(longest, SettleTime(down, slowest_[i], keepalived) + prng_.Between(2, 8) * slowest_[i]);
    }
    now_ += longest + 2s;  // stalls and delayed frames of the trouble end by then
  }

  Prng& prng_;
  const Pace pace_;
  Scenario& s_;
  SimTime now_{};
  SimTime last_start_{};
  std::vector<bool> up_;
  std::vector<bool> link_;
  std::vector<bool> changing_;        // routers whose interval changes in this trouble
  std::vector<Nanoseconds> slowest_;  // interval that is or, in VRRPv3, may still be believed
  bool may_lose_ = true;
};

}  // namespace

Nanoseconds SettleTime(Nanoseconds slowest_down, Nanoseconds interval, bool with_keepalived) {
  const Nanoseconds meet = slowest_down + 3 * interval + 200ms;
  return with_keepalived ? 2 * meet + 8 * interval : meet;
}

Scenario MakeScenario(uint64_t seed) {
  Prng prng(seed);
  Scenario s;
  s.seed = seed;
  const int64_t nodes = prng.Between(2, kMaxNodes);
  const int64_t keepalived = prng.OneIn(3) ? prng.Between(1, nodes - 1) : 0;
  for (int i = 0; i < nodes; ++i) s.nodes.push_back(MakeNode(prng, i, i >= nodes - keepalived));
  const Pace pace = prng.OneIn(10) ? Pace::kHundredths : prng.OneIn(4) ? Pace::kTenths : Pace::kSeconds;
  const int64_t routers = prng.OneIn(2) ? 1 : prng.Between(2, 3);
  bool has_v6 = false;
  for (int i = 0; i < routers; ++i) {
    VirtualRouterPlan router = MakeRouter(prng, i, pace, s.nodes);
    if (router.family == Family::kIpv6 && std::exchange(has_v6, true)) continue;  // it has the one VRID
    s.routers.push_back(std::move(router));
  }
  Timeline(prng, pace, s).Write();
  return s;
}

}  // namespace dpvrrp::sim
