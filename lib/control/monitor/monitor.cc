// SPDX-License-Identifier: BSD-3-Clause
#include "control/monitor/monitor.h"

#include <map>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "control/instances/registry.h"
#include "control/services.h"
#include "wire/ah.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace dpvrrp {
namespace {

// To compute an ICV, the lcore has set the fields of the IP header to zero that the ICV does not cover: the checksum,
// the type of service and the fragment fields of IPv4, traffic class and flow label of IPv6, and by RFC 4302 and over
// IPv6 the TTL or hop limit. That is 255 for such an advert, except over a unicast path.
void RestoreIpHeader(FrameCopy& copy) {
  const std::span<uint8_t> bytes = std::span(copy.bytes).first(copy.copied);
  const EthernetFrame ethernet = ParseEthernet(bytes);
  if (!ethernet.complete || copy.icv == IcvVerdict::kNotLooked) return;
  const std::span<uint8_t> packet = bytes.subspan(ethernet.payload_at);
  if (ethernet.ether_type == kEtherTypeIpv6 && packet.size() >= sizeof(Ipv6Header)) {
    auto& ip = *reinterpret_cast<Ipv6Header*>(packet.data());
    if (ip.next_header == kProtocolAh && ip.hop_limit == 0) ip.hop_limit = 255;
  }
  if (ethernet.ether_type != kEtherTypeIpv4 || packet.size() < sizeof(Ipv4Header)) return;
  auto& ip = *reinterpret_cast<Ipv4Header*>(packet.data());
  if (ip.protocol != kProtocolAh || ip.checksum.host() != 0 || ip.header_bytes() > packet.size()) return;
  if (ip.ttl == 0) ip.ttl = 255;
  ip.checksum = ChecksumOf(packet.data(), ip.header_bytes());
}

}  // namespace

void Monitor::Follow(RequesterId client, const FrameSelection& wanted, FrameRendering as, ControlTime t) {
  if (clients_.empty()) {
    frames_.resize(kMost);
    while (context_.services.TakeFrames(frames_) > 0) continue;  // of former clients; the lcores copy none now
    not_shown_ = context_.services.FramesNotShown();
    due_ = t.now + kEvery;
  }
  clients_[client] = {wanted, as};
  Select();
  if (as.format != FrameFormat::kPcapng) return;
  pcapng_ = PcapngWriter("dpvrrpd");
  for (const PortBinding& port : context_.registry.ports()) pcapng_.AddInterface(port.name);  // by PortId
  Reply(client, pcapng_.Take());
}

void Monitor::Unfollow(RequesterId client) {
  if (clients_.erase(client) == 0) return;
  Select();
  if (!clients_.empty()) return;
  frames_.clear();
  frames_.shrink_to_fit();
}

// With several selections the lcores show every frame of VRRP, and Show() selects for each client.
void Monitor::Select() {
  const bool on = !clients_.empty();
  FrameSelection wanted;
  if (on) wanted = clients_.begin()->second.wanted;
  for (const auto& [id, client] : clients_) {
    if (client.wanted != wanted) wanted = FrameSelection{};
  }
  if (on == on_ && wanted == selected_) return;
  on_ = on;
  selected_ = wanted;
  context_.outbox.shard.push_back(command::ShowFrames{on, wanted});
}

void Monitor::OnTime(ControlTime t) {
  if (clients_.empty() || t.now < due_) return;
  due_ = t.now + kEvery;
  const size_t count = context_.services.TakeFrames(frames_);
  for (size_t i = 0; i < count; ++i) Show(frames_[i], t);
  const uint64_t not_shown = context_.services.FramesNotShown();
  const uint64_t lost = not_shown - std::exchange(not_shown_, not_shown);
  if (lost > 0) Count(lost);
  EndTraces();
}

void Monitor::EndTraces() {
  std::vector<RequesterId> ended;
  for (const auto& [id, client] : clients_) {
    if (client.has_its_frame) ended.push_back(id);
  }
  for (const RequesterId id : ended) Unfollow(id);
}

// A pcapng file has no place for a count between frames.
void Monitor::Count(uint64_t lost) {
  for (const auto& [id, client] : clients_) {
    if (client.as.format == FrameFormat::kJson) Reply(id, absl::StrCat("{\"not_shown\":", lost, "}\n"));
    if (client.as.format == FrameFormat::kText)
      Reply(id, absl::StrCat(CountText(lost, "frame"), " not shown: too many at once\n"));
  }
}

void Monitor::Show(FrameCopy& copy, ControlTime t) {
  RestoreIpHeader(copy);
  const std::string& name = context_.registry.PortOf(copy.port).name;
  const int64_t unix_ms = t.unix_ms - std::chrono::floor<std::chrono::milliseconds>(t.now - copy.at).count();
  std::map<FrameRendering, std::string> rendered;  // each made once
  for (auto& [id, client] : clients_) {
    if (client.has_its_frame || !client.wanted.Selects(copy.frame(), copy.how())) continue;
    if (client.as.format == FrameFormat::kTrace || client.as.format == FrameFormat::kTraceJson) {
      client.has_its_frame = true;
      const bool json = client.as.format == FrameFormat::kTraceJson;
      context_.outbox.answers.push_back(
          {id, Answer::Status::kOk, rendering_.trace(copy, name, context_.registry, unix_ms, json, client.as.width)});
      continue;
    }
    std::string& body = rendered[client.as];
    if (body.empty()) {
      body = client.as.format == FrameFormat::kPcapng ? AsPcapng(copy, t)
             : client.as.format == FrameFormat::kJson ? rendering_.json(copy, name, unix_ms)
                                                      : rendering_.text(copy, name, unix_ms, client.as.width);
    }
    Reply(id, body);
  }
}

std::string Monitor::AsPcapng(const FrameCopy& copy, ControlTime t) {
  const std::string comment = rendering_.comment(copy);
  pcapng_.Add({.interface = copy.port.value(),
               .at = std::chrono::milliseconds(t.unix_ms) - (t.now - copy.at),
               .original_length = copy.length,
               .comment = comment},
              std::span(copy.bytes).first(copy.copied));
  return pcapng_.Take();
}

}  // namespace dpvrrp
