// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/stand_in/address_book.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace dpvrrp {
namespace {

std::vector<const BookEntry*> All(const AddressBook& book, PortId port, VlanStack vlan, const IpAddress& address) {
  std::vector<const BookEntry*> found;
  book.Find(port, vlan, address, [&](const BookEntry& entry) {
    found.push_back(&entry);
    return false;
  });
  return found;
}

TEST(AddressBookTest, AnEntryIsFoundByPortTagsAndAddress) {
  AddressBook book;
  BookEntry entry;
  entry.address = IpAddress::V4(0x0a630064);
  book.Insert(entry, PortId(1), {7, 0});
  EXPECT_EQ(All(book, PortId(1), {7, 0}, entry.address), std::vector<const BookEntry*>{&entry});
  EXPECT_TRUE(All(book, PortId(2), {7, 0}, entry.address).empty());
  EXPECT_TRUE(All(book, PortId(1), {0, 7}, entry.address).empty());
  EXPECT_TRUE(All(book, PortId(1), {7, 7}, entry.address).empty());
  EXPECT_TRUE(All(book, PortId(1), {7, 0}, IpAddress::V4(0x0a630065)).empty());
  book.Remove(entry);
  EXPECT_TRUE(All(book, PortId(1), {7, 0}, entry.address).empty());
  book.Remove(entry);  // again: nothing
}

// Against a list that is searched from end to end.
TEST(AddressBookTest, AgreesWithAPlainList) {
  std::mt19937 random(1);
  AddressBook book;
  std::vector<BookEntry> entries(20000);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].address = IpAddress::V4(0x0a000000 + random() % 2000);
    entries[i].index = static_cast<uint16_t>(i);
  }
  for (int step = 0; step < 60000; ++step) {
    BookEntry& entry = entries[random() % entries.size()];
    if (entry.listed()) {
      book.Remove(entry);
    } else {
      book.Insert(entry, PortId(0), {static_cast<uint16_t>(1 + random() % 2), 0});
    }
  }
  for (uint32_t i = 0; i < 2000; i += 37) {
    for (uint16_t vid : {1, 2}) {
      const IpAddress address = IpAddress::V4(0x0a000000 + i);
      size_t expected = 0;
      for (const BookEntry& e : entries) expected += e.listed() && e.address == address && e.vlan.outer == vid;
      const std::vector<const BookEntry*> found = All(book, PortId(0), {vid, 0}, address);
      EXPECT_EQ(found.size(), expected);
      for (const BookEntry* entry : found) EXPECT_TRUE(entry->listed() && entry->address == address);
    }
  }
}

}  // namespace
}  // namespace dpvrrp
