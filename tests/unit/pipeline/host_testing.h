// SPDX-License-Identifier: BSD-3-Clause
//
// A host on the segment of a responder. Tests write the frames of both in hex, each field at its place on the wire, and
// the checksums are summed here. It shares no code with lib/wire, which writes the responder's answers, and so not with
// lib/traffic either: these tests compare the answers with bytes that our code did not write.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "support/test_shard.h"

namespace dpvrrp {

inline constexpr MacAddress kHostMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x0a}};
inline constexpr MacAddress kPortMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x02}};
inline constexpr MacAddress kVmac = VirtualMac(Family::kIpv4, Vrid(51));
inline constexpr MacAddress kVmac6 = VirtualMac(Family::kIpv6, Vrid(51));

// A backup of 10.99.0.100 that answers for it at the virtual MAC, as master.
inline VirtualRouterConfig ResponderConfig() {
  VirtualRouterConfig config = BackupConfig();
  config.responder = true;
  config.source_mac = kVmac;
  config.port_mac = kPortMac;
  return config;
}

inline std::string Hex(const MacAddress& mac) { return ToHex(mac.bytes); }
inline std::string Hex(const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  return ToHex({bytes.data(), address.size()});
}
inline std::string Hex16(size_t value) { return absl::StrCat(absl::Hex(value, absl::kZeroPad4)); }

// Fills in the checksum of the bytes at their 16-bit word `word`, which is zero before. `pseudo`, in hex, is included
// in the sum.
inline std::string Summed(std::string hex, size_t word, const std::string& pseudo = "") {
  return hex.replace(word * 4, 4, Hex16(ReferenceChecksum(FromHex(pseudo + hex))));
}

inline std::string Ethernet(const MacAddress& to, const MacAddress& from, const std::string& type) {
  return Hex(to) + Hex(from) + type;
}
// `type` is "0806", or tags and it: "81000007" "0806".
inline Bytes Arp(const MacAddress& to, int operation, const MacAddress& sender_mac, const std::string& sender,
                 const MacAddress& target_mac, const std::string& target, const std::string& type = "0806") {
  return FromHex(absl::StrCat(Ethernet(to, sender_mac, type), "000108000604000", operation, Hex(sender_mac),
                              Hex(Ip(sender)), Hex(target_mac), Hex(Ip(target))));
}
inline std::string Ipv4(const std::string& from, const std::string& to, uint8_t protocol, const std::string& payload,
                        uint8_t ttl = 64) {
  return Summed(absl::StrCat("4500", Hex16(20 + payload.size() / 2), "00070000", absl::Hex(ttl, absl::kZeroPad2),
                             absl::Hex(protocol, absl::kZeroPad2), "0000", Hex(Ip(from)), Hex(Ip(to))),
                5) +
         payload;
}
inline std::string Ipv6(const std::string& from, const std::string& to, const std::string& message, uint8_t hop_limit) {
  const std::string length = Hex16(message.size() / 2);
  const std::string pseudo = Hex(Ip(from)) + Hex(Ip(to)) + "0000" + length + "0000003a";
  return "60000000" + length + "3a" + absl::StrCat(absl::Hex(hop_limit, absl::kZeroPad2)) + Hex(Ip(from)) +
         Hex(Ip(to)) + Summed(message, 1, pseudo);
}
inline std::string EchoV4(int type) {
  return Summed(absl::StrCat(absl::Hex(type, absl::kZeroPad2),
                             "000000"
                             "1234000161626364"),
                1);
}

}  // namespace dpvrrp
