// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/address.h"
#include "base/types.h"

namespace dpvrrp {

class VirtualRouter;

// An address of a segment that a virtual router has to do with. Lies inside the router, which control has built, so the
// book needs no memory of its own and is never full.
struct BookEntry {
  enum class Role : uint8_t {
    kVirtual,  // one of its virtual addresses, for which it answers as master
    kWatched,  // one of its virtual addresses that a kernel answers for; other hosts' claims to it are reported
    kSource,   // its own address
    kPeer,     // the next hop to its unicast peer `index`
    kGroup,    // a group that it is a member of
  };
  VirtualRouter* router = nullptr;
  IpAddress address;
  Role role{};
  uint16_t index = 0;

  // The book's own.
  PortId port{};
  VlanStack vlan;
  BookEntry* next = nullptr;
  BookEntry** at = nullptr;  // what points here; null: not in the book

  bool listed() const { return at != nullptr; }
};

// The virtual routers and peers of an address, by port, tags and address. One multiplication and a step or two whatever
// the number of instances, as long as that is not far above kBuckets.
//
// Thread: owning lcore; the constructor: any.
class AddressBook {
 public:
  AddressBook() : buckets_(std::make_unique<BookEntry*[]>(kBuckets)) {}

  void Insert(BookEntry& entry, PortId port, const VlanStack& vlan) {
    BookEntry*& head = BucketOf(port, vlan, entry.address);
    entry.port = port;
    entry.vlan = vlan;
    entry.next = head;
    entry.at = &head;
    if (head != nullptr) head->at = &entry.next;
    head = &entry;
  }
  void Remove(BookEntry& entry) {  // does nothing unless it is inside
    if (!entry.listed()) return;
    *entry.at = entry.next;
    if (entry.next != nullptr) entry.next->at = entry.at;
    entry.next = nullptr;
    entry.at = nullptr;
  }

  // Calls `visit` for every entry of the address until it says true; whether it did.
  template <typename Visit>
  bool Find(PortId port, const VlanStack& vlan, const IpAddress& address, Visit visit) const {
    for (BookEntry* entry = BucketOf(port, vlan, address); entry != nullptr;) {
      BookEntry* next = entry->next;
      if (entry->address == address && entry->port == port && entry->vlan == vlan && visit(*entry)) return true;
      entry = next;
    }
    return false;
  }

 private:
  static constexpr size_t kBits = 16;
  static constexpr size_t kBuckets = size_t{1} << kBits;

  // Multiplicative hashing (Knuth 6.4) of all there is.
  BookEntry*& BucketOf(PortId port, const VlanStack& vlan, const IpAddress& address) const {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
    const auto halves = std::bit_cast<std::array<uint64_t, 2>>(address.bytes());
    const uint64_t segment = uint64_t{port.value()} << 32 | uint64_t{vlan.outer} << 16 | vlan.inner;
    const uint64_t mixed = ((halves[0] ^ segment) * kGolden ^ halves[1]) * kGolden;
    return buckets_[mixed >> (64 - kBits)];
  }

  std::unique_ptr<BookEntry*[]> buckets_;
};

}  // namespace dpvrrp
