// SPDX-License-Identifier: BSD-3-Clause
//
// [[track]], and the lists of tracks of instances, templates and groups.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "config/draft.h"
#include "config/instance_rules.h"

namespace dpvrrp::config_internal {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanoseconds kLongestTime = seconds(3600);
constexpr Nanoseconds kShortestInterval = milliseconds(100);
constexpr int64_t kMaxRepetitions = 65535;
constexpr int64_t kMaxWeight = 253;  // from the lowest priority, 1, to the highest that is not the owner's, 254

constexpr Choice<TrackKind> kTrackKinds[] = {{"script", TrackKind::kScript},
                                             {"interface", TrackKind::kInterface},
                                             {"port", TrackKind::kPort},
                                             {"instance", TrackKind::kInstance},
                                             {"manual", TrackKind::kManual}};
constexpr Choice<bool> kInitials[] = {{"up", true}, {"down", false}};
constexpr Choice<bool> kStates[] = {{"master", true}, {"running", false}};  // must it be master

// A key that has a meaning only with some kinds.
struct KeyOfKinds {
  absl::string_view key;
  std::array<TrackKind, 2> kinds;
  bool required = false;
};
constexpr std::array<TrackKind, 2> Only(TrackKind kind) { return {kind, kind}; }
constexpr KeyOfKinds kKeysOfKinds[] = {
    {"command", Only(TrackKind::kScript), true},
    {"interval", Only(TrackKind::kScript)},
    {"timeout", Only(TrackKind::kScript)},
    {"rise", Only(TrackKind::kScript)},
    {"fall", Only(TrackKind::kScript)},
    {"user", Only(TrackKind::kScript)},
    {"initial", {TrackKind::kScript, TrackKind::kManual}},
    {"interface", Only(TrackKind::kInterface), true},
    {"address", Only(TrackKind::kInterface)},
    {"port", Only(TrackKind::kPort), true},
    {"instance", Only(TrackKind::kInstance), true},
    {"state", Only(TrackKind::kInstance)},
};

// A key that is set where it has no effect shows a misunderstanding, so it is an error.
void CheckKeysOfKind(const TableReader& reader, TrackKind kind) {
  for (const KeyOfKinds& row : kKeysOfKinds) {
    const bool fits = row.kinds[0] == kind || row.kinds[1] == kind;
    if (fits && row.required && !reader.Has(row.key)) {
      reader.faults().Error(reader.at(), absl::StrCat(row.key, ": is required with kind ", Quoted(ToString(kind))));
    }
    const Node* node = reader.Find(row.key);
    if (fits || node == nullptr) continue;
    reader.faults().Error(node->at, absl::StrCat(row.key, ": is not allowed with kind ", Quoted(ToString(kind))));
  }
}

void ReadScriptKeys(const TableReader& reader, const ReadContext& context, TrackConfig* track) {
  track->command = ReadCommand(reader, "command", context);
  ReadProgramTime(reader, "interval", kShortestInterval, &track->interval);
  if (track->kind == TrackKind::kScript) track->timeout = track->interval;
  ReadProgramTime(reader, "timeout", kShortestTimeout, &track->timeout);
  if (const auto rise = reader.Integer("rise", {1, kMaxRepetitions})) track->rise = static_cast<uint32_t>(*rise);
  if (const auto fall = reader.Integer("fall", {1, kMaxRepetitions})) track->fall = static_cast<uint32_t>(*fall);
  ReadAccount(reader, "user", &track->user);
}

void ReadInterfaceKeys(const TableReader& reader, TrackConfig* track) {
  if (const Node* node = reader.Find("interface")) {
    track->interface = node->text();
    const absl::string_view fault = InterfaceNameFault(track->interface);
    if (!fault.empty()) reader.Refuse("interface", *node, fault);
  }
  if (const Node* node = reader.Find("address")) {
    const absl::StatusOr<IpAddress> address = ParseIpAddress(node->text());
    const absl::string_view fault = address.ok() ? HostAddressFault(*address) : kSourceAddressForm;
    if (!fault.empty()) reader.Refuse("address", *node, fault);
    if (address.ok()) track->address = *address;
  }
}

void ReadWeight(const TableReader& reader, TrackUse* use) {
  const Node* node = reader.Find("weight");
  if (node == nullptr) return;
  const int64_t weight = node->integer();
  if (weight == 0) return reader.Refuse("weight", *node, "leave weight out: failure is then a fault");
  if (weight < -kMaxWeight || weight > kMaxWeight) {
    return reader.Refuse("weight", *node, absl::StrCat("must be -", kMaxWeight, "..", kMaxWeight, ", and not 0"));
  }
  use->weight = static_cast<int>(weight);
}

}  // namespace

void ReadProgramTime(const TableReader& reader, absl::string_view key, Nanoseconds shortest, Nanoseconds* time) {
  const std::optional<Nanoseconds> given = reader.Duration(key);
  if (!given) return;
  *time = *given;
  if (*given >= shortest && *given <= kLongestTime) return;
  reader.Refuse(key, *reader.Find(key),
                absl::StrCat("must be ", shortest / milliseconds(1), "ms..", kLongestTime / seconds(1), "s"));
}

TrackDraft ReadTrack(const Node& table, const ReadContext& context) {
  const TableReader reader(table, kTrackRule, context.faults);
  TrackDraft draft;
  TrackConfig& track = draft.config;
  draft.at = reader.at();
  draft.name = ReadName(reader, &track.name);
  if (const auto kind = reader.Choose("kind", kTrackKinds)) {
    track.kind = *kind;
    CheckKeysOfKind(reader, *kind);
  }
  ReadScriptKeys(reader, context, &track);
  ReadInterfaceKeys(reader, &track);
  draft.command = reader.Find("command");
  draft.interface = reader.Find("interface");
  draft.user = reader.Find("user");
  draft.port = reader.Find("port");
  if (draft.port != nullptr) track.port = draft.port->text();
  draft.instance = reader.Find("instance");
  if (draft.instance != nullptr) track.instance = draft.instance->text();
  if (const auto must_be_master = reader.Choose("state", kStates)) track.must_be_master = *must_be_master;
  track.initial = reader.Choose("initial", kInitials);
  ReadDelay(reader, "up_delay", kLongestTime, &track.up_delay);
  ReadDelay(reader, "down_delay", kLongestTime, &track.down_delay);
  return draft;
}

void ReadTrackUses(const TableReader& reader, std::vector<TrackUse>* uses, std::vector<const Node*>* nodes) {
  const Node* list = reader.Find("track");
  if (list == nullptr) return;
  if (list->items().size() > kMaxTrackUses) {
    return reader.faults().Error(
        list->at, absl::StrCat("track: must be at most ", kMaxTrackUses, " tracks, got ", list->items().size()));
  }
  for (const Node* item : reader.Items("track", kTrackEntry, "a list of strings or tables")) {
    TrackUse use;
    const Node* name = item;
    if (TypeOf(*item) == kTable) {
      const TableReader entry(*item, kTrackUseRule, reader.faults());
      name = entry.Find("name");
      ReadWeight(entry, &use);
      if (const Node* reverse = entry.Find("reverse")) use.reverse = reverse->boolean();
    }
    if (name == nullptr) continue;
    use.track = name->text();
    uses->push_back(std::move(use));
    nodes->push_back(name);
  }
}

}  // namespace dpvrrp::config_internal
