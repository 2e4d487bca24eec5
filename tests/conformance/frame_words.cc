// SPDX-License-Identifier: BSD-3-Clause
//
// The fields of a received advert.
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/case_words.h"

namespace dpvrrp {
namespace {

using Setter = std::function<absl::Status(AdvertFrame&, absl::string_view)>;

template <typename T>
Setter Numeric(T AdvertFrame::*field) {
  return [field](AdvertFrame& frame, absl::string_view text) {
    const absl::StatusOr<uint32_t> value = Number(text);
    if (!value.ok()) return value.status();
    if constexpr (requires { typename T::value_type; }) {
      frame.*field = static_cast<typename T::value_type>(*value);
    } else {
      frame.*field = static_cast<T>(*value);
    }
    return absl::OkStatus();
  };
}

Setter Raw(Bytes AdvertFrame::*field) {
  return [field](AdvertFrame& frame, absl::string_view text) {
    frame.*field = FromHex(text);
    return absl::OkStatus();
  };
}

// The trailer's number: seconds, 1/65536 seconds, counter.
Setter Number64(int shift) {
  return [shift](AdvertFrame& frame, absl::string_view text) {
    const absl::StatusOr<uint32_t> value = Number(text);
    if (!value.ok()) return value.status();
    frame.trailer_number |= uint64_t{*value} << shift;
    return absl::OkStatus();
  };
}

const std::map<std::string, Setter>& Setters() {
  using F = AdvertFrame;
  static const std::map<std::string, Setter> kSetters = {
      {"ethertype", Numeric(&F::ether_type)},
      {"ihl-byte", Numeric(&F::version_ihl)},
      {"tos", Numeric(&F::tos)},
      {"total-length", Numeric(&F::total_length)},
      {"ip-id", Numeric(&F::ip_id)},
      {"flags-fragment", Numeric(&F::flags_fragment)},
      {"ttl", Numeric(&F::ttl)},
      {"protocol", Numeric(&F::protocol)},
      {"ip-checksum", Numeric(&F::ip_checksum)},
      {"ah-next-header", Numeric(&F::ah_next_header)},
      {"ah-payload-length", Numeric(&F::ah_payload_len)},
      {"ah-reserved", Numeric(&F::ah_reserved)},
      {"spi", Numeric(&F::spi)},
      {"sequence", Numeric(&F::sequence)},
      {"version", Numeric(&F::version)},
      {"type", Numeric(&F::type)},
      {"vrid", Numeric(&F::vrid)},
      {"priority", Numeric(&F::priority)},
      {"count", Numeric(&F::count)},
      {"auth-type", Numeric(&F::auth_type)},
      {"interval", Numeric(&F::interval)},
      {"reserved", Numeric(&F::reserved)},
      {"checksum", Numeric(&F::checksum)},
      {"options", Raw(&F::ip_options)},
      {"auth-data", Raw(&F::auth_data)},
      {"trailer", Raw(&F::trailer)},
      {"padding", Raw(&F::padding)},
      {"trailer-type", Numeric(&F::trailer_type)},
      {"trailer-reserved", Numeric(&F::trailer_reserved)},
      {"key-id", Numeric(&F::key_id)},
      {"seconds", Number64(32)},
      {"fraction", Number64(16)},
      {"counter", Number64(0)},
      {"checksum-rule",
       [](F& f, absl::string_view t) {
         const absl::StatusOr<ChecksumRule> rule = ChecksumRuleFrom(t);
         if (rule.ok()) f.checksum_rule = *rule;
         return rule.status();
       }},
      {"extensions",  // of IPv6, by number
       [](F& f, absl::string_view t) {
         for (absl::string_view part : absl::StrSplit(t, ',')) {
           const absl::StatusOr<uint32_t> kind = Number(part);
           if (!kind.ok()) return kind.status();
           f.extension_headers.push_back(static_cast<uint8_t>(*kind));
         }
         return absl::OkStatus();
       }},
      {"from",
       [](F& f, absl::string_view t) {
         f.source = Ip(t);
         return absl::OkStatus();
       }},
      {"to",
       [](F& f, absl::string_view t) {
         f.destination = Ip(t);
         return absl::OkStatus();
       }},
      {"mac",
       [](F& f, absl::string_view t) {
         f.source_mac = Mac(t);
         return absl::OkStatus();
       }},
      {"forged",
       [](F& f, absl::string_view t) {
         f.forged = t == "yes";
         return absl::OkStatus();
       }},
      {"password",
       [](F& f, absl::string_view t) {
         f.auth_data.assign(t.begin(), t.end());
         f.auth_data.resize(8);
         return absl::OkStatus();
       }},
      {"vlan",
       [](F& f, absl::string_view t) {
         f.vlan_tags.clear();
         for (absl::string_view part : absl::StrSplit(t, '.')) {
           const absl::StatusOr<uint32_t> tci = Number(part);
           if (!tci.ok()) return tci.status();
           f.vlan_tags.push_back(static_cast<uint16_t>(*tci));
         }
         return absl::OkStatus();
       }},
  };
  return kSetters;
}

// The words about the instance, not about the frame.
constexpr const char* kInstanceWords[] = {"auth", "key", "rule", "algorithm", "addresses"};

bool IsFieldOfTheFrame(const std::string& name) {
  for (const char* other : kInstanceWords) {
    if (name == other) return false;
  }
  return name != "port";
}

// The frame as the instance's neighbour would send it.
AdvertFrame FrameOfNeighbour(const VirtualRouterConfig& to) {
  AdvertFrame frame;
  const bool v4 = to.family() == Family::kIpv4;
  frame.source = !to.unicast_peers.empty() ? to.unicast_peers[0].address : Ip(v4 ? "10.99.0.1" : "fe80::1");
  frame.destination = !to.unicast_peers.empty() ? to.machine.source : to.group;
  if (frame.destination->IsUnspecified()) frame.destination.reset();
  for (uint16_t tag : {to.vlan.outer, to.vlan.inner}) {
    if (tag != 0) frame.vlan_tags.push_back(tag);
  }
  frame.version = static_cast<uint8_t>(to.machine.version);
  frame.vrid = to.vrid.value();
  frame.checksum_rule = to.checksum;
  frame.addresses.assign(
      to.addresses.begin(),
      to.addresses.begin() + static_cast<ptrdiff_t>(to.advertised == 0 ? to.addresses.size() : to.advertised));
  return frame;
}

}  // namespace

absl::StatusOr<AdvertFrame> FrameFrom(const Words& instance, const Words& words) {
  SequenceRecord unused;
  Words merged = instance;
  for (const char* name : kInstanceWords) {
    if (const auto it = words.find(name); it != words.end()) merged[name] = it->second;
  }
  const absl::StatusOr<VirtualRouterConfig> to = ConfigFrom(merged, unused);
  if (!to.ok()) return to.status();
  AdvertFrame frame = FrameOfNeighbour(*to);
  if (to->auth == AuthKind::kAh) {
    frame.key = *KeyFrom(merged);
    frame.algorithm = *AlgorithmFrom(merged);
    frame.rule = RuleFrom(merged);
    if (to->spi != 0) frame.spi = to->spi;
  } else if (to->auth == AuthKind::kAuthHmac) {
    frame.trailer_key = *KeyFrom(merged);
    frame.key_id = to->keys->keys.front().id;
  } else if (to->auth == AuthKind::kSimple) {
    frame.auth_type = 1;
    frame.auth_data.assign(to->password.begin(), to->password.end());
  }
  for (const auto& [name, value] : words) {
    if (!IsFieldOfTheFrame(name)) continue;
    const auto setter = Setters().find(name);
    if (setter == Setters().end()) return absl::InvalidArgumentError(absl::StrCat("an advert has no ", name, "="));
    const absl::Status set = setter->second(frame, value);
    if (!set.ok()) return set;
  }
  // In the instance's unit only if it has the instance's version; otherwise the other version's usual one.
  if (!frame.interval.has_value() && frame.version == static_cast<uint8_t>(to->machine.version)) {
    const Nanoseconds interval = to->machine.advertisement_interval;
    const bool v2 = frame.version == 2;
    frame.interval = static_cast<uint16_t>(v2 ? interval / std::chrono::seconds(1) : interval / Centiseconds(1));
  }
  return frame;
}

}  // namespace dpvrrp
