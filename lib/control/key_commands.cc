// SPDX-License-Identifier: BSD-3-Clause
//
// `show keyrings`, `key add`, `key sign`, `key drop`: the steps of a change of keys (docs/operations.md). None shows a
// byte of a key.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/keyring.h"
#include "control/command_context.h"
#include "control/report_cells.h"

namespace dpvrrp::internal {
namespace {

constexpr absl::string_view kUntil = "until the next reload or restart";

// The ring and id that a command names; a copy of the ring, to be changed.
struct Named {
  KeyringConfig ring;
  uint8_t id;
};

absl::StatusOr<Named> ReadNames(const CommandContext& c) {
  const Keyrings::Entry* entry = c.controller.keyrings().Find(c.argument(0));
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no keyring named '", c.argument(0), "'"));
  int id = 0;
  if (!absl::SimpleAtoi(c.argument(1), &id) || id < 1 || id > 255) {
    return absl::InvalidArgumentError(absl::StrCat("id must be 1..255, got '", c.argument(1), "'"));
  }
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

// What the sets in use and those before them have counted.
std::array<Keyrings::Entry::Use, 256> UsesOf(const Controller& controller, const std::string& name,
                                             const Keyrings::Entry& entry, size_t& instances) {
  std::array<Keyrings::Entry::Use, 256> uses = entry.past;
  for (const auto& [instance_name, instance] : controller.instances()) {
    if (instance.removing || !UsesRing(instance, name)) continue;
    ++instances;
    for (size_t place = 1; place < instance.keys->keys.size(); ++place) {
      const KeySet::Use& use = instance.keys->use[place];
      Keyrings::Entry::Use& sum = uses[instance.keys->keys[place].id];
      sum.adverts += use.adverts.value();
      sum.last = std::max(sum.last, use.last());
    }
  }
  return uses;
}

}  // namespace

absl::StatusOr<Report> ShowKeyrings(const CommandContext& c) {
  Table table{{"keyring", "key", "signs", "state", "not_before", "not_after", "instances", "verified", "last_verified"},
              {}};
  for (const auto& [name, entry] : c.controller.keyrings().entries()) {
    size_t instances = 0;
    const auto uses = UsesOf(c.controller, name, entry, instances);
    for (const KeyConfig& key : entry.whole->keys) {
      const Keyrings::Entry::Use& use = uses[key.id];
      const bool signs = key.id == entry.whole->sign;
      table.rows.push_back({name, Number(key.id), signs, Text(ToString(ValidityAt(key, c.t.unix_ms / 1000))),
                            Moment(key.not_before), Moment(key.not_after), Number(static_cast<int64_t>(instances)),
                            signs ? Null() : Count(use.adverts),
                            use.last == Instant{} ? Null() : Value(FormatTime(c.t.UnixMsAt(use.last)))});
    }
  }
  Report report;
  report.sections.push_back({"", std::move(table)});
  return report;
}

absl::StatusOr<Report> AddKey(const CommandContext& c) {
  absl::StatusOr<Named> named = ReadNames(c);
  if (!named.ok()) return named.status();
  KeyringConfig& ring = named->ring;
  if (FindKey(ring, named->id) != nullptr) {
    return absl::AlreadyExistsError(absl::StrCat("keyring ", ring.name, " has a key ", named->id, " already"));
  }
  if (ring.keys.size() == kMaxKeys) {
    return absl::FailedPreconditionError(absl::StrCat("keyring ", ring.name, " has ", kMaxKeys, " keys, no more fit"));
  }
  const std::string& path = c.argument(2);
  const absl::StatusOr<SecretBytes> content = c.controller.services().ReadKeyFile(path);
  if (!content.ok()) return content.status();
  absl::StatusOr<SecretBytes> secret = ParseKeyFile(*content);
  if (!secret.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", secret.status().message()));
  const std::string fault = KeyFault(ring, *secret);
  if (!fault.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", fault));
  const absl::Status fits = c.controller.FitsUsers(ring.name, *secret);
  if (!fits.ok()) return absl::InvalidArgumentError(absl::StrCat(path, ": ", fits.message()));
  ring.keys.push_back({.id = named->id, .secret = *std::move(secret), .not_before = {}, .not_after = {}});
  c.controller.ChangeRing(std::move(ring), absl::StrCat("key ", named->id, " added"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named->id, " is accepted ", kUntil));
}

absl::StatusOr<Report> SignWithKey(const CommandContext& c) {
  absl::StatusOr<Named> named = ReadNames(c);
  if (!named.ok()) return named.status();
  KeyringConfig& ring = named->ring;
  const KeyConfig* key = FindKey(ring, named->id);
  if (key == nullptr) return NoSuchKey(*named);
  // Who has the same times would refuse what it signs: two masters.
  const KeyValidity validity = ValidityAt(*key, c.t.unix_ms / 1000);
  if (ring.sign != named->id && validity != KeyValidity::kValid) {
    return absl::FailedPreconditionError(absl::StrCat(
        "key ", named->id, " is not accepted ",
        validity == KeyValidity::kNotYet ? "before its not_before" : "after its not_after",
        "; peers that have the same times would refuse what it signs: change them in the file, and reload"));
  }
  ring.sign = named->id;
  c.controller.ChangeRing(std::move(ring), absl::StrCat("key ", named->id, " signs"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named->id, " signs ", kUntil));
}

absl::StatusOr<Report> DropKey(const CommandContext& c) {
  absl::StatusOr<Named> named = ReadNames(c);
  if (!named.ok()) return named.status();
  KeyringConfig& ring = named->ring;
  if (FindKey(ring, named->id) == nullptr) return NoSuchKey(*named);
  if (named->id == ring.sign) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", named->id, " signs; first let another: key sign ", ring.name, " ID"));
  }
  std::erase_if(ring.keys, [&](const KeyConfig& key) { return key.id == named->id; });
  c.controller.ChangeRing(std::move(ring), absl::StrCat("key ", named->id, " dropped"), c.t);
  return Done(absl::StrCat(c.argument(0), ": key ", named->id, " is not accepted ", kUntil));
}

}  // namespace dpvrrp::internal
