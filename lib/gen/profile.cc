// SPDX-License-Identifier: BSD-3-Clause
#include "gen/profile.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "config/draft.h"
#include "config/duration.h"
#include "config/number_set.h"
#include "config/stepping_address.h"
#include "gen/profile_text.h"

namespace dpvrrp {
namespace {

using namespace config_internal;
using namespace gen_internal;

constexpr Choice<ChecksumRule> kChecksumWords[] = {{"rfc5798", ChecksumRule::kRfc5798},
                                                   {"rfc9568", ChecksumRule::kRfc9568}};
constexpr absl::string_view kAddressForm = "must be an IPv4 or IPv6 address";
constexpr size_t kMaxNameBytes = 63;

// The numbers that a stream's routers are made of.
struct Numbers {
  std::vector<uint16_t> outer{0};  // 0: no tag
  std::vector<uint16_t> inner{0};
  std::vector<uint16_t> vrids;

  size_t tags() const { return inner.front() != 0 ? 2 : outer.front() != 0 ? 1 : 0; }
};

class StreamReader {
 public:
  StreamReader(const Node& table, const ReadContext& context)
      : reader_(table, kStreamRule, context.faults), context_(context) {}

  GenStream Read(size_t number) {
    out_.name = absl::StrCat("stream ", number);
    const size_t before = context_.faults.errors();
    ReadKind();
    ReadProtocol();
    ReadTimes();
    ReadBounds();
    ReadSourceMac();
    if (const Node* table = reader_.Find("authentication")) {
      out_.auth = ReadAuthentication(*table, kGenAuthenticationRule, context_);
    }
    if (ReadNumbers() && ReadAddresses() && context_.faults.errors() == before) {
      MakeRouters();
      CheckFit();
    }
    return std::move(out_);
  }

 private:
  void Refuse(absl::string_view key, absl::string_view rule) {
    const Node* node = reader_.Find(key);
    context_.faults.Error(node != nullptr ? node->at : reader_.at(), absl::StrCat(key, ": ", rule));
  }

  void ReadKind() {
    if (const Node* name = reader_.Find("name")) {
      if (name->text().empty() || name->text().size() > kMaxNameBytes) {
        reader_.Refuse("name", *name, absl::StrCat("must be 1..", kMaxNameBytes, " bytes"));
      }
      out_.name = name->text();
    }
    const Node* kind = reader_.Find("kind");
    if (kind == nullptr) return;
    out_.kind = FindGenKind(kind->text());
    if (out_.kind != nullptr) return;
    std::vector<absl::string_view> names;
    for (const GenKind& each : AllGenKinds()) names.push_back(each.name);
    const absl::string_view near = NearestWord(kind->text(), names);
    reader_.Refuse("kind", *kind,
                   near.empty() ? absl::StrCat("must be one of ", absl::StrJoin(names, ", "))
                                : absl::StrCat("is not a kind; did you mean '", near, "'?"));
  }

  void ReadProtocol() {
    if (const auto version = reader_.Integer("version", {2, 3})) out_.version = static_cast<VrrpVersion>(*version);
    if (const auto priority = reader_.Integer("priority", {1, 255, " (RFC 3768 5.3.4)"})) {
      out_.priority = Priority(static_cast<uint8_t>(*priority));
    }
    if (const auto rule = reader_.Choose("checksum", kChecksumWords)) out_.checksum = *rule;
    if (const auto interval = reader_.Duration("advertisement_interval")) {
      out_.interval = *interval;
      const Nanoseconds unit = out_.version == VrrpVersion::kV2 ? Nanoseconds(std::chrono::seconds(1))
                                                                : Nanoseconds(std::chrono::milliseconds(10));
      const int64_t most = out_.version == VrrpVersion::kV2 ? 255 : 4095;
      if (*interval % unit != Nanoseconds(0) || *interval < unit || *interval > most * unit) {
        reader_.Refuse("advertisement_interval", *reader_.Find("advertisement_interval"),
                       out_.version == VrrpVersion::kV2 ? "must be 1..255 whole seconds (RFC 3768 5.3.7)"
                                                        : "must be 10 ms..40950 ms in steps of 10 ms (RFC 9568 5.2.7)");
      }
    }
  }

  std::optional<Nanoseconds> ReadMoment(absl::string_view key) {
    const std::optional<Nanoseconds> at = reader_.Duration(key);
    if (at && *at > kMaxGenDuration) reader_.Refuse(key, *reader_.Find(key), "must be at most 24 hours");
    return at;
  }

  void ReadTimes() {
    if (const auto at = ReadMoment("start_at")) out_.start_at = *at;
    out_.silent_at = ReadMoment("silent_at");
    out_.resign_at = ReadMoment("resign_at");
    out_.resume_at = ReadMoment("resume_at");
    const bool is_master = out_.kind != nullptr && out_.kind->role == GenRole::kMaster;
    for (const absl::string_view key : {"silent_at", "resign_at", "resume_at"}) {
      if (reader_.Has(key) && out_.kind != nullptr && !is_master) {
        Refuse(key, absl::StrCat("is only for kind 'master', not for '", out_.kind->name, "'"));
      }
    }
    if (out_.silent_at && out_.resign_at) Refuse("resign_at", "silent_at is given too, choose one");
    const std::optional<Nanoseconds> stop = out_.silent_at ? out_.silent_at : out_.resign_at;
    if (stop && *stop <= out_.start_at) {
      Refuse(out_.silent_at ? "silent_at" : "resign_at", "must be later than start_at");
    }
    if (out_.resume_at && !stop) Refuse("resume_at", "needs silent_at or resign_at");
    if (out_.resume_at && stop && *out_.resume_at <= *stop) {
      Refuse("resume_at", absl::StrCat("must be later than ", out_.silent_at ? "silent_at" : "resign_at"));
    }
    if (const Node* offset = reader_.Find("clock_offset")) {
      absl::string_view text = offset->text();
      const bool behind = absl::StartsWith(text, "-");
      if (behind) text.remove_prefix(1);
      const absl::StatusOr<Nanoseconds> distance = ParseDuration(text);
      if (!distance.ok()) reader_.Refuse("clock_offset", *offset, distance.status().message());
      if (distance.ok() && *distance > std::chrono::hours(24 * 365)) {
        reader_.Refuse("clock_offset", *offset, "must be at most a year");
      }
      if (distance.ok()) out_.clock_offset = behind ? -*distance : *distance;
      if (out_.kind != nullptr && out_.kind->name != "clock-skew")
        Refuse("clock_offset", "is only for kind 'clock-skew'");
    }
  }

  void ReadBounds() {
    if (out_.kind != nullptr && out_.kind->role == GenRole::kMaster) {
      out_.frames = 0;
      if (reader_.Has("rate")) Refuse("rate", "is not for kind 'master', which sends at its interval");
    }
    if (const auto rate = reader_.Integer("rate", {0, kMaxGenRate})) out_.rate = static_cast<uint64_t>(*rate);
    if (const auto frames = reader_.Integer("frames", {0, INT64_MAX})) out_.frames = static_cast<uint64_t>(*frames);
    if (const auto first = reader_.Integer("sequence", {1, UINT32_MAX})) out_.sequence = static_cast<uint32_t>(*first);
  }

  void ReadSourceMac() {
    const Node* node = reader_.Find("source_mac");
    if (node == nullptr || node->text() == "port") return;
    if (node->text() == "virtual") {
      out_.source_mac = SourceMac::kVirtual;
      return;
    }
    const absl::StatusOr<MacAddress> mac = ParseMacAddress(node->text());
    if (!mac.ok() || (mac->bytes[0] & 1) != 0) {
      reader_.Refuse("source_mac", *node, "must be port, virtual, or the MAC address of one host");
      return;
    }
    out_.mac = *mac;
  }

  // An integer or "100-163,200".
  std::vector<uint16_t> ReadSet(absl::string_view key, const Node& node, uint16_t high) {
    const std::string text = TypeOf(node) == kString ? node.text() : absl::StrCat(node.integer());
    absl::StatusOr<std::vector<uint16_t>> numbers = ParseNumberSet(text, 1, high);
    if (numbers.ok()) return *std::move(numbers);
    reader_.Refuse(key, node, numbers.status().message());
    return {};
  }

  bool ReadNumbers() {
    const Node* vrid = reader_.Find("vrid");
    if (vrid != nullptr) numbers_.vrids = ReadSet("vrid", *vrid, 255);
    bool good = !numbers_.vrids.empty();
    const Node* list = reader_.Find("vlan");
    if (list == nullptr) return good && !reader_.Has("vlan");
    if (!CheckVlanDepth(*list, context_.faults)) return false;
    const auto tags = reader_.Items("vlan", kNumbers, "a list of integers and ranges");
    for (size_t i = 0; i < tags.size(); ++i) {
      std::vector<uint16_t>& tag = i == 0 ? numbers_.outer : numbers_.inner;
      tag = ReadSet("vlan", *tags[i], kMaxVid);
      good = good && !tag.empty();
    }
    return good && tags.size() == list->items().size();
  }

  // False: faulty, and that is reported.
  bool ReadAddress(absl::string_view key, const Node& node, bool with_prefix, SteppingAddress* out) {
    const AddressValue value = OpenAddress(node, context_.faults);
    RefuseDeviceKeys(value, key);
    if (value.at == nullptr) return false;
    *out = {key, value.at, {}, {}};
    const absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(value.at->text());
    if (!prefix.ok() || (!with_prefix && absl::StrContains(value.at->text(), '/'))) {
      reader_.Refuse(key, *value.at, kAddressForm);
      return false;
    }
    out->first = *prefix;
    ReadSteps(value, numbers_.tags(), out);
    return true;
  }

  bool ReadAddresses() {
    const Node* source = reader_.Find("source_address");
    bool good = source != nullptr && ReadAddress("source_address", *source, false, &source_);
    const auto entries = reader_.Items("virtual_addresses", kAddressEntry, "addresses and tables");
    if (const Node* list = reader_.Find("virtual_addresses")) {
      good = good && entries.size() == list->items().size();
      if (entries.empty() || entries.size() > kMaxVirtualAddresses) {
        Refuse("virtual_addresses", absl::StrCat("must be 1..", kMaxVirtualAddresses, " addresses"));
        return false;
      }
    }
    for (const Node* entry : entries) {
      SteppingAddress address;
      if (!ReadAddress("virtual_addresses", *entry, true, &address)) return false;
      if (good && address.first.address.family() != source_.first.address.family()) {
        reader_.Refuse("virtual_addresses", *address.at, "must be of the family of source_address");
        return false;
      }
      addresses_.push_back(address);
    }
    return good;
  }

  // Nothing: beyond the family's addresses, and that is reported.
  std::optional<IpAddress> At(const SteppingAddress& address, const TemplatePoint& point) {
    const std::optional<IpAddress> at = address.At(point);
    if (!at) reader_.Refuse(address.key, *address.at, address.RangeFault());
    return at;
  }

  void MakeRouters() {
    const size_t count = numbers_.outer.size() * numbers_.inner.size() * numbers_.vrids.size();
    if (count > kMaxGenRouters) {
      Refuse("vrid", absl::StrCat("the stream has ", count, " virtual routers, at most ", kMaxGenRouters));
      return;
    }
    for (const uint16_t outer : numbers_.outer) {
      for (const uint16_t inner : numbers_.inner) {
        for (const uint16_t vrid : numbers_.vrids) {
          const TemplatePoint point{{outer, inner},
                                    Vrid(static_cast<uint8_t>(vrid)),
                                    outer - numbers_.outer.front(),
                                    inner - numbers_.inner.front(),
                                    vrid - numbers_.vrids.front()};
          GenRouter router{point.vlan, point.vrid, {}, {}};
          const std::optional<IpAddress> source = At(source_, point);
          if (!source) return;
          router.source = *source;
          for (const SteppingAddress& address : addresses_) {
            const std::optional<IpAddress> at = At(address, point);
            if (!at) return;
            router.addresses.push_back(*at);
          }
          out_.routers.push_back(std::move(router));
        }
      }
    }
  }

  // What depends on several keys.
  void CheckFit() {
    if (out_.routers.empty()) return;
    const Family family = out_.family();
    if (family == Family::kIpv6 && out_.version == VrrpVersion::kV2) {
      Refuse("version", "must be 3 with an IPv6 source_address (RFC 9568)");
    } else if (out_.version == VrrpVersion::kV3 && out_.auth.kind == AuthKind::kSimple) {
      Refuse("authentication", "type 'simple' exists only in version 2 (RFC 5798 5.2)");
    } else if (out_.auth.kind == AuthKind::kAh && family == Family::kIpv6 && out_.auth.spi == 0) {
      Refuse("authentication", "spi: is required with AH over IPv6");
    } else if (!out_.kind->Exists(out_.version, family, out_.auth.kind)) {
      static constexpr absl::string_view kNames[] = {"without authentication", "with a password", "with AH",
                                                     "with the auth_hmac trailer"};
      reader_.Refuse("kind", *reader_.Find("kind"),
                     absl::StrCat("does not exist in VRRPv", static_cast<int>(out_.version), " over IPv",
                                  static_cast<int>(family), " ", kNames[static_cast<size_t>(out_.auth.kind)]));
    }
  }

  const TableReader reader_;
  const ReadContext& context_;
  GenStream out_;
  Numbers numbers_;
  SteppingAddress source_;
  std::vector<SteppingAddress> addresses_;
};

void ReadGenerator(const Node* table, Position root, Faults& faults, GenProfile* out) {
  if (table == nullptr) {
    faults.Error(root, "device: is required in [generator]");
    return;
  }
  const TableReader reader(*table, kGeneratorRule, faults);
  if (const Node* device = reader.Find("device")) {
    if (device->text().empty()) reader.Refuse("device", *device, "must name a DPDK device");
    out->device = device->text();
  }
  if (const auto lcore = reader.Integer("lcore", {0, 1023})) out->lcore = static_cast<uint32_t>(*lcore);
  if (const Node* poll = reader.Find("poll")) out->poll = poll->boolean();
  if (const auto duration = reader.Duration("duration")) {
    out->duration = *duration;
    if (*duration < std::chrono::milliseconds(1) || *duration > kMaxGenDuration) {
      reader.Refuse("duration", *reader.Find("duration"), "must be 1 ms..24 h");
    }
  }
}

// One master for a virtual router: the figures of two would be mixed.
void CheckMasters(const GenProfile& profile, const std::vector<Position>& places, Faults& faults) {
  std::map<std::tuple<VlanStack, Family, Vrid>, size_t> owners;
  for (size_t i = 0; i < profile.streams.size(); ++i) {
    const GenStream& stream = profile.streams[i];
    if (stream.kind == nullptr || !stream.is_master()) continue;
    for (const GenRouter& router : stream.routers) {
      const auto [it, is_new] = owners.try_emplace({router.vlan, router.source.family(), router.vrid}, i);
      if (is_new) continue;
      faults.Error(places[i], absl::StrCat("vrid ", Quoted(int64_t{router.vrid.value()}), ": stream ",
                                           Quoted(profile.streams[it->second].name), " is its master already"));
      break;
    }
  }
}

}  // namespace

GenProfileResult ReadGenProfile(absl::string_view toml, const std::string& file, const std::vector<GenOption>& options,
                                const SecretReader& read_secret) {
  GenProfileResult result;
  Faults faults(file);
  std::variant<Node, SyntaxError> document = ParseToml(toml);
  if (const auto* error = std::get_if<SyntaxError>(&document)) {
    faults.Error(error->at, error->message);
    result.errors = faults.TakeErrors();
    return result;
  }
  Node& root = *std::get_if<Node>(&document);
  AddOptions(options, root, faults);
  AllowWeakKeys(root);
  // Without a profile a missing table is a missing option.
  if (toml.empty()) root.at = {0, 1};
  const TableReader reader(root, kGenRootRule, faults);
  std::vector<KeyringDraft> keyrings;
  std::vector<CommandDraft> commands;
  const size_t slash = file.rfind('/');
  const std::vector<PortDraft> ports;
  const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash + 1);
  const ReadContext context{faults, read_secret, folder, ports, keyrings, commands};
  for (const Node* ring : reader.Items("keyring", kTable, "tables: write [[keyring]]")) {
    keyrings.push_back(ReadKeyring(*ring, context));
  }
  ReadGenerator(reader.Find("generator"), root.at, faults, &result.profile);
  std::vector<Position> places;
  const auto streams = reader.Items("stream", kTable, "tables: write [[stream]]");
  for (const Node* stream : streams) {
    if (places.size() == kMaxGenStreams) {
      faults.Error(stream->at, absl::StrCat("stream: at most ", kMaxGenStreams, ", got ", streams.size()));
      break;
    }
    places.push_back(stream->at);
    result.profile.streams.push_back(StreamReader(*stream, context).Read(places.size()));
  }
  CheckMasters(result.profile, places, faults);
  WipeTexts(root);
  result.errors = faults.TakeErrors();
  return result;
}

}  // namespace dpvrrp
