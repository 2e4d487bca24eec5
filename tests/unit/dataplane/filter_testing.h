// SPDX-License-Identifier: BSD-3-Clause
//
// Frames and configurations for the tests of the filter that the kernel runs for a shared port.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bpf_interpreter.h"
#include "dataplane/filters.h"
#include "dataplane/traffic_filter.h"
#include "support/test_shard.h"
#include "traffic/host_frames.h"

namespace dpvrrp {

inline const TrafficHost kGuest{Mac("02:00:0a:63:00:0a"), Ip("10.99.0.10")};
inline const TrafficHost kGuest6{kGuest.mac, Ip("fe80::a")};
inline const MacAddress kGatewayMac = Mac("02:00:0a:63:00:02");
inline const VlanStack kSegments[] = {{}, {7, 0}, {100, 7}};

inline TrafficHost On(TrafficHost host, const VlanStack& vlan) {
  host.vlan = vlan;
  return host;
}
inline TrafficHost At(const std::string& address, const VlanStack& vlan = {}) {
  return {kGatewayMac, Ip(address), vlan};
}

// The tags of a segment, put into an untagged frame.
inline Bytes WithTags(Bytes frame, const VlanStack& vlan) {
  for (const uint16_t vid : {vlan.inner, vlan.outer}) {
    if (vid == 0) continue;
    const uint8_t tag[] = {0x81, 0x00, static_cast<uint8_t>(vid >> 8), static_cast<uint8_t>(vid)};
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  }
  return frame;
}

// An IP packet that carries another protocol, between two addresses.
inline Bytes Packet(uint8_t protocol, const std::string& from, const std::string& to) {
  AdvertFrame frame;
  frame.source = Ip(from);
  frame.destination = Ip(to);
  frame.protocol = protocol;
  frame.destination_mac = kGatewayMac;
  if (!frame.source.is_v4()) {
    frame.version = 3;
    frame.addresses = {Ip("fe80::100")};
  }
  return frame.Build();
}

inline TrafficFilter FilterOf(const std::vector<VirtualRouterConfig>& configs) {
  WantedFrames wanted;
  for (VirtualRouterConfig config : configs) {
    if (config.group.IsUnspecified()) config.group = VrrpGroup(config.family());  // as VirtualRouter does
    wanted.Add(config);
  }
  return BuildTrafficFilter(wanted.selection());
}

inline bool Passes(const TrafficFilter& filter, const Bytes& frame) { return RunBpf(filter.program, frame) != 0; }

// A backup on each segment, for 10.99.0.100 or fe80::100 and 2001:db8::100.
inline std::vector<VirtualRouterConfig> Plain() {
  std::vector<VirtualRouterConfig> configs;
  for (const VlanStack& vlan : kSegments) {
    configs.push_back(BackupConfig());
    configs.push_back(V3Config(Family::kIpv6));
    for (size_t i = configs.size() - 2; i < configs.size(); ++i) configs[i].vlan = vlan;
  }
  return configs;
}

// keepalived's virtual_ipaddress_excluded with addresses of both families.
inline std::vector<VirtualRouterConfig> MixedFamilies() {
  std::vector<VirtualRouterConfig> configs = Plain();
  for (VirtualRouterConfig& config : configs) {
    config.advertised = config.addresses.size();
    config.addresses.push_back(config.family() == Family::kIpv4 ? Ip("2001:db8:99::200") : Ip("10.99.0.200"));
  }
  return configs;
}

inline std::vector<VirtualRouterConfig> Responders() {
  std::vector<VirtualRouterConfig> configs = Plain();
  for (VirtualRouterConfig& config : configs) config.responder = true;
  return configs;
}

inline std::vector<VirtualRouterConfig> Unicast(std::vector<VirtualRouterConfig> configs = Plain()) {
  for (VirtualRouterConfig& config : configs) {
    const IpAddress peer = config.family() == Family::kIpv4 ? Ip("10.99.0.7") : Ip("fe80::7");
    config.unicast_peers = {{.address = peer, .next_hop = peer}};
  }
  return configs;
}

// Traffic that a gateway's kernel forwards, and that no virtual router needs.
inline std::map<std::string, Bytes> OrdinaryTraffic() {
  std::map<std::string, Bytes> frames;
  for (const auto& [name, protocol] :
       std::map<std::string, uint8_t>{{"TCP", 6}, {"UDP", 17}, {"ESP", 50}, {"SCTP", 132}}) {
    frames[name + " IPv4"] = Packet(protocol, "192.0.2.1", "198.51.100.1");
    frames[name + " IPv6"] = Packet(protocol, "2001:db8::1", "2001:db8::2");
  }
  frames["AH of IPsec"] = Packet(kProtocolAh, "192.0.2.1", "198.51.100.1");
  frames["AH of IPsec, IPv6"] = Packet(kProtocolAh, "2001:db8::1", "2001:db8:1::2");
  frames["OSPF"] = Packet(89, "10.99.0.1", "224.0.0.5");
  frames["AH of OSPFv3"] = Packet(kProtocolAh, "fe80::1", "ff02::5");
  frames["ICMP"] = EchoRequest(kGuest, At("198.51.100.1"), Bytes(4));
  frames["ICMPv6"] = EchoRequest(kGuest6, At("2001:db8:1::2"), Bytes(4));
  frames["ARP between others"] = ArpRequest(kGuest, Ip("10.99.0.11"));
  frames["ARP probe for another"] = ArpProbe(kGuest);
  frames["ND between others"] = NeighbourSolicitation(kGuest6, Ip("fe80::b"));
  frames["ND announcement of another"] = NeighbourAnnouncement(kGuest6);
  frames["LLDP"] = FromHex("0180c200000e 02000a63000a 88cc 0207 0400000000000000000000000000000000000000000000000000");
  frames["PPPoE"] =
      FromHex("02000a630002 02000a63000a 8864 1100 0001 0016 0021 4500001400000000ff7000000a0000010a000002");
  return frames;
}

}  // namespace dpvrrp
