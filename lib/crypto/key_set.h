// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counter.h"
#include "base/limits.h"
#include "base/time.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

// An instance's keys, all of one algorithm. The first signs; every key is accepted. So a key changes without a lost
// advert: first all gateways accept the new key, then all sign with it, then the old key is removed.
//
// Thread: its owner's; passed on as a whole. `use` may be read by any.
struct KeySet {
  struct Key {
    uint8_t id = 1;  // 1..255; on the wire only with the auth_hmac trailer
    std::unique_ptr<const MacKey> mac;
  };
  std::vector<Key> keys;  // 1..kMaxKeys
  std::string ring;       // name of their keyring; empty: none

  // Adverts that a key other than the first has verified, by the key's place. They show which keys others still sign
  // with. Written by the lcore.
  struct Use {
    Counter adverts;
    Counter last_ns;

    Instant last() const { return Instant(Nanoseconds(static_cast<int64_t>(last_ns.value()))); }  // the epoch: never
  };
  mutable std::array<Use, kMaxKeys> use;

  void NoteUse(const MacKey* key, Instant now) const {
    for (size_t place = 1; place < keys.size(); ++place) {
      if (keys[place].mac.get() != key) continue;
      use[place].adverts.Add();
      use[place].last_ns.RaiseTo(static_cast<uint64_t>(now.time_since_epoch().count()));
    }
  }

  const MacKey& signing() const { return *keys.front().mac; }
};

inline std::unique_ptr<const KeySet> OneKey(std::unique_ptr<const MacKey> mac, uint8_t id = 1) {
  auto set = std::make_unique<KeySet>();
  set->keys.push_back({id, std::move(mac)});
  return set;
}

}  // namespace dpvrrp
