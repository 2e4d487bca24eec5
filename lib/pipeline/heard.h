// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pipeline/frame.h"
#include "pipeline/watch.h"
#include "wire/ah.h"
#include "wire/auth_trailer.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"
#include "wire/vrrp_v3.h"

namespace dpvrrp {

// What a frame of VRRP says. Fields are read if they are there, whether or not the frame is correct, because faulty
// frames are the ones of interest. `says()` has the fields of one frame only: key, version, priority, interval,
// addresses, AH and the trailer.
//
// Thread: any (pure).
class Heard {
 public:
  explicit Heard(const Frame& frame) : bytes_(frame.data, frame.length) {
    const EthernetFrame ethernet = ParseEthernet(bytes_);
    if (!ethernet.complete) return;
    VlanStack vlan = ethernet.vlan;
    if (!JoinVlans(frame.stripped, vlan)) return;
    says_.key.port = frame.port;
    says_.key.vlan = vlan;
    says_.key.mac = ethernet.source;
    const std::span<const uint8_t> packet = bytes_.subspan(ethernet.payload_at);
    if (ethernet.ether_type == kEtherTypeIpv4) ReadIpv4(packet);
    if (ethernet.ether_type == kEtherTypeIpv6) ReadIpv6(packet);
  }

  bool is_vrrp() const { return is_vrrp_; }
  const Speaker& says() const { return says_; }
  uint64_t number() const { return number_; }  // AH's or the trailer's; 0: it has neither
  uint16_t ip_id() const { return ip_id_; }    // IPv4
  std::span<const uint8_t> packet() const { return packet_; }

 private:
  void ReadIpv4(std::span<const uint8_t> packet) {
    if (packet.size() < sizeof(Ipv4Header)) return;
    const auto& ip = *reinterpret_cast<const Ipv4Header*>(packet.data());
    if (ip.header_bytes() < sizeof ip || ip.header_bytes() > packet.size()) return;
    says_.key.source = IpAddress::V4(ip.source.host());
    says_.destination = IpAddress::V4(ip.destination.host());
    says_.ttl = ip.ttl;
    ip_id_ = ip.id.host();
    const size_t total = std::clamp<size_t>(ip.total_length.host(), ip.header_bytes(), packet.size());
    packet_ = packet.first(total);
    ReadPayload(ip.protocol, packet.first(total).subspan(ip.header_bytes()));
  }

  void ReadIpv6(std::span<const uint8_t> packet) {
    if (packet.size() < sizeof(Ipv6Header)) return;
    const auto& ip = *reinterpret_cast<const Ipv6Header*>(packet.data());
    says_.is_ipv6 = true;
    says_.key.source = IpAddress::V6(ip.source);
    says_.destination = IpAddress::V6(ip.destination);
    says_.ttl = ip.hop_limit;
    std::span<const uint8_t> payload = packet.subspan(sizeof ip);
    payload = payload.first(std::min<size_t>(ip.payload_length.host(), payload.size()));
    packet_ = packet.first(sizeof ip + payload.size());
    ReadPayload(ip.next_header, payload);
  }

  void ReadPayload(uint8_t protocol, std::span<const uint8_t> payload) {
    if (protocol == kProtocolAh && payload.size() >= sizeof(AhHeader)) {
      const auto& ah = *reinterpret_cast<const AhHeader*>(payload.data());
      says_.has_ah = true;
      says_.spi = ah.spi.host();
      says_.ah_words = ah.payload_len;
      says_.sequence = ah.sequence_number.host();
      number_ = says_.sequence;
      protocol = ah.next_header;
      payload = payload.subspan(std::min(payload.size(), (size_t{ah.payload_len} + 2) * 4));
    }
    if (protocol == kProtocolVrrp && payload.size() >= sizeof(VrrpV2Header)) ReadMessage(payload);
  }

  void ReadMessage(std::span<const uint8_t> message) {
    is_vrrp_ = true;
    const auto& v2 = *reinterpret_cast<const VrrpV2Header*>(message.data());  // the versions begin alike
    const auto& v3 = *reinterpret_cast<const VrrpV3Header*>(message.data());
    says_.key.vrid = Vrid(v2.vrid);
    says_.version = v2.version();
    says_.priority = says_.said_priority = Priority(v2.priority);
    says_.address_count = v2.count;
    if (v2.version() == 2) {
      says_.auth_type = v2.auth_type;
      says_.interval = std::chrono::seconds(v2.adver_int);
    } else {
      says_.interval = v3.interval();
    }
    const Family family = says_.key.source.family();
    says_.has_trailer = HasAuthTrailer(family, message);
    if (says_.has_trailer) {
      const auto& trailer = *reinterpret_cast<const AuthTrailer*>(message.last(sizeof(AuthTrailer)).data());
      says_.trailer_key_id = trailer.key_id;
      number_ = trailer.number();
    }
    const size_t there = (message.size() - sizeof v2) / says_.key.source.size();
    const size_t kept = std::min({there, size_t{v2.count}, Speaker::kKeptAddresses});
    for (size_t i = 0; i < kept; ++i) says_.addresses[i] = AdvertisedAddress(message.data() + sizeof v2, family, i);
  }

  std::span<const uint8_t> bytes_;
  std::span<const uint8_t> packet_;  // IP, by its own length
  Speaker says_;
  uint64_t number_ = 0;
  uint16_t ip_id_ = 0;
  bool is_vrrp_ = false;
};

}  // namespace dpvrrp
