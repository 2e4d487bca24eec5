// SPDX-License-Identifier: BSD-3-Clause
//
// Reads back the frames that a net_pcap port has sent into its file. Little endian classic pcap, microseconds, as
// libpcap writes it here.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/types.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/vrrp.h"

namespace dpvrrp {

inline void WriteEmptyCapture(const std::filesystem::path& path) {
  const uint32_t header[6] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};  // version 2.4, link type Ethernet
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(header), sizeof(header));
}

// The same with these frames in it.
inline void WriteCapture(const std::filesystem::path& path, const std::vector<std::vector<uint8_t>>& frames) {
  WriteEmptyCapture(path);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  for (const std::vector<uint8_t>& frame : frames) {
    const auto length = static_cast<uint32_t>(frame.size());
    const uint32_t header[4] = {0, 0, length, length};
    file.write(reinterpret_cast<const char*>(header), sizeof(header));
    file.write(reinterpret_cast<const char*>(frame.data()), length);
  }
}

// The complete frames in the file; one that is still being written is left out.
inline std::vector<std::vector<uint8_t>> ReadCapture(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::vector<uint8_t>> frames;
  for (size_t at = 24; at + 16 <= bytes.size();) {
    uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at + 8, sizeof(length));
    at += 16;
    if (at + length > bytes.size()) break;
    frames.emplace_back(bytes.begin() + static_cast<ptrdiff_t>(at),
                        bytes.begin() + static_cast<ptrdiff_t>(at + length));
    at += length;
  }
  return frames;
}

struct SentAdvert {
  std::vector<uint8_t> frame;
  VlanStack vlan;
  Priority priority;
  uint32_t sequence = 0;  // of AH; 0 without
};

// The well-formed VRRPv2 adverts of one VRID: IPv4 checksum, TTL, group and VRRP checksum hold.
inline std::vector<SentAdvert> AdvertsOf(const std::vector<std::vector<uint8_t>>& frames, Vrid vrid) {
  std::vector<SentAdvert> adverts;
  for (const std::vector<uint8_t>& frame : frames) {
    const EthernetFrame ethernet = ParseEthernet(frame);
    const size_t ip_at = ethernet.payload_at;
    const uint8_t* ip = frame.data() + ip_at;
    if (frame.size() < ip_at + 40 || ethernet.ether_type != 0x0800 || ip[0] != 0x45 || ip[8] != 255) continue;
    if (std::memcmp(frame.data(), "\x01\x00\x5e\x00\x00\x12", 6) != 0 || !ChecksumHolds(ip, 20)) continue;
    const bool is_ah = ip[9] == 51;
    const size_t vrrp_at = is_ah ? 20 + 24 : 20;
    const size_t total = size_t{ip[2]} << 8 | ip[3];
    if (ip_at + total > frame.size() || total < vrrp_at) continue;
    VrrpV2Advert parsed;
    if (ParseVrrpV2({ip + vrrp_at, total - vrrp_at}, parsed) != DropReason::kNone) continue;
    if (parsed.header->vrid != vrid.value()) continue;
    SentAdvert advert;
    advert.frame = frame;
    advert.vlan = ethernet.vlan;
    advert.priority = Priority(parsed.header->priority);
    if (is_ah) advert.sequence = reinterpret_cast<const Be32*>(ip + 28)->host();
    adverts.push_back(advert);
  }
  return adverts;
}

}  // namespace dpvrrp
