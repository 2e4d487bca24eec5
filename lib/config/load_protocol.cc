// SPDX-License-Identifier: BSD-3-Clause
//
// The keys that an [[instance]] and a [[template]] share: version, priority, timers, and how adverts are sent. Also the
// checks of keys that are valid only with one version, one family, or one kind of addressing.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/draft.h"
#include "config/instance_rules.h"

namespace dpvrrp::config_internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Choice<SourceMac> kSourceMacs[] = {{"port", SourceMac::kPort}, {"virtual", SourceMac::kVirtual}};
constexpr Choice<ChecksumRule> kChecksums[] = {{"rfc5798", ChecksumRule::kRfc5798},
                                               {"rfc9568", ChecksumRule::kRfc9568}};
constexpr Choice<AddressLoss> kAddressLosses[] = {
    {"auto", AddressLoss::kAuto}, {"keep", AddressLoss::kKeep}, {"resign", AddressLoss::kResign}};
constexpr Nanoseconds kLongestPreemptDelay = seconds(1000);  // keepalived's
constexpr Nanoseconds kLongestStartupDelay = seconds(86400);

void ReadSwitch(const TableReader& reader, absl::string_view key, bool* value) {
  if (const Node* node = reader.Find(key)) *value = node->boolean();
}

// False: faulty, and that is reported.
bool ReadVersion(const TableReader& reader, VrrpVersion* version) {
  const Node* node = reader.Find("version");
  if (node == nullptr) return !reader.Has("version");
  const std::optional<int64_t> value = reader.Integer("version", {2, 3, " (RFC 3768 5.3.1, RFC 9568 5.2.1)"});
  if (value) *version = static_cast<VrrpVersion>(*value);
  return value.has_value();
}

// Conformance V3-25: 0 is never configured. False: faulty, and that is reported.
bool ReadPriority(const TableReader& reader, Priority* priority) {
  const Node* node = reader.Find("priority");
  if (node == nullptr) return !reader.Has("priority");
  if (node->integer() == 0) {
    reader.Refuse("priority", *node, "must be 1..255, because a master resigns with priority 0 (RFC 3768 5.3.4)");
    return false;
  }
  const auto value = reader.Integer("priority", {1, 255, " (RFC 3768 5.3.4)"});
  if (value) *priority = Priority(static_cast<uint8_t>(*value));
  return value.has_value();
}

// The range of the 12-bit field of RFC 9568 5.2.7.
bool IsV3Interval(Nanoseconds interval) {
  return interval >= milliseconds(10) && interval <= milliseconds(40950) &&
         interval % milliseconds(10) == Nanoseconds(0);
}

// Conformance V2-07, V3-29. Without a valid version the interval cannot be checked.
void ReadInterval(const TableReader& reader, bool version_good, InstanceConfig* config) {
  const std::optional<Nanoseconds> given = reader.Duration("advertisement_interval");
  if (!given || !version_good) return;
  config->advertisement_interval = *given;
  absl::string_view fault;
  if (config->version == VrrpVersion::kV3) {
    if (!IsV3Interval(*given)) fault = "must be 10ms..40950ms in steps of 10ms (RFC 9568 5.2.7)";
  } else if (*given % seconds(1) != Nanoseconds(0) || *given < seconds(1) || *given > seconds(255)) {
    fault = "must be 1..255 whole seconds (RFC 3768 5.3.7)";
  }
  if (!fault.empty()) reader.Refuse("advertisement_interval", *reader.Find("advertisement_interval"), fault);
}

// Reads an address of `key`, from a list's entry or from a table in the list. False: faulty, and that is reported.
bool ReadHost(const TableReader& reader, absl::string_view key, const Node& node, IpAddress* out) {
  const absl::StatusOr<IpAddress> address = ParseIpAddress(node.text());
  const absl::string_view fault = address.ok() ? HostAddressFault(*address) : kSourceAddressForm;
  if (!fault.empty()) reader.Refuse(key, node, fault);
  if (address.ok()) *out = *address;
  return fault.empty();
}

void ReadTtls(const TableReader& peer, UnicastPeer* out) {
  const auto low = peer.Integer("min_ttl", {1, 255});
  const auto high = peer.Integer("max_ttl", {1, 255});
  if (low) out->min_ttl = static_cast<uint8_t>(*low);
  if (high) out->max_ttl = static_cast<uint8_t>(*high);
  if (low && high && *low > *high) {
    peer.Refuse("min_ttl", *peer.Find("min_ttl"), "must not be greater than max_ttl");
  } else if (high && !low && !peer.Has("min_ttl") && *high < out->min_ttl) {
    peer.Refuse("max_ttl", *peer.Find("max_ttl"), "must not be less than min_ttl, whose default is 255");
  }
}

// Reads one entry: the peer's address as a string, or a table. Null: faulty, and that is reported.
const Node* ReadPeer(const TableReader& reader, const Node& entry, UnicastPeer* out) {
  constexpr absl::string_view kPeers = "unicast_peers";
  if (TypeOf(entry) != kTable) {
    const bool good = ReadHost(reader, kPeers, entry, &out->address);
    out->next_hop = out->address;
    return good ? &entry : nullptr;
  }
  const TableReader table(entry, kUnicastPeerRule, reader.faults());
  ReadTtls(table, out);
  const Node* address = table.Find("address");
  bool good = address != nullptr && ReadHost(reader, kPeers, *address, &out->address);
  out->next_hop = out->address;
  if (const Node* next_hop = table.Find("next_hop")) {
    good = ReadHost(table, "next_hop", *next_hop, &out->next_hop) && good;
    if (good && out->next_hop != out->address && out->min_ttl == 255) {
      reader.faults().Warning(next_hop->at,
                              "next_hop: every router on the path decrements the TTL, so min_ttl = 255 "
                              "drops every advert of this peer");
    }
  }
  return good ? address : nullptr;
}

void ReadUnicastPeers(const TableReader& reader, InstanceDraft* instance) {
  const Node* list = reader.Find("unicast_peers");
  if (list == nullptr) return;
  const size_t count = list->items().size();
  if (count == 0 || count > kMaxUnicastPeers) {
    return reader.faults().Error(
        list->at, absl::StrCat("unicast_peers: must be 1..", kMaxUnicastPeers, " addresses, got ", count));
  }
  std::vector<UnicastPeer>& peers = instance->config.unicast_peers;
  for (const Node* entry : reader.Items("unicast_peers", kAddressEntry, "a list of strings or tables")) {
    UnicastPeer peer;
    const Node* node = ReadPeer(reader, *entry, &peer);
    if (node == nullptr) continue;
    if (std::any_of(peers.begin(), peers.end(), [&](const UnicastPeer& p) { return p.address == peer.address; })) {
      reader.Refuse("unicast_peers", *node, "is already in the list");
    }
    peers.push_back(peer);
    instance->unicast_peers.push_back(node);
  }
}

void ReadAllowedSenders(const TableReader& reader, InstanceDraft* instance) {
  const Node* list = reader.Find("allowed_senders");
  if (list == nullptr) return;
  const size_t count = list->items().size();
  if (count == 0 || count > kMaxAllowedSenders) {
    return reader.faults().Error(
        list->at, absl::StrCat("allowed_senders: must be 1..", kMaxAllowedSenders, " addresses, got ", count));
  }
  std::vector<IpAddress>& senders = instance->config.allowed_senders;
  for (const Node* node : reader.Items("allowed_senders", kString, "a list of strings")) {
    IpAddress sender;
    if (!ReadHost(reader, "allowed_senders", *node, &sender)) continue;
    if (std::count(senders.begin(), senders.end(), sender) != 0) {
      reader.Refuse("allowed_senders", *node, "is already in the list");
    }
    senders.push_back(sender);
    instance->allowed_senders.push_back(node);
  }
}

void ReadGroup(const TableReader& reader, IpAddress* group) {
  const Node* node = reader.Find("group");
  if (node == nullptr) return;
  const absl::StatusOr<IpAddress> address = ParseIpAddress(node->text());
  if (!address.ok() || !address->IsMulticast()) {
    reader.Refuse("group", *node, "must be a multicast address");
  } else {
    *group = *address;
  }
}

// Reports the first fault in the use of a key, at the key.
class Uses {
 public:
  explicit Uses(const TableReader& reader) : reader_(reader) {}

  void Refuse(absl::string_view key, absl::string_view rule) const {
    reader_.faults().Error(reader_.Find(key)->at, absl::StrCat(key, ": ", rule));
  }
  // A key that is set where it has no effect shows a misunderstanding, so it is an error.
  void Need(bool holds, absl::string_view key, absl::string_view needed) const {
    const Node* node = reader_.Find(key);
    if (holds || node == nullptr || (TypeOf(*node) == kBoolean && !node->boolean())) return;
    Refuse(key, absl::StrCat("is not allowed without ", needed));
  }

 private:
  const TableReader& reader_;
};

// AH for VRRPv3 is our own profile (docs/decisions/0010). Without a keyring there is an error already.
void CheckAuthentication(const Uses& uses, Family family, const InstanceConfig& config) {
  const AuthConfig& auth = config.auth;
  const bool v3 = config.version == VrrpVersion::kV3;
  if (v3 && auth.kind == AuthKind::kSimple) {
    return uses.Refuse("authentication",
                       "with version = 3 type must be \"none\", \"ah\" or \"auth-hmac\" (RFC 9568 9)");
  }
  if (auth.kind != AuthKind::kAh || auth.keyring == nullptr) return;
  if (v3 && auth.icv_rule == IcvRule::kKeepalived) {
    uses.Refuse("authentication", "with version = 3 icv_rule must be 'rfc4302': keepalived has no AH for VRRPv3");
  } else if (family == Family::kIpv6 && auth.spi == 0) {
    uses.Refuse("authentication", "over IPv6 spi is required, because an IPv6 address does not fit into an SPI");
  } else if (config.v2_coexistence) {
    uses.Refuse(
        "authentication",
        "v2_coexistence: requires type \"none\", because adverts of both versions would share a sequence number");
  }
}

void CheckTimers(const TableReader& reader, const Uses& uses, const InstanceConfig& config) {
  const bool v3 = config.version == VrrpVersion::kV3;
  uses.Need(v3, "max_learned_interval", "version = 3: VRRPv2 does not learn an interval");
  if (v3 && config.max_learned_interval != Nanoseconds(0) &&
      config.max_learned_interval < config.advertisement_interval) {
    reader.Refuse("max_learned_interval", *reader.Find("max_learned_interval"),
                  "must not be shorter than advertisement_interval");
  }
  if (!config.preempt && config.preempt_delay != Nanoseconds(0)) {
    uses.Refuse("preempt_delay", "is not allowed with preempt = false");
  }
}

void CheckCoexistence(const TableReader& reader, const Uses& uses, bool v3_over_v4, const InstanceConfig& config) {
  uses.Need(v3_over_v4, "v2_coexistence", "version = 3 over IPv4");
  if (!v3_over_v4 || !config.v2_coexistence) return;
  if (!config.unicast_peers.empty())
    return uses.Refuse("v2_coexistence", "is not allowed with unicast_peers: it needs multicast");
  const Position at = reader.Find("v2_coexistence")->at;
  reader.faults().Warning(at, "v2_coexistence: use it only during a migration (RFC 9568 8.4)");
  if (config.advertisement_interval < seconds(1)) {  // conformance V3-145
    reader.faults().Warning(at,
                            "v2_coexistence: VRRPv2 routers hear a whole second for an interval below it: none of "
                            "them should have a higher priority than this one (RFC 9568 8.4)");
  }
}

void CheckAddressing(const TableReader& reader, const Uses& uses, Family family, const InstanceConfig& config) {
  const bool unicast = reader.Has("unicast_peers");
  uses.Need(unicast, "unicast_ttl", "unicast_peers");
  if (reader.Find("unicast_peers") != nullptr && reader.Has("allowed_senders")) {
    uses.Refuse("unicast_peers",
                "is not allowed with allowed_senders: adverts of other senders than the peers are dropped anyway");
  }
  const Node* group = reader.Find("group");
  if (group == nullptr || config.group.IsUnspecified()) return;
  if (unicast) return uses.Refuse("group", "is not allowed with unicast_peers: choose one");
  if (config.group.family() != family) {
    reader.Refuse(
        "group", *group,
        family == Family::kIpv4 ? "must be IPv4, as source_address is" : "must be IPv6, as source_address is");
  }
}

// V3-46, V3-86. A kernel that holds an address accepts the packets that are sent to it.
void CheckAccept(const TableReader& reader, const Uses& uses, bool has_device, const InstanceConfig& config) {
  if (config.accept || !has_device || config.priority == kPriorityOwner) return;
  constexpr absl::string_view kRule =
      "the kernel accepts packets to an address that it holds: remove its device and set responder = true, or set "
      "accept = true";
  if (reader.Find("accept") != nullptr) return uses.Refuse("accept", kRule);
  uses.Refuse("strict", absl::StrCat("sets accept = false unless accept is given; ", kRule));
}

// V3-37.
void CheckAddressCount(const TableReader& reader, Family family, const AuthConfig& auth) {
  size_t more = auth.kind == AuthKind::kAuthHmac ? 28 : 0;
  if (auth.kind == AuthKind::kAh) more = (12 + InfoOf(auth.algorithm).icv_bytes + 7) / 8 * 8;  // padded (RFC 4302 2.2)
  const size_t kFit = (1500 - 40 - 8 - more) / 16;  // Ethernet's MTU without the headers of IPv6 and VRRP
  const Node* list = reader.Find(kVirtualAddresses);
  if (family == Family::kIpv4 || list == nullptr || list->items().size() <= kFit) return;
  reader.faults().Error(list->at,
                        absl::StrCat("virtual_addresses: must be at most ", kFit,
                                     " with IPv6, so that an advert fits into 1500 bytes, got ", list->items().size()));
}

void FitTrailer(const TableReader& reader, const Uses& uses, InstanceConfig* config) {
  if (config->auth.kind != AuthKind::kAuthHmac) return;
  TrailerRules& rules = config->auth.trailer;
  if (rules.time_window == 0) {  // keepalived's default
    const auto three = std::chrono::ceil<seconds>(3 * config->advertisement_interval);
    rules.time_window = static_cast<uint16_t>(std::clamp<int64_t>(three.count(), 5, 300));
  }
  if (config->v2_coexistence) uses.Refuse("v2_coexistence", "is not allowed with authentication of type 'auth-hmac'");
  if (config->strict && rules.mode != TrailerMode::kEnforce) {
    reader.faults().Error(reader.Find("strict")->at,
                          "strict: authentication of type 'auth-hmac' requires mode 'enforce'");
  }
}

}  // namespace

void ReadDelay(const TableReader& reader, absl::string_view key, Nanoseconds longest, Nanoseconds* value) {
  const std::optional<Nanoseconds> given = reader.Duration(key);
  if (!given) return;
  *value = *given;
  if (*given > longest) {
    reader.Refuse(key, *reader.Find(key),
                  absl::StrCat("must be at most ", std::chrono::duration_cast<seconds>(longest).count(), "s"));
  }
}

void ReadSharedKeys(const TableReader& reader, const TableRule& authentication, const ReadContext& context,
                    InstanceDraft* instance) {
  InstanceConfig& config = instance->config;
  instance->port = reader.Find("port");
  if (instance->port != nullptr) config.port = instance->port->text();
  instance->version_good = ReadVersion(reader, &config.version);
  instance->priority_good = ReadPriority(reader, &config.priority);
  ReadInterval(reader, instance->version_good, &config);
  ReadSwitch(reader, "preempt", &config.preempt);
  ReadDelay(reader, "preempt_delay", kLongestPreemptDelay, &config.preempt_delay);
  ReadDelay(reader, "startup_delay", kLongestStartupDelay, &config.startup_delay);
  if (const auto count = reader.Integer("down_timer_adverts", {1, 100})) {
    config.down_timer_adverts = static_cast<uint8_t>(*count);
  }
  if (const auto longest = reader.Duration("max_learned_interval")) {
    config.max_learned_interval = *longest;
    if (!IsV3Interval(*longest)) {
      reader.Refuse("max_learned_interval", *reader.Find("max_learned_interval"),
                    "must be 10ms..40950ms in steps of 10ms (RFC 9568 5.2.7)");
    }
  }
  config.lower_prio_no_advert = config.version == VrrpVersion::kV2;
  ReadSwitch(reader, "lower_prio_no_advert", &config.lower_prio_no_advert);
  ReadSwitch(reader, "higher_prio_send_advert", &config.higher_prio_send_advert);
  ReadSwitch(reader, "v2_coexistence", &config.v2_coexistence);
  ReadSwitch(reader, "strict", &config.strict);
  if (const auto mac = reader.Choose("source_mac", kSourceMacs)) config.source_mac = *mac;
  ReadGroup(reader, &config.group);
  ReadUnicastPeers(reader, instance);
  ReadAllowedSenders(reader, instance);
  if (const auto ttl = reader.Integer("unicast_ttl", {1, 255})) config.unicast_ttl = static_cast<uint8_t>(*ttl);
  ReadSwitch(reader, "responder", &config.responder);
  config.accept = !config.strict;
  ReadSwitch(reader, "accept", &config.accept);
  if (const auto loss = reader.Choose("address_loss", kAddressLosses)) config.address_loss = *loss;
  ReadSwitch(reader, "use_as_source", &config.use_as_source);
  if (const Node* auth = reader.Find("authentication")) {
    config.auth = ReadAuthentication(*auth, authentication, context);
  }
  ReadTrackUses(reader, &config.tracks, &instance->tracks);
  config.notify = ReadNotify(reader, context);
}

void FitSharedKeys(const TableReader& reader, Family family, bool has_device, InstanceDraft* instance) {
  InstanceConfig& config = instance->config;
  const Uses uses(reader);
  const bool v3 = config.version == VrrpVersion::kV3;
  const bool v3_over_v4 = v3 && family == Family::kIpv4;
  CheckAddressCount(reader, family, config.auth);
  CheckTimers(reader, uses, config);
  CheckCoexistence(reader, uses, v3_over_v4, config);
  CheckAddressing(reader, uses, family, config);
  uses.Need(has_device, "address_loss", "a virtual address with a device");
  uses.Need(has_device, "use_as_source", "a virtual address with a device");
  if (instance->priority_good) CheckAccept(reader, uses, has_device, config);
  uses.Need(v3_over_v4, "checksum", "version = 3 over IPv4");
  if (config.strict && v3_over_v4) config.checksum = ChecksumRule::kRfc9568;
  if (const auto rule = reader.Choose("checksum", kChecksums)) config.checksum = *rule;
  FitTrailer(reader, uses, &config);
  if (reader.Find("authentication") != nullptr) CheckAuthentication(uses, family, config);
}

}  // namespace dpvrrp::config_internal
