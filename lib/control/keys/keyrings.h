// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/keyring.h"
#include "config/model.h"
#include "control/journal/occurrence.h"
#include "crypto/key_set.h"

namespace dpvrrp {

// The named keyrings in force, and which of their keys are accepted now. A ring is the file's until a command changes
// it.
//
// Thread: control.
class Keyrings {
 public:
  using Ring = std::shared_ptr<const KeyringConfig>;

  struct Entry {
    Ring whole;
    Ring accepted;  // with the keys that are accepted now, and the signing key
    KeyValidity signing = KeyValidity::kValid;
    // The counts of sets of keys that have been replaced.
    struct Use {
      uint64_t adverts = 0;
      Instant last{};
    };
    std::array<Use, 256> past{};  // by id
  };

  // Replaces all rings by the file's. TakeNotes() has notes about changed acceptance after Look().
  void Configure(const std::vector<Ring>& rings, int64_t unix_ms);
  // Replaces one ring.
  void Change(KeyringConfig ring, int64_t unix_ms);
  // The ring that an instance with this configured ring must use now. A key without a ring is returned as it is.
  Ring InForce(const Ring& ring) const;

  const std::map<std::string, Entry>& entries() const { return entries_; }
  const Entry* Find(const std::string& name) const;

  // Compares the validity periods with the clock. Returns the names of the rings whose accepted keys have changed.
  std::vector<std::string> Look(int64_t unix_ms);
  std::vector<Occurrence> TakeNotes();
  // The time until a validity period begins or ends, but at most kLookAgain, because the clock may be set. kForever: no
  // key has a validity period.
  static constexpr Nanoseconds kForever = Nanoseconds::max();
  static constexpr Nanoseconds kLookAgain = std::chrono::seconds(60);
  Nanoseconds NextLook(int64_t unix_ms) const;

  // A set of keys is not in use any more. Its counts are added to `past`.
  void Retire(const KeySet& set);

 private:
  void Judge(Entry& entry, int64_t unix_ms);

  std::map<std::string, Entry> entries_;
  std::vector<Occurrence> notes_;
};

}  // namespace dpvrrp
