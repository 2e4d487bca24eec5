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
#include "control/event_log.h"
#include "crypto/key_set.h"

namespace dpvrrp {

// The named keyrings in force: the file's, until a command changes one; and which of their keys are accepted at this
// time of day.
//
// Thread: control.
class Keyrings {
 public:
  using Ring = std::shared_ptr<const KeyringConfig>;

  // What became of a ring, for the event log.
  struct Note {
    Severity severity;
    std::string text;
  };

  struct Entry {
    Ring whole;
    Ring accepted;  // of its keys those that are accepted now; the one that signs is
    KeyValidity signing = KeyValidity::kValid;
    // What sets that have been replaced had counted.
    struct Use {
      uint64_t adverts = 0;
      Instant last{};
    };
    std::array<Use, 256> past{};  // by id
  };

  // The file's rings instead of all that were there. Notes about what is accepted now wait for Look().
  void Configure(const std::vector<Ring>& rings, int64_t unix_ms);
  // Replaces one ring.
  void Change(KeyringConfig ring, int64_t unix_ms);
  // What an instance with this ring is to use: the ring as it is in force now; its own key as it is.
  Ring InForce(const Ring& ring) const;

  const std::map<std::string, Entry>& entries() const { return entries_; }
  const Entry* Find(const std::string& name) const;

  // Looks at the clock: names of the rings whose accepted keys are others than before.
  std::vector<std::string> Look(int64_t unix_ms);
  std::vector<Note> TakeNotes();
  // How long until a key's time comes, or until the clock is to be looked at again as somebody may have set it.
  // kForever: no key has a time.
  static constexpr Nanoseconds kForever = Nanoseconds::max();
  static constexpr Nanoseconds kLookAgain = std::chrono::seconds(60);
  Nanoseconds NextLook(int64_t unix_ms) const;

  // A set that was in use comes back.
  void Retire(const KeySet& set);

 private:
  void Judge(Entry& entry, int64_t unix_ms);

  std::map<std::string, Entry> entries_;
  std::vector<Note> notes_;
};

}  // namespace dpvrrp
