// SPDX-License-Identifier: BSD-3-Clause
//
// `show keyrings`, `key add`, `key sign`, `key drop`: the steps of a change of keys (docs/operations.md). No command
// shows a byte of a key.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "config/keyring.h"
#include "control/commands/handlers.h"
#include "control/reports/report_cells.h"

namespace dpvrrp::internal {
namespace {

constexpr absl::string_view kUntil = "until the next reload or restart";

// The ring and id that a command names; a copy of the ring, to be changed.
struct Named {
  KeyringConfig ring;
  uint8_t id;
};

absl::StatusOr<Named> ReadNames(const CommandContext& c) {
  const Keyrings::Entry* entry = c.view.keys.rings().Find(c.argument(0));
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no keyring named '", c.argument(0), "'"));
  DPVRRP_ASSIGN_OR_RETURN(const int id, NumberIn(c.argument(1), 1, 255, "id"));
  return Named{*entry->whole, static_cast<uint8_t>(id)};
}

absl::Status NoSuchKey(const Named& named) {
  return absl::NotFoundError(absl::StrCat("keyring ", named.ring.name, " has no key ", named.id));
}

absl::string_view ToString(KeyValidity validity) {
  switch (validity) {
    case KeyValidity::kValid:
      return "valid";
    case KeyValidity::kNotYet:
      return "not-yet";
    case KeyValidity::kExpired:
      return "expired";
  }
  return "";
}

Value Moment(const std::optional<int64_t>& unix_seconds) {
  return unix_seconds ? Value(FormatTime(*unix_seconds * 1000)) : Null();
}

// What the sets of keys in use and the former ones have counted.
std::array<Keyrings::Entry::Use, 256> UsesOf(View& view, const std::string& name, const Keyrings::Entry& entry,
                                             size_t& instances) {
  std::array<Keyrings::Entry::Use, 256> uses = entry.past;
  for (const auto& [instance_name, instance] : view.registry.instances()) {
    if (instance.removing || !UsesRing(instance, name)) continue;
    ++instances;
    const std::shared_ptr<const KeySet> in_use = view.keys.InUse(instance.id);
    const KeySet& keys = *in_use;
    for (size_t place = 1; place < keys.keys.size(); ++place) {
      const KeySet::Use& use = keys.use[place];
      Keyrings::Entry::Use& sum = uses[keys.keys[place].id];
      sum.adverts += use.adverts.value();
      sum.last = std::max(sum.last, use.last());
    }
  }
  return uses;
}

}  // namespace

absl::StatusOr<Report> ShowKeyrings(const CommandContext& c) {
  Table table{{"keyring", "key", "signs", "state", "not_before", "not_after", "instances", "verified", "last_verified"},
              {},
              "keyring key signs state verified last_verified instances"};
  for (const auto& [name, entry] : c.view.keys.rings().entries()) {
    size_t instances = 0;
    const auto uses = UsesOf(c.view, name, entry, instances);
    for (const KeyConfig& key : entry.whole->keys) {
      const Keyrings::Entry::Use& use = uses[key.id];
      const bool signs = key.id == entry.whole->sign;
      table.rows.push_back({name, Number(key.id), signs, Text(ToString(ValidityAt(key, c.t.unix_ms / 1000))),
                            Moment(key.not_before), Moment(key.not_after), Number(static_cast<int64_t>(instances)),
                            signs ? Null() : Count(use.adverts),
                            use.last == Instant{} ? Null() : Value(FormatTime(c.t.UnixMsAt(use.last)))});
    }
  }
  return Only(std::move(table));
}

absl::StatusOr<Report> AddKey(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(Named named, ReadNames(c));
  KeyringConfig& ring = named.ring;
  if (FindKey(ring, named.id) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("keyring ", ring.name, " already has a key ", named.id));
  }
  if (ring.keys.size() == kMaxKeys) {
    return absl::FailedPreconditionError(
        absl::StrCat("keyring ", ring.name, " already has ", kMaxKeys, " keys, the maximum"));
  }
  const std::string& path = c.argument(2);
  DPVRRP_ASSIGN_OR_RETURN(const SecretBytes content, c.view.services.ReadKeyFile(path));
  absl::StatusOr<SecretBytes> secret = ParseKeyFile(content);
  if (!secret.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", secret.status().message()));
  const std::string fault = KeyFault(ring, *secret);
  if (!fault.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", fault));
  const absl::Status fits = c.view.keys.FitsUsers(ring.name, *secret);
  if (!fits.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", fits.message()));
  ring.keys.push_back({.id = named.id, .secret = *std::move(secret), .not_before = {}, .not_after = {}});
  c.orders.ChangeRing(std::move(ring), absl::StrCat("key ", named.id, " added"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named.id, " is accepted ", kUntil));
}

absl::StatusOr<Report> SignWithKey(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(Named named, ReadNames(c));
  KeyringConfig& ring = named.ring;
  const KeyConfig* key = FindKey(ring, named.id);
  if (key == nullptr) return NoSuchKey(named);
  // Peers with the same validity period would refuse its adverts, and there would be two masters.
  const KeyValidity validity = ValidityAt(*key, c.t.unix_ms / 1000);
  if (ring.sign != named.id && validity != KeyValidity::kValid) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key ", named.id, " is not accepted ",
        validity == KeyValidity::kNotYet ? "before its not_before" : "after its not_after",
        "; peers with the same validity period would refuse its adverts: change the period in the file, and reload"));
  }
  ring.sign = named.id;
  c.orders.ChangeRing(std::move(ring), absl::StrCat("key ", named.id, " signs"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named.id, " signs ", kUntil));
}

absl::StatusOr<Report> DropKey(const CommandContext& c) {
  DPVRRP_ASSIGN_OR_RETURN(Named named, ReadNames(c));
  KeyringConfig& ring = named.ring;
  if (FindKey(ring, named.id) == nullptr) return NoSuchKey(named);
  if (named.id == ring.sign) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", named.id, " is the signing key; select another first: key sign ", ring.name, " ID"));
  }
  std::erase_if(ring.keys, [&](const KeyConfig& key) { return key.id == named.id; });
  c.orders.ChangeRing(std::move(ring), absl::StrCat("key ", named.id, " dropped"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named.id, " is no longer accepted, ", kUntil));
}

}  // namespace dpvrrp::internal
