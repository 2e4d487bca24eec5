// SPDX-License-Identifier: BSD-3-Clause
//
// Capture files made by hand, in either byte order.
#pragma once

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capture/capture_reader.h"

namespace dpvrrp {

class CaptureFile {
 public:
  explicit CaptureFile(bool big_endian = false) : big_endian_(big_endian) {}

  CaptureFile& Word(uint32_t word) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(word >> 8 * (big_endian_ ? 3 - i : i)));
    return *this;
  }
  CaptureFile& Half(uint16_t half) {
    bytes.push_back(static_cast<uint8_t>(big_endian_ ? half >> 8 : half));
    bytes.push_back(static_cast<uint8_t>(big_endian_ ? half : half >> 8));
    return *this;
  }
  CaptureFile& Words(std::initializer_list<uint32_t> words) {
    for (const uint32_t word : words) Word(word);
    return *this;
  }
  // A pcap header, and a frame of `length` bytes 0xee in it.
  CaptureFile& PcapHeader(uint32_t magic = 0xa1b2c3d4, uint32_t link_type = 1) {
    return Word(magic).Half(2).Half(4).Words({0, 0, 65535, link_type});
  }
  CaptureFile& PcapFrame(uint32_t seconds, uint32_t part, uint32_t length, uint32_t original) {
    Words({seconds, part, length, original});
    bytes.insert(bytes.end(), length, 0xee);
    return *this;
  }
  // pcapng blocks.
  CaptureFile& Section() {
    return Words({0x0a0d0d0a, 28, 0x1a2b3c4d}).Half(1).Half(0).Words({UINT32_MAX, UINT32_MAX, 28});
  }
  CaptureFile& Interface(uint16_t link_type = 1) { return Words({1, 20}).Half(link_type).Half(0).Words({0, 20}); }
  // if_name "lan", if_tsresol, if_tsoffset 10 s.
  CaptureFile& NamedInterface(uint8_t resolution) {
    Words({1, 52}).Half(1).Half(0).Word(0);
    Half(2).Half(3);
    for (const char c : {'l', 'a', 'n', '\0'}) bytes.push_back(static_cast<uint8_t>(c));
    Half(9).Half(1);
    for (const uint8_t b : {resolution, uint8_t{0}, uint8_t{0}, uint8_t{0}}) bytes.push_back(b);
    Half(14).Half(8);
    big_endian_ ? Words({0, 10}) : Words({10, 0});
    return Half(0).Half(0).Word(52 - 4 + 4);
  }
  CaptureFile& Packet(uint32_t interface, uint32_t high, uint32_t low, uint32_t length) {
    const uint32_t padded = (length + 3) / 4 * 4;
    Words({6, 32 + padded, interface, high, low, length, length});
    bytes.insert(bytes.end(), length, 0xee);
    bytes.insert(bytes.end(), padded - length, 0);
    return Word(32 + padded);
  }

  std::string Fault() const { return std::string(ParseCapture(bytes).status().message()); }

  std::vector<uint8_t> bytes;

 private:
  bool big_endian_;
};

inline std::vector<uint8_t> FileBytes(const std::string& name) {
  std::ifstream in(absl::StrCat(DPVRRP_CAPTURES, "/", name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace dpvrrp
