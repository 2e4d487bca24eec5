// SPDX-License-Identifier: BSD-3-Clause
//
// Two lists by which adverts are refused because of their sender's addresses: the senders that an operator has blocked
// (BlockList, for all instances of a shard), and the only senders that one instance accepts (AllowedSenders). Both are
// checked before any cryptography, and for VRRP frames only. An attacker can forge addresses, so the lists stop a
// misplaced gateway and not an attacker.
//
// Thread: owning lcore (values).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/limits.h"
#include "base/types.h"

namespace dpvrrp {

inline constexpr PortId kAnyPort{0xffff};

// A sender to block, by any combination of its addresses and port. A field that is not given matches every sender.
struct BlockedSender {
  IpAddress address{};  // IP source; unspecified: any
  MacAddress mac{};     // Ethernet source; zero: any
  PortId port = kAnyPort;

  bool Fits(PortId from, const MacAddress& source_mac, const IpAddress& source) const {
    return (address.IsUnspecified() || address == source) && (mac == MacAddress{} || mac == source_mac) &&
           (port == kAnyPort || port == from);
  }
};

// The blocked senders of a shard. Control gives each a place, which also numbers its counter (ShardCounters::blocked).
class BlockList {
 public:
  bool empty() const { return count_ == 0; }

  // The place of the first entry that matches this sender.
  std::optional<size_t> Find(PortId port, const MacAddress& mac, const IpAddress& source) const {
    for (size_t i = 0; i < count_; ++i) {
      if (entries_[i].sender.Fits(port, mac, source)) return entries_[i].place;
    }
    return std::nullopt;
  }

  // Requires place < kMaxBlockedSenders.
  void Set(size_t place, const BlockedSender& sender) {
    Clear(place);
    entries_[count_++] = {sender, place};
  }
  void Clear(size_t place) {  // if the place is empty, nothing changes
    const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto entry = std::find_if(entries_.begin(), end, [place](const Entry& e) { return e.place == place; });
    if (entry == end) return;
    std::copy(entry + 1, end, entry);
    --count_;
  }

 private:
  struct Entry {
    BlockedSender sender;
    size_t place = 0;
  };

  size_t count_ = 0;
  std::array<Entry, kMaxBlockedSenders> entries_;  // the first count_ are in use; no two have the same place
};

// The only senders whose adverts an instance accepts. Empty: it accepts adverts of every sender.
struct AllowedSenders {
  std::array<IpAddress, kMaxAllowedSenders> addresses{};
  uint8_t count = 0;

  bool empty() const { return count == 0; }
  bool Has(const IpAddress& source) const {
    return std::find(addresses.begin(), addresses.begin() + count, source) != addresses.begin() + count;
  }
};

}  // namespace dpvrrp
