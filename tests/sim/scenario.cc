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
  // Addresses in an order of their own, so that they and the numbers decide differently.
  const auto last = static_cast<uint8_t>(10 * (number + 1) + (prng.OneIn(2) ? 100 : 0));
  node.address = IpAddress::V4(0x0a630000 + last);
  node.mac = MacAddress{{0x02, 0, 0, 0, 0, static_cast<uint8_t>(number + 1)}};
  node.ppm = prng.Between(-200, 200);
  node.poll = prng.OneIn(3) ? prng.Between(100us, 2ms) : prng.Between(1us, 50us);
  node.control = prng.Between(1ms, 20ms);
  return node;
}

VirtualRouterPlan MakeRouter(Prng& prng, int number, const std::vector<NodePlan>& nodes, bool with_keepalived) {
  VirtualRouterPlan router;
  router.vrid = Vrid(static_cast<uint8_t>(51 + number));
  router.interval = std::chrono::seconds(prng.OneIn(4) ? prng.Between(2, 3) : 1);
  const int64_t kind = prng.Between(1, 10);
  router.auth = kind <= 7 ? AuthKind::kAh : kind == 8 ? AuthKind::kSimple : AuthKind::kNone;
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
  const int64_t addresses = prng.OneIn(4) ? prng.Between(2, 20) : 1;
  for (int64_t i = 0; i < addresses; ++i) {
    router.addresses.push_back(IpAddress::V4(0x0a630100 + static_cast<uint32_t>(32 * number + i)));
  }
  const int64_t owner = prng.OneIn(8) ? prng.Between(0, static_cast<int64_t>(nodes.size()) - 1) : -1;
  const bool preempt = !prng.OneIn(5);
  for (size_t i = 0; i < nodes.size(); ++i) {
    VirtualRouterPlan::Member member;
    member.priority = Priority(static_cast<uint8_t>(prng.OneIn(4) ? 100 : prng.Between(1, 254)));
    if (static_cast<int64_t>(i) == owner && !nodes[i].keepalived) member.priority = kPriorityOwner;
    member.preempt = preempt;
    router.members.push_back(member);
  }
  return router;
}

// Writes the timeline, keeping account of what is up.
class Timeline {
 public:
  Timeline(Prng& prng, Scenario& scenario)
      : prng_(prng), s_(scenario), up_(s_.nodes.size(), true), link_(s_.nodes.size(), true) {
    for (const VirtualRouterPlan& router : s_.routers) intervals_.push_back(router.interval);
    may_lose_ = std::all_of(s_.routers.begin(), s_.routers.end(),
                            [](const VirtualRouterPlan& r) { return r.icv_rule == IcvRule::kKeepalived; });
  }

  void Write() {
    for (int node = 0; node < Nodes(); ++node) {
      Action& start = Add(prng_.Between(0ms, 3s), Kind::kStart);
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
  Action& Add(SimTime at, Kind kind) {
    Action action;
    action.at = at;
    action.kind = kind;
    return s_.actions.emplace_back(action);
  }

  void Trouble() {
    const Nanoseconds length = prng_.Between(1s, 12s);
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
      a.time = prng_.OneIn(2) ? prng_.Between(0ms, 5ms) : prng_.Between(0ms, 1500ms);
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
      a.time = prng_.OneIn(3) ? prng_.Between(1s, 8s) : prng_.Between(1ms, 900ms);
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
    } else {
      Action& a = Add(at, kind <= 93 ? Kind::kReadd : kind <= 97 ? Kind::kResign : Kind::kTakeover);
      a.node = node;
      a.router = AnyRouter();
    }
  }

  // A node goes, or comes back.
  void Fall(SimTime at, int node) {
    if (!up_[static_cast<size_t>(node)]) return Start(at, node);
    // Linux writes back within 35 s.
    Add(std::max(SimTime{}, at - prng_.Between(1ms, prng_.OneIn(2) ? 4s : 35s)), Kind::kSnapshot).node = node;
    Add(at, prng_.OneIn(3) ? Kind::kStop : Kind::kCrash).node = node;
    up_[static_cast<size_t>(node)] = false;
    if (prng_.OneIn(2)) Start(at + prng_.Between(10ms, 6s), node);
  }

  void Start(SimTime at, int node) {
    Action& a = Add(at, Kind::kStart);
    a.node = node;
    const int64_t kind = prng_.Between(1, 6);
    a.file = kind <= 4 ? StateFile::kKept : kind == 5 || !may_lose_ ? StateFile::kOld : StateFile::kLost;
    up_[static_cast<size_t>(node)] = true;
    last_start_ = std::max(last_start_, at);
  }

  // A v2 interval must be the same everywhere (V2-13): an operator changes one node after the other.
  void Interval(SimTime at) {
    const int router = AnyRouter();
    const Nanoseconds interval = std::chrono::seconds(prng_.Between(1, 3));
    intervals_[static_cast<size_t>(router)] = interval;
    for (int node = 0; node < Nodes(); ++node) {
      Action& a = Add(at + prng_.Between(0ms, 1s), Kind::kInterval);
      a.node = node;
      a.router = router;
      a.time = interval;
      last_start_ = std::max(last_start_, a.at);
    }
  }

  // One node may stay away; the others come back, and every link is good.
  void Heal() {
    now_ = std::max(now_, last_start_ + 1ms);
    Add(now_, Kind::kHeal);
    const int absent = prng_.OneIn(3) ? AnyNode() : -1;
    for (int node = 0; node < Nodes(); ++node) {
      if (!link_[static_cast<size_t>(node)]) {
        Add(now_, Kind::kLinkUp).node = node;
        link_[static_cast<size_t>(node)] = true;
      }
      if (!up_[static_cast<size_t>(node)] && node != absent) Start(now_ + prng_.Between(0ms, 100ms), node);
    }
  }

  // Who attacks goes on through the quiet and the next trouble.
  void Attackers() {
    Action& attack = Add(now_, Kind::kAttack);
    attack.time = prng_.OneIn(3) ? 0ns : prng_.Between(20ms, 2s);
    if (!prng_.OneIn(12)) return;
    Action& flood = Add(now_ + prng_.Between(1s, 8s), Kind::kFlood);
    flood.node = AnyNode();
    flood.value = prng_.Between(1, 60);
  }

  void Settle() {
    Nanoseconds longest{};
    for (size_t i = 0; i < s_.routers.size(); ++i) {
      const Nanoseconds down = RuleDown(s_.routers[i].version, Priority(1), intervals_[i]);
      const bool keepalived =
          std::any_of(s_.nodes.begin(), s_.nodes.end(), [](const NodePlan& n) { return n.keepalived; });
      longest = std::max(longest, SettleTime(down, intervals_[i], keepalived) + prng_.Between(2, 8) * intervals_[i]);
    }
    now_ += longest + 2s;  // stalls and delayed frames of the trouble end by then
  }

  Prng& prng_;
  Scenario& s_;
  SimTime now_{};
  SimTime last_start_{};
  std::vector<bool> up_;
  std::vector<bool> link_;
  std::vector<Nanoseconds> intervals_;
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
  const int64_t routers = prng.OneIn(2) ? 1 : prng.Between(2, 3);
  for (int i = 0; i < routers; ++i) s.routers.push_back(MakeRouter(prng, i, s.nodes, keepalived > 0));
  Timeline(prng, s).Write();
  return s;
}

}  // namespace dpvrrp::sim
