// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/time.h"

namespace dpvrrp {

// Makes a pcapng file of one section, little endian, with times in nanoseconds (draft-ietf-opsawg-pcapng). The same
// calls make the same bytes. DPDK 22.11's pcapng library needs EAL and mbufs, and has no comments on frames.
//
// Thread: any (pure).
class PcapngWriter {
 public:
  // `program`: the section's shb_userappl.
  explicit PcapngWriter(absl::string_view program);

  // An Ethernet interface; returns its number, 0, 1, 2 ...
  uint32_t AddInterface(absl::string_view name);

  struct Packet {
    uint32_t interface = 0;
    Nanoseconds at{};  // since 1970-01-01 UTC, not negative
    uint32_t original_length = 0;
    bool outbound = false;
    absl::string_view comment{};  // empty: none
  };
  void Add(const Packet& packet, std::span<const uint8_t> bytes);

  const std::string& file() const { return file_; }
  // The bytes since the last Take(), for a file that is written in pieces.
  std::string Take() { return std::exchange(file_, {}); }

 private:
  void Word(uint32_t word);
  void Half(uint16_t half);
  void Option(uint16_t code, absl::string_view value);
  size_t Begin(uint32_t type);
  void End(size_t block);

  std::string file_;
  uint32_t interfaces_ = 0;
};

}  // namespace dpvrrp
