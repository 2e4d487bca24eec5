// SPDX-License-Identifier: BSD-3-Clause
#include "conformance/case_words.h"

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "crypto/mac_key.h"

namespace dpvrrp {
namespace {

std::string Get(const Words& words, const std::string& name, absl::string_view otherwise) {
  const auto it = words.find(name);
  return it == words.end() ? std::string(otherwise) : it->second;
}

// Decimal or 0x hexadecimal.
absl::StatusOr<uint32_t> Number(absl::string_view text) {
  uint32_t value = 0;
  const bool ok = absl::StartsWith(text, "0x") ? absl::SimpleHexAtoi(text, &value) : absl::SimpleAtoi(text, &value);
  if (!ok) return absl::InvalidArgumentError(absl::StrCat("no number: ", text));
  return value;
}

Bytes Password(absl::string_view text) {
  Bytes out(text.begin(), text.end());
  out.resize(8);
  return out;
}

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
      {"checksum", Numeric(&F::checksum)},
      {"options", Raw(&F::ip_options)},
      {"auth-data", Raw(&F::auth_data)},
      {"trailer", Raw(&F::trailer)},
      {"padding", Raw(&F::padding)},
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
         f.auth_data = Password(t);
         return absl::OkStatus();
       }},
      {"vlan",
       [](F& f, absl::string_view t) {
         const absl::StatusOr<uint32_t> tci = Number(t);
         if (tci.ok()) f.vlan_tags.push_back(static_cast<uint16_t>(*tci));
         return tci.status();
       }},
  };
  return kSetters;
}

}  // namespace

absl::StatusOr<std::vector<IpAddress>> AddressesFrom(absl::string_view text) {
  std::vector<IpAddress> out;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const absl::StatusOr<IpAddress> address = ParseIpAddress(part);
    if (!address.ok()) return address.status();
    out.push_back(*address);
  }
  return out;
}

IcvRule RuleFrom(const Words& instance) {
  return Get(instance, "rule", "keepalived") == "rfc4302" ? IcvRule::kRfc4302 : IcvRule::kKeepalived;
}

absl::StatusOr<MacAlgorithm> AlgorithmFrom(const Words& instance) {
  const std::optional<MacAlgorithm> algorithm = FindMacAlgorithm(Get(instance, "algorithm", "hmac-md5-96"));
  if (!algorithm.has_value()) return absl::InvalidArgumentError("unknown algorithm");
  return *algorithm;
}

absl::StatusOr<Bytes> KeyFrom(const Words& instance) {
  if (Get(instance, "auth", "none") != "ah") return Bytes{};
  const std::string key = Get(instance, "key", "");
  if (key.empty()) return absl::InvalidArgumentError("auth=ah needs key=");
  return absl::StartsWith(key, "hex:") ? FromHex(absl::string_view(key).substr(4)) : KeepalivedKey(key);
}

absl::StatusOr<VirtualRouterConfig> ConfigFrom(const Words& words, SequenceRecord& record) {
  static constexpr absl::string_view kKnown[] = {"vrid",     "priority", "source",   "mac",  "addresses",
                                                 "auth",     "key",      "password", "rule", "algorithm",
                                                 "interval", "preempt",  "port"};
  for (const auto& [name, value] : words) {
    bool known = false;
    for (absl::string_view k : kKnown) known = known || k == name;
    if (!known) return absl::InvalidArgumentError(absl::StrCat("an instance has no ", name, "=", value));
  }
  const absl::StatusOr<uint32_t> vrid = Number(Get(words, "vrid", "51")),
                                 priority = Number(Get(words, "priority", "100")),
                                 interval = Number(Get(words, "interval", "1")), port = Number(Get(words, "port", "0"));
  const absl::StatusOr<std::vector<IpAddress>> addresses = AddressesFrom(Get(words, "addresses", "10.99.0.100"));
  const absl::StatusOr<Bytes> key = KeyFrom(words);
  const absl::StatusOr<MacAlgorithm> algorithm = AlgorithmFrom(words);
  for (const absl::Status& status : {vrid.status(), priority.status(), interval.status(), port.status(),
                                     addresses.status(), key.status(), algorithm.status()}) {
    if (!status.ok()) return status;
  }
  VirtualRouterConfig config;
  config.id = InstanceId(*vrid);
  config.port = PortId(static_cast<uint16_t>(*port));
  config.vrid = Vrid(static_cast<uint8_t>(*vrid));
  config.machine.priority = Priority(static_cast<uint8_t>(*priority));
  config.machine.advertisement_interval = std::chrono::seconds(*interval);
  config.machine.preempt = Get(words, "preempt", "yes") == "yes";
  config.machine.source = Ip(Get(words, "source", "10.99.0.2"));
  const std::string mac = Get(words, "mac", "02:00:0a:63:00:02");
  config.source_mac = mac == "virtual" ? VirtualMac(Family::kIpv4, config.vrid) : Mac(mac);
  config.addresses = *addresses;
  const std::string auth = Get(words, "auth", "none");
  if (auth == "simple") {
    config.auth = AuthKind::kSimple;
    const Bytes password = Password(Get(words, "password", ""));
    std::copy(password.begin(), password.end(), config.password.begin());
  } else if (auth == "ah") {
    config.auth = AuthKind::kAh;
    config.icv_rule = RuleFrom(words);
    config.key = *MacKey::Create(*algorithm, *key);
    config.record = &record;
  } else if (auth != "none") {
    return absl::InvalidArgumentError(absl::StrCat("auth is none, simple or ah, not ", auth));
  }
  return config;
}

absl::StatusOr<AdvertFrame> FrameFrom(const Words& instance, const Words& words) {
  Words merged = instance;  // auth, key, rule, algorithm and addresses may be overridden
  for (const char* name : {"auth", "key", "rule", "algorithm", "addresses"}) {
    if (const auto it = words.find(name); it != words.end()) merged[name] = it->second;
  }
  const absl::StatusOr<Bytes> key = KeyFrom(merged);
  const absl::StatusOr<MacAlgorithm> algorithm = AlgorithmFrom(merged);
  const absl::StatusOr<std::vector<IpAddress>> addresses = AddressesFrom(Get(merged, "addresses", "10.99.0.100"));
  for (const absl::Status& status : {key.status(), algorithm.status(), addresses.status()}) {
    if (!status.ok()) return status;
  }
  AdvertFrame frame;
  frame.key = *key;
  frame.algorithm = *algorithm;
  frame.rule = RuleFrom(merged);
  frame.addresses = *addresses;
  if (Get(merged, "auth", "none") == "simple") {
    frame.auth_type = 1;
    frame.auth_data = Password(Get(instance, "password", ""));
  }
  frame.vrid = static_cast<uint8_t>(*Number(Get(instance, "vrid", "51")));
  frame.interval = static_cast<uint8_t>(*Number(Get(instance, "interval", "1")));
  for (const auto& [name, value] : words) {
    if (name == "auth" || name == "key" || name == "rule" || name == "algorithm" || name == "addresses" ||
        name == "at" || name == "port") {
      continue;
    }
    const auto setter = Setters().find(name);
    if (setter == Setters().end()) return absl::InvalidArgumentError(absl::StrCat("an advert has no ", name, "="));
    const absl::Status set = setter->second(frame, value);
    if (!set.ok()) return set;
  }
  return frame;
}

}  // namespace dpvrrp
