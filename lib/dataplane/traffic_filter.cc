// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/traffic_filter.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "wire/arp.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/igmp.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/ndisc.h"
#include "wire/vrrp.h"

namespace dpvrrp {
namespace {

// Offsets in an untagged frame. Register X holds the length of the tags.
constexpr uint32_t kTypeAt = 12;
constexpr uint32_t kPacketAt = 14;
constexpr uint32_t kIpv4ProtocolAt = kPacketAt + 9;
constexpr uint32_t kIpv4DestinationAt = kPacketAt + 16;
constexpr uint32_t kIpv4PayloadAt = kPacketAt + 20;  // without options
constexpr uint32_t kIpv6NextHeaderAt = kPacketAt + 6;
constexpr uint32_t kIpv6SourceEndAt = kPacketAt + 20;  // the last four bytes of the source
constexpr uint32_t kIpv6DestinationAt = kPacketAt + 24;
constexpr uint32_t kIpv6DestinationEndAt = kPacketAt + 36;
constexpr uint32_t kIpv6PayloadAt = kPacketAt + 40;
constexpr uint32_t kNdTargetEndAt = kIpv6PayloadAt + 20;  // the last four bytes of the target
constexpr uint32_t kArpSenderAt = kPacketAt + 14;
constexpr uint32_t kArpTargetAt = kPacketAt + 24;

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kIgmpQuery = 0x11;
constexpr uint8_t kMldQuery = 130;
constexpr uint32_t kVrrpGroupV6Begin = 0xff020000;  // the first four bytes of ff02::12
constexpr uint32_t kVrrpGroupV6End = 0x12;          // and the last four

constexpr uint32_t kLinkLocal = 0xfe800000;  // fe80::/10 in the first four bytes
constexpr uint32_t kLinkLocalMask = 0xffc00000;
constexpr uint32_t kGroupsV6 = 0xff000000;  // ff00::/8; the mask is equal

constexpr uint32_t kWholeFrame = 0x40000;  // bytes to deliver: more than any frame has

// Writes instructions with jumps to places that are not written yet. All jumps go forwards.
class Assembler {
 public:
  using Label = size_t;

  Label NewLabel() {
    places_.push_back(0);
    return places_.size() - 1;
  }
  void Here(Label label) { places_[label] = program_.size(); }

  void Do(uint16_t code, uint32_t k) { program_.push_back({code, 0, 0, k}); }
  void LoadByte(uint32_t at) { Do(BPF_LD | BPF_B | BPF_IND, at); }
  void LoadHalf(uint32_t at) { Do(BPF_LD | BPF_H | BPF_IND, at); }
  void LoadWord(uint32_t at) { Do(BPF_LD | BPF_W | BPF_IND, at); }
  void SetTags(uint32_t bytes) { Do(BPF_LDX | BPF_IMM, bytes); }
  void Accept() { Do(BPF_RET | BPF_K, kWholeFrame); }
  void Reject() { Do(BPF_RET | BPF_K, 0); }
  void Jump(Label to) {
    jumps_.emplace_back(program_.size(), to);
    Do(BPF_JMP | BPF_JA, 0);
  }
  // Conditional jumps reach only 255 instructions, so they jump over an unconditional one.
  void JumpIf(uint32_t value, Label to) {
    program_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value});
    Jump(to);
  }
  void AcceptIf(uint32_t value) {
    program_.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value});
    Accept();
  }
  void JumpIfOneOf(std::span<const uint32_t> values, Label to) {
    constexpr size_t kReach = 250;
    while (!values.empty()) {
      const std::span<const uint32_t> part = values.first(std::min(kReach, values.size()));
      for (size_t i = 0; i < part.size(); ++i) {
        const auto to_end = static_cast<uint8_t>(part.size() - i);  // over the rest of the part, and the jump around
        program_.push_back({BPF_JMP | BPF_JEQ | BPF_K, to_end, 0, part[i]});
      }
      Do(BPF_JMP | BPF_JA, 1);
      Jump(to);
      values = values.subspan(part.size());
    }
  }

  std::vector<sock_filter> Finish() {
    for (const auto& [from, to] : jumps_) {
      DPVRRP_CHECK(places_[to] > from);
      program_[from].k = static_cast<uint32_t>(places_[to] - from - 1);
    }
    return std::move(program_);
  }

 private:
  std::vector<sock_filter> program_;
  std::vector<size_t> places_;                     // by label
  std::vector<std::pair<size_t, Label>> jumps_{};  // instruction, destination
};

using Label = Assembler::Label;

// The addresses of a kind that the program compares.
struct Listed {
  absl::string_view kind;  // for people
  std::span<const uint32_t> words;
  bool any = false;     // every frame of the kind, because the list is too long
  size_t searches = 1;  // how often the program contains the list

  size_t instructions() const { return any ? 0 : words.size() * searches; }
};

class Writer {
 public:
  explicit Writer(const TrafficSelection& selection)
      : selection_(selection),
        lists_{{{"IPv4 AH", selection.v4.ah},
                {"ARP", selection.v4.hosts, false, 2},
                {"IPv4 echo requests", selection.v4.echo},
                {"IPv6 AH", selection.v6.ah},
                {"neighbour discovery", selection.v6.hosts, false, 2},
                {"IPv6 echo requests", selection.v6.echo}}} {
    for (Listed& list : lists_) list.any = list.words.size() > kMaxListed;
  }

  TrafficFilter Write() {
    TrafficFilter filter{WriteProgram(), {}};
    while (filter.program.size() > kMaxInstructions) {
      const auto shorter = [](const Listed& a, const Listed& b) { return a.instructions() < b.instructions(); };
      std::max_element(lists_.begin(), lists_.end(), shorter)->any = true;
      filter.program = WriteProgram();
    }
    for (const Listed& list : lists_) {
      if (list.any) filter.widened.emplace_back(list.kind);
    }
    return filter;
  }

 private:
  enum List : uint8_t { kAhV4, kArp, kEchoV4, kAhV6, kNd, kEchoV6 };

  std::vector<sock_filter> WriteProgram() {
    Assembler out;
    const Label ipv4 = out.NewLabel(), ipv6 = out.NewLabel(), arp = out.NewLabel();
    WriteEtherType(out, ipv4, ipv6, arp);
    out.Here(ipv4);
    WriteIpv4(out);
    out.Here(ipv6);
    WriteIpv6(out);
    out.Here(arp);
    if (!Has(kArp)) {
      out.Reject();
    } else if (lists_[kArp].any) {
      out.Accept();
    } else {
      AcceptIfListed(out, kArp, kArpSenderAt);
      AcceptIfListed(out, kArp, kArpTargetAt);
      out.Reject();
    }
    return out.Finish();
  }

  void WriteEtherType(Assembler& out, Label ipv4, Label ipv6, Label arp) const {
    const Label one_tag = out.NewLabel(), two_tags = out.NewLabel(), known = out.NewLabel();
    out.SetTags(0);
    out.LoadHalf(kTypeAt);
    for (const uint16_t tag : {kEtherTypeVlan, kEtherTypeQinQ}) out.JumpIf(tag, one_tag);
    out.Jump(known);
    out.Here(one_tag);
    out.SetTags(sizeof(VlanTag));
    out.LoadHalf(kTypeAt);
    for (const uint16_t tag : {kEtherTypeVlan, kEtherTypeQinQ}) out.JumpIf(tag, two_tags);
    out.Jump(known);
    out.Here(two_tags);
    out.SetTags(2 * sizeof(VlanTag));
    out.LoadHalf(kTypeAt);
    out.Here(known);
    out.JumpIf(kEtherTypeIpv4, ipv4);
    out.JumpIf(kEtherTypeIpv6, ipv6);
    out.JumpIf(kEtherTypeArp, arp);
    out.Reject();
  }

  void WriteIpv4(Assembler& out) const {
    const Label ah = out.NewLabel(), icmp = out.NewLabel(), igmp = out.NewLabel();
    out.LoadByte(kIpv4ProtocolAt);
    out.AcceptIf(kProtocolVrrp);
    out.JumpIf(kProtocolAh, ah);
    if (Has(kEchoV4)) out.JumpIf(kProtocolIcmp, icmp);
    if (selection_.v4.queries) out.JumpIf(kProtocolIgmp, igmp);
    out.Reject();

    out.Here(ah);
    AcceptIfListed(out, kAhV4, kIpv4DestinationAt);
    out.Reject();

    out.Here(icmp);
    if (Has(kEchoV4)) {  // only requests without IP options are answered
      const Label request = out.NewLabel();
      out.LoadByte(kIpv4PayloadAt);
      out.JumpIf(kEchoRequestV4, request);
      out.Reject();
      out.Here(request);
      AcceptIfListed(out, kEchoV4, kIpv4DestinationAt);
      out.Reject();
    }

    out.Here(igmp);
    if (selection_.v4.queries) {  // a query has a Router Alert option
      out.LoadByte(kPacketAt);
      out.Do(BPF_ALU | BPF_AND | BPF_K, 0x0f);
      out.Do(BPF_ALU | BPF_LSH | BPF_K, 2);
      AcceptBehindHeader(out, kPacketAt, kIgmpQuery);
    }
  }

  // A has the length of a header that begins at `at`; the byte behind it has this value.
  static void AcceptBehindHeader(Assembler& out, uint32_t at, uint32_t value) {
    out.Do(BPF_ALU | BPF_ADD | BPF_X, 0);
    out.Do(BPF_MISC | BPF_TAX, 0);
    out.LoadByte(at);
    out.AcceptIf(value);
    out.Reject();
  }

  void WriteIpv6(Assembler& out) const {
    const Label ah = out.NewLabel(), icmp = out.NewLabel(), hop_by_hop = out.NewLabel(), to_group = out.NewLabel();
    out.LoadWord(kIpv6DestinationEndAt);
    out.JumpIf(kVrrpGroupV6End, to_group);
    WriteIpv6NextHeader(out, ah, icmp, hop_by_hop);

    out.Here(to_group);  // an advert may be behind extension headers, which the shard counts
    out.LoadWord(kIpv6DestinationAt);
    out.AcceptIf(kVrrpGroupV6Begin);
    WriteIpv6NextHeader(out, ah, icmp, hop_by_hop);

    out.Here(ah);
    WriteAhV6(out);

    out.Here(icmp);
    WriteIcmpV6(out);

    out.Here(hop_by_hop);
    if (selection_.v6.queries) {
      const Label message = out.NewLabel();
      out.LoadByte(kIpv6PayloadAt);
      out.JumpIf(kProtocolIcmpV6, message);
      out.Reject();
      out.Here(message);
      out.LoadByte(kIpv6PayloadAt + 1);  // the length in units of eight bytes, without the first
      out.Do(BPF_ALU | BPF_ADD | BPF_K, 1);
      out.Do(BPF_ALU | BPF_LSH | BPF_K, 3);
      AcceptBehindHeader(out, kIpv6PayloadAt, kMldQuery);
    }
  }

  // Many addresses of the world end as ours do (::1, ::2), and IPsec uses AH. But instances send and receive only to
  // link-local addresses and groups.
  void WriteAhV6(Assembler& out) const {
    const Label near = out.NewLabel();
    out.LoadWord(kIpv6DestinationAt);
    out.Do(BPF_ALU | BPF_AND | BPF_K, kLinkLocalMask);
    out.JumpIf(kLinkLocal, near);
    out.Do(BPF_ALU | BPF_AND | BPF_K, kGroupsV6);
    out.JumpIf(kGroupsV6, near);
    out.Reject();
    out.Here(near);
    AcceptIfListed(out, kAhV6, kIpv6DestinationEndAt);
    out.Reject();
  }

  void WriteIpv6NextHeader(Assembler& out, Label ah, Label icmp, Label hop_by_hop) const {
    out.LoadByte(kIpv6NextHeaderAt);
    out.AcceptIf(kProtocolVrrp);
    out.JumpIf(kProtocolAh, ah);
    out.JumpIf(kProtocolIcmpV6, icmp);
    if (selection_.v6.queries) out.JumpIf(kHopByHop, hop_by_hop);
    out.Reject();
  }

  void WriteIcmpV6(Assembler& out) const {
    const Label nd = out.NewLabel(), echo = out.NewLabel();
    out.LoadByte(kIpv6PayloadAt);
    if (Has(kNd)) {
      out.JumpIf(kNeighbourSolicitation, nd);
      out.JumpIf(kNeighbourAdvertisement, nd);
    }
    if (Has(kEchoV6)) out.JumpIf(kEchoRequestV6, echo);
    if (selection_.v6.queries) out.AcceptIf(kMldQuery);
    out.Reject();
    out.Here(nd);
    if (Has(kNd)) {
      AcceptIfListed(out, kNd, kIpv6SourceEndAt);
      AcceptIfListed(out, kNd, kNdTargetEndAt);
      out.Reject();
    }
    out.Here(echo);
    if (Has(kEchoV6)) {
      AcceptIfListed(out, kEchoV6, kIpv6DestinationEndAt);
      out.Reject();
    }
  }

  bool Has(List list) const { return !lists_[list].words.empty(); }

  // Accepts if the word at this offset is in the list, or if the list is too long.
  void AcceptIfListed(Assembler& out, List list, uint32_t at) const {
    if (lists_[list].any) return out.Accept();
    if (!Has(list)) return;
    const Label listed = out.NewLabel(), not_listed = out.NewLabel();
    out.LoadWord(at);
    out.JumpIfOneOf(lists_[list].words, listed);
    out.Jump(not_listed);
    out.Here(listed);
    out.Accept();
    out.Here(not_listed);
  }

  const TrafficSelection& selection_;
  std::array<Listed, 6> lists_;
};

}  // namespace

uint32_t FilterWord(const IpAddress& address) {
  const IpAddress::Bytes bytes = address.bytes();
  const size_t at = address.size() - sizeof(uint32_t);
  return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

TrafficFilter BuildTrafficFilter(const TrafficSelection& selection) { return Writer(selection).Write(); }

}  // namespace dpvrrp
