// SPDX-License-Identifier: BSD-3-Clause
//
// virtual_ipaddress, unicast_peer, auth_hmac.
#include <algorithm>
#include <initializer_list>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "config/instance_rules.h"
#include "keepalived/read.h"
#include "keepalived/values.h"

namespace dpvrrp::keepalived {
namespace {

constexpr size_t kMostKeys = 16;  // of a keyring
constexpr absl::string_view kNoHostAddress = "a loopback or broadcast address cannot be used here; it is left out";

enum class After { kNothing, kOneWord, kUnknown };

constexpr absl::string_view kNoAddress = "is no address, but a word of another block: is a '}' missing above?";

bool IsMisplaced(const Statement& line) {
  return FindWord(Block::kInstance, line.word(0)) != nullptr || FindWord(Block::kRoot, line.word(0)) != nullptr;
}

// What follows a word of an address that has no meaning here.
After DroppedWord(absl::string_view word) {
  for (const absl::string_view known :
       {"home", "-nodad", "nodad", "mngtmpaddr", "noprefixroute", "autojoin", "no_track"}) {
    if (word == known) return After::kNothing;
  }
  for (const absl::string_view known : {"brd", "broadcast", "preferred_lft", "track_group"}) {
    if (word == known) return After::kOneWord;
  }
  return After::kUnknown;
}

void ReadAddressWords(const Statement& line, AddressOf* out, Notes& notes) {
  for (size_t i = 1; i < line.words.size(); ++i) {
    const absl::string_view word = line.word(i);
    if (word == "dev" || word == "label" || word == "scope") {
      std::string& value = word == "dev" ? out->device : word == "label" ? out->label : out->scope;
      if (!value.empty()) notes.Add(line, Verdict::kDecide, absl::StrCat(word, " stands twice; the last one counts"));
      value = std::string(line.word(++i));
      if (value.empty()) notes.Add(line, Verdict::kDecide, absl::StrCat(word, " needs a value"));
    } else if (word == "peer") {
      notes.Add(line, Verdict::kUnsupported, "an address has no peer");
      ++i;
    } else if (word == "use_vmac") {
      notes.Add(line, Verdict::kUnsupported, "source_mac is for all addresses of an instance");
      break;
    } else if (const After after = DroppedWord(word); after != After::kUnknown) {
      out->dropped.emplace_back(word);
      if (after == After::kOneWord) ++i;
    } else {
      notes.Add(line, Verdict::kDecide, absl::StrCat("unknown word '", word, "', which keepalived ignores"));
    }
  }
  if (!out->dropped.empty()) {
    notes.Add(line, Verdict::kChanged, absl::StrCat("without ", absl::StrJoin(out->dropped, ", ")));
  }
}

void ReadChoice(const Statement& line, std::initializer_list<absl::string_view> choices, const WordRule& rule,
                Given<std::string>* out, Notes& notes) {
  if (std::find(choices.begin(), choices.end(), line.word(1)) != choices.end()) {
    return Values(notes, line, rule).Text(out);
  }
  notes.Say(line, Verdict::kDecide,
            absl::StrCat("must be ", absl::StrJoin(choices, " or "), "; keepalived ignores it"));
}

}  // namespace

void ReadAddresses(const Statement& list, std::vector<AddressOf>* out, Notes& notes) {
  const bool excluded = list.word(0) == "virtual_ipaddress_excluded";
  const absl::string_view key = excluded ? "excluded_addresses" : "virtual_addresses";
  notes.Say(list, Verdict::kTaken, key);
  for (const Statement& line : list.block) {
    if (line.note || line.words.empty()) continue;
    AddressOf address;
    const absl::string_view text = line.word(0);
    absl::StatusOr<IpPrefix> prefix = ParseIpPrefix(text);
    address.has_length = prefix.ok() && absl::StrContains(text, '/');
    if (!prefix.ok()) prefix = ParseIpPrefix(text.substr(0, text.find('/')));
    if (IsMisplaced(line)) {
      notes.Say(line, Verdict::kDecide, kNoAddress);
      continue;
    }
    if (!prefix.ok() || prefix->length == 0 || prefix->address.IsMulticast() || prefix->address.IsUnspecified()) {
      notes.Say(line, Verdict::kDecide, "must be ADDRESS or ADDRESS/LENGTH; keepalived ignores it");
      continue;
    }
    if (!config_internal::HostAddressFault(prefix->address).empty()) {
      notes.Say(line, Verdict::kDecide, kNoHostAddress);
      continue;
    }
    address.prefix = *prefix;
    address.from = &line;
    notes.Say(line, Verdict::kTaken, key);
    if (!address.has_length && absl::StrContains(text, '/')) {
      notes.Add(line, Verdict::kDecide,
                absl::StrCat("keepalived reads the prefix length as ", prefix->length, "; write the length"));
    }
    ReadAddressWords(line, &address, notes);
    out->push_back(std::move(address));
  }
}

// ADDRESS [min_ttl N] [max_ttl N]
void ReadPeers(const Statement& list, std::vector<PeerOf>* out, Notes& notes) {
  notes.Say(list, Verdict::kTaken, "unicast_peers");
  for (const Statement& line : list.block) {
    if (line.note || line.words.empty()) continue;
    const absl::StatusOr<IpAddress> address = ParseIpAddress(line.word(0));
    if (IsMisplaced(line)) {
      notes.Say(line, Verdict::kDecide, kNoAddress);
      continue;
    }
    if (!address.ok() || address->IsMulticast() || address->IsUnspecified()) {
      notes.Say(line, Verdict::kDecide, "must be an address; keepalived ignores it");
      continue;
    }
    if (!config_internal::HostAddressFault(*address).empty()) {
      notes.Say(line, Verdict::kDecide, kNoHostAddress);
      continue;
    }
    PeerOf peer;
    peer.address = *address;
    peer.from = &line;
    notes.Say(line, Verdict::kTaken, "unicast_peers");
    for (size_t i = 1; i < line.words.size(); i += 2) {
      int value = 0;
      const bool is_min = line.word(i) == "min_ttl";
      if ((!is_min && line.word(i) != "max_ttl") || !absl::SimpleAtoi(line.word(i + 1), &value) || value < 0 ||
          value > 255) {
        notes.Add(line, Verdict::kDecide, absl::StrCat("keepalived ignores '", line.word(i), "'"));
        break;
      }
      (is_min ? peer.min_ttl : peer.max_ttl) = std::max(value, 1);
    }
    out->push_back(std::move(peer));
  }
}

// auth_hmac of keepalived 2.4: key ID hex:HEX|file:PATH|TEXT.
void ReadHmac(const Statement& block, InstanceOf* instance, Notes& notes) {
  notes.Say(block, Verdict::kTaken, "[instance.authentication]");
  instance->auth_hmac = &block;
  for (const Statement& line : block.block) {
    const WordRule* rule = notes.RuleToRead(Block::kAuthHmac, line);
    if (rule == nullptr) continue;
    Values values(notes, line, *rule);
    if (rule->word == "active_key")
      values.Integer(1, 255, &instance->active_key, "keepalived then has no authentication");
    if (rule->word == "anti_replay") ReadChoice(line, {"time", "monotonic"}, *rule, &instance->anti_replay, notes);
    if (rule->word == "mode") {
      ReadChoice(line, {"enforce", "permissive", "receive-only"}, *rule, &instance->hmac_mode, notes);
    }
    if (rule->word == "time_window") values.Integer(1, 300, &instance->time_window, "keepalived uses its default");
    if (rule->word != "key") continue;
    HmacKey key;
    absl::string_view text = line.word(2);
    if (!absl::SimpleAtoi(line.word(1), &key.id) || key.id < 1 || key.id > 255 || text.empty()) {
      notes.Say(line, Verdict::kDecide, "must be key ID KEY, the id 1..255; it is left out");
      continue;
    }
    const auto same_id = [&](const HmacKey& other) { return other.id == key.id; };
    const std::vector<HmacKey>& keys = instance->hmac_keys;
    if (keys.size() == kMostKeys || std::any_of(keys.begin(), keys.end(), same_id)) {
      notes.Say(line, Verdict::kDecide, "there are at most 16 keys, each with its own id; it is left out");
      continue;
    }
    key.from = &line;
    const bool is_file = absl::ConsumePrefix(&text, "file:");
    (is_file ? key.file : key.text) = std::string(text);
    instance->hmac_keys.push_back(std::move(key));
    notes.Say(line, Verdict::kTaken, rule->what);
  }
}

}  // namespace dpvrrp::keepalived
