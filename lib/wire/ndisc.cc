// SPDX-License-Identifier: BSD-3-Clause
#include "wire/ndisc.h"

namespace dpvrrp {
namespace {

// Finds the option with this type and Ethernet's length among `options`. False: one of them is not a valid option.
bool FindLinkLayer(std::span<const uint8_t> options, uint8_t type, const MacAddress*& found) {
  while (!options.empty()) {
    if (options.size() < 2) return false;
    const size_t bytes = size_t{options[1]} * 8;
    if (bytes == 0 || bytes > options.size()) return false;
    if (options[0] == type && bytes == sizeof(NdLinkLayerOption)) {
      found = &reinterpret_cast<const NdLinkLayerOption*>(options.data())->mac;
    }
    options = options.subspan(bytes);
  }
  return true;
}

}  // namespace

bool ParseNd(const Ipv6Header& ip, std::span<const uint8_t> payload, SeenNd& out) {
  if (payload.size() < sizeof(NdMessage) || ip.hop_limit != kNdHopLimit) return false;
  const auto& message = *reinterpret_cast<const NdMessage*>(payload.data());
  const bool asks = message.type == kNeighbourSolicitation;
  if ((!asks && message.type != kNeighbourAdvertisement) || message.code != 0) return false;
  const IpAddress source = IpAddress::V6(ip.source);
  const IpAddress destination = IpAddress::V6(ip.destination);
  const IpAddress target = IpAddress::V6(message.target);
  if (source.IsMulticast() || target.IsMulticast() || target.is_v4()) return false;  // v4: mapped, so not on a wire
  if (!IcmpV6ChecksumHolds(source, destination, payload)) return false;
  out = {&message, nullptr};
  if (!FindLinkLayer(payload.subspan(sizeof(NdMessage)), asks ? kSourceLinkLayer : kTargetLinkLayer, out.link_layer)) {
    return false;
  }
  if (!asks) return !destination.IsMulticast() || !out.Has(kNaSolicited);
  if (!source.IsUnspecified()) return true;
  return out.link_layer == nullptr && destination == SolicitedNodeGroup(out.target());
}

}  // namespace dpvrrp
