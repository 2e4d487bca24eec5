// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "crypto/mac_key.h"

namespace dpvrrp {

// An instance's keys, of one algorithm: the first signs, any is accepted. So keys change without a lost advert: first
// everybody accepts the new one, then everybody signs with it, then the old one goes.
//
// Thread: its owner's; handed over whole.
struct KeySet {
  struct Key {
    uint8_t id = 1;  // 1..255; on the wire only with the auth_hmac trailer
    std::unique_ptr<const MacKey> mac;
  };
  std::vector<Key> keys;  // 1..kMaxKeys

  const MacKey& signing() const { return *keys.front().mac; }
};

inline std::unique_ptr<const KeySet> OneKey(std::unique_ptr<const MacKey> mac, uint8_t id = 1) {
  auto set = std::make_unique<KeySet>();
  set->keys.push_back({id, std::move(mac)});
  return set;
}

}  // namespace dpvrrp
