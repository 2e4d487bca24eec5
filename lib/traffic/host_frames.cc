// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/host_frames.h"

#include "traffic/repair.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

using internal::Append;
using internal::AppendHeader;

constexpr uint8_t kHostTtl = 64;
constexpr uint8_t kQueryTtl = 1;
constexpr uint8_t kIgmpQuery = 0x11;
constexpr uint8_t kMldQuery = 130;
constexpr uint8_t kRobustnessAndInterval[] = {2, 125};  // RFC 3376 4.1.6, 4.1.7: the defaults
constexpr Be32 kRouterAlert{0x94040000};                // RFC 2113

FrameBytes Arp(const ArpFrame& arp) {
  FrameBytes frame(kMaxArpFrameBytes);
  frame.resize(WriteArp(arp, frame.data()));
  return frame;
}

FrameBytes Nd(const NdFrame& nd) {
  FrameBytes frame(kMaxNdFrameBytes);
  frame.resize(WriteNd(nd, frame.data()));
  return frame;
}

struct IpRoute {
  MacAddress destination_mac;
  IpAddress destination;
  uint8_t protocol;
  uint8_t ttl;
  bool router_alert = false;  // IPv4
};

// The checksums are right, and those of `payload` need not be.
FrameBytes IpFrame(const TrafficHost& host, const IpRoute& route, const FrameBytes& payload) {
  FrameBytes frame(kMaxEthernetBytes);
  const bool v4 = host.address.is_v4();
  frame.resize(
      WriteEthernet(route.destination_mac, host.mac, host.vlan, v4 ? kEtherTypeIpv4 : kEtherTypeIpv6, frame.data()));
  if (v4) {
    const size_t header_bytes = sizeof(Ipv4Header) + (route.router_alert ? sizeof kRouterAlert : 0);
    Ipv4Header ip{};
    ip.version_ihl = static_cast<uint8_t>(0x40 | header_bytes / 4);
    ip.total_length = Be16(static_cast<uint16_t>(header_bytes + payload.size()));
    ip.ttl = route.ttl;
    ip.protocol = route.protocol;
    ip.source = Be32(host.address.v4());
    ip.destination = Be32(route.destination.v4());
    AppendHeader(frame, ip);
    if (route.router_alert) AppendHeader(frame, kRouterAlert);
  } else {
    AppendHeader(frame, MakeIpv6Header(host.address, route.destination, payload.size(), route.protocol, route.ttl));
  }
  Append(frame, payload);
  RepairChecksums(frame);
  return frame;
}

FrameBytes IgmpQuery(const TrafficHost& host, const GroupQuery& query) {
  const auto tenths = static_cast<uint8_t>(query.max_response / std::chrono::milliseconds(100));
  FrameBytes message = {kIgmpQuery, query.version == 1 ? uint8_t{0} : tenths, 0, 0};
  AppendHeader(message, Be32(query.group.v4()));
  if (query.version == 3) {
    Append(message, kRobustnessAndInterval);
    AppendHeader(message, Be16(0));  // sources
  }
  return IpFrame(host, {MulticastMac(kAllSystems), kAllSystems, kProtocolIgmp, kQueryTtl, true}, message);
}

FrameBytes MldQuery(const TrafficHost& host, const GroupQuery& query) {
  const auto milliseconds = static_cast<uint16_t>(query.max_response / std::chrono::milliseconds(1));
  FrameBytes payload = {kProtocolIcmpV6, 0, 5, 2, 0, 0, 1, 0};  // hop-by-hop options: router alert (RFC 2711), PadN
  Append(payload, std::initializer_list<uint8_t>{kMldQuery, 0, 0, 0});
  AppendHeader(payload, Be16(milliseconds));
  AppendHeader(payload, Be16(0));
  AppendHeader(payload, query.group.is_v4() ? IpAddress::Bytes{} : query.group.bytes());
  if (query.version == 2) {
    Append(payload, kRobustnessAndInterval);
    AppendHeader(payload, Be16(0));  // sources
  }
  return IpFrame(host, {MulticastMac(kAllNodes), kAllNodes, 0, kQueryTtl}, payload);
}

}  // namespace

FrameBytes ArpRequest(const TrafficHost& host, const IpAddress& target) {
  return Arp({kBroadcastMac, host.mac, host.vlan, kArpRequest, host.mac, host.address, MacAddress{}, target});
}

FrameBytes ArpReply(const TrafficHost& host, const TrafficHost& to) {
  return Arp({to.mac, host.mac, host.vlan, kArpReply, host.mac, host.address, to.mac, to.address});
}

FrameBytes ArpAnnouncement(const TrafficHost& host) { return ArpRequest(host, host.address); }

FrameBytes ArpProbe(const TrafficHost& host) {
  return ArpRequest({host.mac, IpAddress::V4(0), host.vlan}, host.address);
}

FrameBytes NeighbourSolicitation(const TrafficHost& host, const IpAddress& target) {
  const IpAddress group = SolicitedNodeGroup(target);
  return Nd({.destination_mac = MulticastMac(group),
             .source_mac = host.mac,
             .vlan = host.vlan,
             .destination = group,
             .source = host.address,
             .type = kNeighbourSolicitation,
             .flags = 0,
             .target = target,
             .link_layer = host.mac});
}

FrameBytes NeighbourAnnouncement(const TrafficHost& host) {
  return Nd({.destination_mac = MulticastMac(kAllNodes),
             .source_mac = host.mac,
             .vlan = host.vlan,
             .destination = kAllNodes,
             .source = host.address,
             .type = kNeighbourAdvertisement,
             .flags = kNaOverride,
             .target = host.address,
             .link_layer = host.mac});
}

FrameBytes EchoRequest(const TrafficHost& host, const TrafficHost& to, std::span<const uint8_t> data) {
  const bool v4 = host.address.is_v4();
  FrameBytes message = {v4 ? kEchoRequestV4 : kEchoRequestV6, 0, 0, 0, 0x12, 0x34, 0, 1};
  Append(message, data);
  return IpFrame(host, {to.mac, to.address, v4 ? kProtocolIcmp : kProtocolIcmpV6, kHostTtl}, message);
}

FrameBytes MembershipQuery(const TrafficHost& host, const GroupQuery& query) {
  return host.address.is_v4() ? IgmpQuery(host, query) : MldQuery(host, query);
}

}  // namespace dpvrrp
