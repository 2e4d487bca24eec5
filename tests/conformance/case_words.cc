// SPDX-License-Identifier: BSD-3-Clause
#include "conformance/case_words.h"

#include <algorithm>
#include <set>

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

// Converts the words of an instance to values. Records the first invalid word, and the words that were used, so that
// any other word is known to be unused.
class WordReader {
 public:
  explicit WordReader(const Words& words) : words_(words) {}

  std::string Text(const std::string& name, absl::string_view otherwise = "") {
    asked_.insert(name);
    return Get(words_, name, otherwise);
  }
  bool Yes(const std::string& name, bool otherwise = false) { return Text(name, otherwise ? "yes" : "no") == "yes"; }
  uint32_t Unsigned(const std::string& name, absl::string_view otherwise) {
    return Take(Number(Text(name, otherwise)), 0u);
  }
  uint8_t Byte(const std::string& name, absl::string_view otherwise) {
    return static_cast<uint8_t>(Unsigned(name, otherwise));
  }
  Nanoseconds Time(const std::string& name) { return Take(ParseCaseTime(Text(name, "0")), Nanoseconds(0)); }
  std::vector<IpAddress> Addresses(const std::string& name, absl::string_view otherwise) {
    return Take(AddressesFrom(Text(name, otherwise)), {});
  }

  template <typename T>
  T Take(absl::StatusOr<T> value, T otherwise) {
    if (value.ok()) return *std::move(value);
    status_.Update(value.status());
    return otherwise;
  }

  absl::Status status() const {
    for (const auto& [name, value] : words_) {
      if (!asked_.contains(name)) {
        return absl::InvalidArgumentError(absl::StrCat("an instance has no ", name, "=", value));
      }
    }
    return status_;
  }

 private:
  const Words& words_;
  std::set<std::string> asked_;
  absl::Status status_;
};

Bytes Password(absl::string_view text) {
  Bytes out(text.begin(), text.end());
  out.resize(8);
  return out;
}

// "30" or "30.7", outermost first.
absl::StatusOr<VlanStack> VlanFrom(absl::string_view text) {
  VlanStack out;
  if (text.empty()) return out;
  const std::vector<std::string> tags = absl::StrSplit(text, '.');
  const absl::StatusOr<uint32_t> outer = Number(tags[0]), inner = Number(tags.size() > 1 ? tags[1] : "0");
  if (!outer.ok() || !inner.ok()) return absl::InvalidArgumentError(absl::StrCat("no tags: ", text));
  out.outer = static_cast<uint16_t>(*outer);
  out.inner = static_cast<uint16_t>(*inner);
  return out;
}

// "10.99.0.1,10.99.0.3@64-255": addresses, and the TTLs that are accepted of them if not 255 only.
absl::StatusOr<std::vector<UnicastPeer>> PeersFrom(absl::string_view text) {
  std::vector<UnicastPeer> out;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(part, absl::ByAnyChar("@-"));
    const absl::StatusOr<IpAddress> address = ParseIpAddress(words[0]);
    if (!address.ok()) return address.status();
    UnicastPeer peer{.address = *address, .next_hop = *address};
    if (words.size() == 3) {
      peer.min_ttl = static_cast<uint8_t>(*Number(words[1]));
      peer.max_ttl = static_cast<uint8_t>(*Number(words[2]));
    }
    out.push_back(peer);
  }
  return out;
}

void ReadMachine(WordReader& words, MachineConfig& machine) {
  const bool v6 = words.Text("family", "4") == "6";
  const bool v3 = words.Text("version", v6 ? "3" : "2") == "3";
  const int32_t interval = static_cast<int32_t>(words.Unsigned("interval", v3 ? "100" : "1"));
  machine.version = v3 ? VrrpVersion::kV3 : VrrpVersion::kV2;
  machine.advertisement_interval = v3 ? Nanoseconds(Centiseconds(interval)) : std::chrono::seconds(interval);
  machine.priority = Priority(words.Byte("priority", "100"));
  machine.preempt = words.Yes("preempt", true);
  machine.preempt_delay = words.Time("preempt-delay");
  machine.startup_delay = words.Time("startup-delay");
  machine.down_adverts = words.Byte("down-adverts", "3");
  machine.answer_lower = words.Yes("answer-lower", v3);
  machine.answer_higher = words.Yes("answer-higher");
  machine.longest_learned = words.Time("max-learned");
  machine.source = words.Take(ParseIpAddress(words.Text("source", v6 ? "fe80::2" : "10.99.0.2")), IpAddress());
}

void ReadAddressing(WordReader& words, VirtualRouterConfig& config) {
  const bool v6 = config.family() == Family::kIpv6;
  config.vrid = Vrid(words.Byte("vrid", "51"));
  config.port = PortId(static_cast<uint16_t>(words.Unsigned("port", "0")));
  config.vlan = words.Take(VlanFrom(words.Text("vlan")), VlanStack{});
  const std::string mac = words.Text("mac", "02:00:0a:63:00:02");
  config.port_mac = Mac("02:00:0a:63:00:02");
  config.source_mac = mac == "virtual" ? VirtualMac(config.family(), config.vrid) : Mac(mac);
  config.addresses = words.Addresses("addresses", v6 ? "fe80::100,2001:db8::100" : "10.99.0.100");
  config.advertised = config.addresses.size();
  for (const IpAddress& excluded : words.Addresses("excluded", "")) config.addresses.push_back(excluded);
  if (const std::string group = words.Text("group"); !group.empty()) config.group = Ip(group);
  config.unicast_peers = words.Take(PeersFrom(words.Text("peers")), {});
  config.unicast_ttl = words.Byte("unicast-ttl", "255");
  config.checksum = words.Take(ChecksumRuleFrom(words.Text("checksum-rule", "rfc5798")), ChecksumRule::kRfc5798);
  config.v2_coexistence = words.Yes("coexistence");
  config.strict = words.Yes("strict");
}

absl::Status ReadAuthHmac(const Words& words, const absl::StatusOr<Bytes>& key, VirtualRouterConfig& config,
                          SequenceRecord& record) {
  const absl::StatusOr<uint32_t> id = Number(Get(words, "key-id", "1"));
  const absl::StatusOr<uint32_t> window = Number(Get(words, "window", "5"));
  if (!key.ok()) return key.status();
  if (!id.ok()) return id.status();
  if (!window.ok()) return window.status();
  const std::string mode = Get(words, "mode", "enforce");
  config.auth = AuthKind::kAuthHmac;
  config.keys = OneKey(*MacKey::Create(MacAlgorithm::kHmacSha256_128, *key), static_cast<uint8_t>(*id));
  config.record = &record;
  config.trailer.mode = mode == "permissive"     ? TrailerMode::kPermissive
                        : mode == "receive-only" ? TrailerMode::kReceiveOnly
                                                 : TrailerMode::kEnforce;
  config.trailer.anti_replay =
      Get(words, "anti-replay", "time") == "monotonic" ? AntiReplay::kMonotonic : AntiReplay::kTime;
  config.trailer.time_window = static_cast<uint16_t>(*window);
  return absl::OkStatus();
}

absl::Status ReadAuth(const Words& words, VirtualRouterConfig& config, SequenceRecord& record) {
  const std::string auth = Get(words, "auth", "none");
  if (auth == "none") return absl::OkStatus();
  if (auth == "simple") {
    config.auth = AuthKind::kSimple;
    const Bytes password = Password(Get(words, "password", ""));
    std::copy(password.begin(), password.end(), config.password.begin());
    return absl::OkStatus();
  }
  const absl::StatusOr<Bytes> key = KeyFrom(words);
  if (auth == "auth-hmac") return ReadAuthHmac(words, key, config, record);
  if (auth != "ah")
    return absl::InvalidArgumentError(absl::StrCat("auth is none, simple, ah or auth-hmac, not ", auth));
  const absl::StatusOr<MacAlgorithm> algorithm = AlgorithmFrom(words);
  if (!key.ok()) return key.status();
  const absl::StatusOr<uint32_t> spi = Number(Get(words, "spi", "0"));
  if (!algorithm.ok()) return algorithm.status();
  if (!spi.ok()) return spi.status();
  config.auth = AuthKind::kAh;
  config.spi = *spi;
  config.icv_rule = Get(words, "rule", "keepalived") == "rfc4302" ? IcvRule::kRfc4302 : IcvRule::kKeepalived;
  config.keys = OneKey(*MacKey::Create(*algorithm, *key));
  config.record = &record;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint32_t> Number(absl::string_view text) {
  uint32_t value = 0;
  const bool ok = absl::StartsWith(text, "0x") ? absl::SimpleHexAtoi(text, &value) : absl::SimpleAtoi(text, &value);
  if (!ok) return absl::InvalidArgumentError(absl::StrCat("no number: ", text));
  return value;
}

absl::StatusOr<ChecksumRule> ChecksumRuleFrom(absl::string_view text) {
  if (text == "rfc5798") return ChecksumRule::kRfc5798;
  if (text == "rfc9568") return ChecksumRule::kRfc9568;
  return absl::InvalidArgumentError(absl::StrCat("a checksum rule is rfc5798 or rfc9568, not ", text));
}

absl::StatusOr<std::vector<IpAddress>> AddressesFrom(absl::string_view text) {
  std::vector<IpAddress> out;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(part, '*');
    const absl::StatusOr<IpAddress> first = ParseIpAddress(words[0]);
    const absl::StatusOr<uint32_t> count = Number(words.size() > 1 ? words[1] : "1");
    if (!first.ok()) return first.status();
    if (!count.ok()) return count.status();
    IpAddress::Bytes bytes = first->bytes();
    for (uint32_t i = 0; i < *count; ++i) {
      out.push_back(first->is_v4() ? IpAddress::V4(first->v4() + i) : IpAddress::V6(bytes));
      ++bytes[15];
    }
  }
  return out;
}

IcvRule RuleFrom(const Words& instance) {
  // keepalived's own rule for unicast is RFC 4302's (keepalived.md 1.5).
  const bool rfc = Get(instance, "rule", "keepalived") == "rfc4302" || instance.contains("peers");
  return rfc ? IcvRule::kRfc4302 : IcvRule::kKeepalived;
}

absl::StatusOr<MacAlgorithm> AlgorithmFrom(const Words& instance) {
  const std::optional<MacAlgorithm> algorithm = FindMacAlgorithm(Get(instance, "algorithm", "hmac-md5-96"));
  if (!algorithm.has_value()) return absl::InvalidArgumentError("unknown algorithm");
  return *algorithm;
}

absl::StatusOr<Bytes> KeyFrom(const Words& instance) {
  const std::string auth = Get(instance, "auth", "none");
  if (auth != "ah" && auth != "auth-hmac") return Bytes{};
  const std::string key = Get(instance, "key", "");
  if (key.empty()) return absl::InvalidArgumentError(absl::StrCat("auth=", auth, " needs key="));
  return absl::StartsWith(key, "hex:") ? FromHex(absl::string_view(key).substr(4)) : KeepalivedKey(key);
}

absl::StatusOr<VirtualRouterConfig> ConfigFrom(const Words& words, SequenceRecord& record) {
  WordReader reader(words);
  VirtualRouterConfig config;
  ReadMachine(reader, config.machine);
  ReadAddressing(reader, config);
  for (const char* name :
       {"auth", "key", "password", "rule", "algorithm", "spi", "key-id", "mode", "anti-replay", "window"})
    (void)reader.Text(name);
  if (absl::Status status = reader.status(); !status.ok()) return status;
  if (absl::Status status = ReadAuth(words, config, record); !status.ok()) return status;
  return config;
}

}  // namespace dpvrrp
