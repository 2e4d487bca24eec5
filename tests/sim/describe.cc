// SPDX-License-Identifier: BSD-3-Clause
//
// A scenario as text, for traces.
#include "absl/strings/str_cat.h"
#include "sim/milliseconds.h"
#include "sim/scenario.h"

namespace dpvrrp::sim {
namespace {

absl::string_view Words(Action::Kind kind) {
  using Kind = Action::Kind;
  switch (kind) {
    case Kind::kQuality:
      return "network quality";
    case Kind::kCutOneWay:
      return "one way cut";
    case Kind::kPartition:
      return "partition";
    case Kind::kHeal:
      return "network healed";
    case Kind::kCrash:
      return "crash";
    case Kind::kStop:
      return "stop";
    case Kind::kStart:
      return "start";
    case Kind::kSnapshot:
      return "state file written back";
    case Kind::kLinkDown:
      return "link down";
    case Kind::kLinkUp:
      return "link up";
    case Kind::kStall:
      return "stall";
    case Kind::kJump:
      return "clock jumps";
    case Kind::kRate:
      return "clock rate";
    case Kind::kPriority:
      return "set priority";
    case Kind::kInterval:
      return "set interval";
    case Kind::kPreempt:
      return "set preempt";
    case Kind::kReadd:
      return "remove and add";
    case Kind::kResign:
      return "resign";
    case Kind::kTakeover:
      return "takeover";
    case Kind::kAttack:
      return "attackers";
    case Kind::kFlood:
      return "flood";
  }
  return "?";
}

absl::string_view Words(StateFile file) {
  return file == StateFile::kKept ? "state kept" : file == StateFile::kOld ? "state old" : "state lost";
}

absl::string_view Words(AuthKind auth) {
  return auth == AuthKind::kAh ? "AH" : auth == AuthKind::kSimple ? "simple" : "none";
}

}  // namespace

std::string Describe(const Action& a) {
  using Kind = Action::Kind;
  std::string out = absl::StrCat("* ", Words(a.kind));
  switch (a.kind) {
    case Kind::kQuality:
      absl::StrAppend(&out, ": loss ", a.loss, " %, duplicates ", a.duplicate, " %, jitter ", Ms(a.time));
      break;
    case Kind::kCutOneWay:
      absl::StrAppend(&out, ": node ", a.other, " does not hear node ", a.node);
      break;
    case Kind::kPartition:
      absl::StrAppendFormat(&out, ": mask %#x", a.mask);
      break;
    case Kind::kHeal:
      break;
    case Kind::kStart:
      absl::StrAppend(&out, " node ", a.node, ", ", Words(a.file));
      break;
    case Kind::kAttack:
      absl::StrAppend(&out, a.time == Nanoseconds(0) ? std::string(" stop") : ": every " + Ms(a.time));
      break;
    default:
      absl::StrAppend(&out, " node ", a.node, " router ", a.router, " value ", a.value, " time ", Ms(a.time));
  }
  return out;
}

std::string Describe(const Scenario& s) {
  std::string out = absl::StrCat("seed ", s.seed, ", ", s.end / std::chrono::seconds(1), " s\n");
  for (size_t i = 0; i < s.nodes.size(); ++i) {
    const NodePlan& n = s.nodes[i];
    absl::StrAppend(&out, "node ", i, " ", n.name, n.keepalived ? " (keepalived)" : "", " ", ToString(n.address), " ",
                    n.ppm, " ppm, poll ", Ms(n.poll), ", control ", Ms(n.control), "\n");
  }
  for (size_t i = 0; i < s.routers.size(); ++i) {
    const VirtualRouterPlan& r = s.routers[i];
    absl::StrAppend(&out, "router ", i, " VRID ", int{r.vrid.value()}, " v", static_cast<int>(r.version),
                    r.family == Family::kIpv6 ? "/IPv6 " : " ", Words(r.auth),
                    r.icv_rule == IcvRule::kRfc4302 ? "/rfc4302" : "", " every ", Ms(r.interval), ", ",
                    r.addresses.size(), " addresses");
    absl::StrAppend(&out, r.answer_lower ? ", answers lower" : "", r.answer_higher ? ", answers higher" : "",
                    r.v2_coexistence ? ", speaks v2 too" : "");
    if (r.longest_learned.count() > 0) absl::StrAppend(&out, ", learns up to ", Ms(r.longest_learned));
    absl::StrAppend(&out, ", priorities");
    for (const auto& m : r.members) absl::StrAppend(&out, " ", int{m.priority.value()}, m.preempt ? "" : "(stays)");
    absl::StrAppend(&out, "\n");
  }
  return out;
}

}  // namespace dpvrrp::sim
