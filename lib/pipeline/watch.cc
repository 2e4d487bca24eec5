// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/watch.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "absl/hash/hash.h"
#include "base/check.h"
#include "pipeline/heard.h"

namespace dpvrrp {
namespace {

static_assert(kMaxSpeakers % Watch::kWays == 0);

constexpr uint64_t kRefillsASecond = 100;
constexpr Nanoseconds kRefill = Nanoseconds(std::chrono::seconds(1)) / kRefillsASecond;
static_assert(kWatchRate % kRefillsASecond == 0 && kWatchProbeRate % kRefillsASecond == 0);

size_t HashOf(const SpeakerKey& key) {
  return absl::HashOf(key.port.value(), key.vlan.outer, key.vlan.inner, key.vrid.value(), key.mac.bytes, key.source);
}

KeyProof ProofOf(DropReason end, IcvVerdict icv) {
  if (icv != IcvVerdict::kRight) return KeyProof::kNone;
  switch (end) {
    case DropReason::kReplayed:
    case DropReason::kStale:
    case DropReason::kBehindGroup:
    case DropReason::kExtReplay:
    case DropReason::kExtStale:
      return KeyProof::kOld;
    default:
      return KeyProof::kNew;
  }
}

// Whether what it said with the key still counts for more than what is said without.
bool IsVouchedFor(const Speaker& s, Instant now) {
  return s.icv_right > 0 && now - s.last_right <= std::max(Speaker::kWindow, 3 * s.interval);
}

bool IsMissedLess(const Speaker& a, const Speaker& b) {
  const auto rank = [](const Speaker& s) { return std::tuple(s.frames > 0, s.last_odd, s.last_seen); };
  return rank(a) < rank(b);
}

// Whether this is the frame before once more, as a network delivers it that doubles frames. An advert without a number
// is known by the IPv4 id; over IPv6 nothing but the time tells a copy from the next advert.
bool IsCopy(const Speaker& s, const Heard& heard, Instant now) {
  const Speaker& says = heard.says();
  const Nanoseconds within =
      says.interval > Nanoseconds(0) ? std::min(Speaker::kCopyWithin, says.interval / 2) : Speaker::kCopyWithin;
  const bool is_alike =
      says.has_ah == s.has_ah && says.has_trailer == s.has_trailer && says.version == s.version && s.frames > 0;
  if (!is_alike || now - s.last_seen > within) return false;
  if (heard.number() != 0) return heard.number() == s.course.last;
  return heard.ip_id() == s.ip_id && says.said_priority == s.said_priority;
}

void FollowNumber(NumberCourse& course, uint64_t number, Instant now) {
  if (number > course.last) {
    if (course.rises == 0 && course.last == 0) course.since = now, course.first = number;
    ++course.rises;
  } else {
    course.fell_at = now;
    course.fell_from = course.last;
    course.since = now;
    course.first = number;
    course.rises = 0;
  }
  course.last = number;
}

// Counts a frame among what its speaker did lately.
void CountLately(Speaker& s, DropReason end, IcvVerdict icv, const Heard& heard, Instant now) {
  if (now - s.window.from >= Speaker::kWindow) {
    const bool is_lately = now - s.window.from < 2 * Speaker::kWindow;
    s.window_before = is_lately ? s.window : Speaker::Window{};
    s.window = {.from = now};
  }
  Speaker::Window& w = s.window;
  if (IsCopy(s, heard, now)) {
    ++w.copies;
  } else if (heard.number() != 0) {
    if (s.frames > 0 && s.course.last != 0) ++(heard.number() > s.course.last ? w.rises : w.falls);
    if (icv != IcvVerdict::kWrong) FollowNumber(s.course, heard.number(), now);
  }
  ++w.frames;
  ++(end == DropReason::kNone ? w.accepted : w.refused);
  if (end == DropReason::kNone) w.last_accepted = now;
}

void KeepSample(PacketSample& sample, const Heard& heard, Instant now) {
  const Speaker& says = heard.says();
  const bool has_authentication = says.has_ah || says.has_trailer || says.auth_type == 1;
  const std::span<const uint8_t> packet = heard.packet();
  if (!has_authentication || packet.size() > PacketSample::kBytes) return;
  if (sample.bytes != 0 && now - sample.at < PacketSample::kEvery) return;
  std::copy(packet.begin(), packet.end(), sample.packet.begin());
  sample.bytes = static_cast<uint16_t>(packet.size());
  sample.at = now;
}

}  // namespace

Speaker::Window Speaker::recent() const {
  Window both = window;
  if (window_before.frames == 0) return both;
  both.from = window_before.from;
  both.last_accepted = std::max(both.last_accepted, window_before.last_accepted);
  both.frames += window_before.frames;
  both.accepted += window_before.accepted;
  both.refused += window_before.refused;
  both.rises += window_before.rises;
  both.falls += window_before.falls;
  both.copies += window_before.copies;
  return both;
}

double Speaker::rate() const {
  const Window both = recent();
  if (both.frames < 2 || last_seen <= both.from) return 0;
  return (both.frames - 1) / std::chrono::duration<double>(last_seen - both.from).count();
}

Watch::Watch() : speakers_(std::make_unique<Speaker[]>(kPlaces)) {}

size_t Watch::Budget::Take(size_t wanted, Instant now) {
  // No more often than it takes to earn one: the rest of the division is lost.
  if (now - since >= kRefill) {
    const auto refills = static_cast<uint64_t>((now - since) / kRefill);
    left = refills >= kRefillsASecond ? rate : std::min(left + refills * (rate / kRefillsASecond), rate);
    since = now;
  }
  const size_t taken = std::min(wanted, left);
  left -= taken;
  return taken;
}

Watch::Grant Watch::GrantFor(size_t frames, Instant now) {
  return {authentic_.Take(frames, now), others_.Take(frames, now), probes_.Take(1, now)};
}

void Watch::GiveBack(const Grant& unused) {
  authentic_.left += unused.authentic;
  others_.left += unused.others;
  probes_.left += unused.probes;
}

void Watch::See(const Frame& frame, const VirtualRouter* router, DropReason end, Remarks remarks, IcvVerdict icv,
                Instant now) {
  const Heard heard(frame);
  if (!heard.is_vrrp()) return;
  Speaker& s = FindOrMake(heard.says().key, now);

  // What it says now, over what is remembered of it.
  const Speaker& says = heard.says();
  CountLately(s, end, icv, heard, now);
  s.has_ah = says.has_ah;
  s.has_trailer = says.has_trailer;
  s.is_ipv6 = says.is_ipv6;
  s.version = says.version;
  s.auth_type = says.auth_type;
  s.ah_words = says.ah_words;
  s.trailer_key_id = says.trailer_key_id;
  s.destination = says.destination;
  s.ip_id = heard.ip_id();
  s.said_priority = says.said_priority;
  // RFC 4302 has it zeroed for the ICV. By then it has been looked at: a frame to the group came with 255.
  const bool zeroed = says.has_ah && says.ttl == 0 && end != DropReason::kBadTtl;
  s.ttl = zeroed && router != nullptr && router->config.unicast_peers.empty() ? kVrrpTtl : says.ttl;
  if (icv == IcvVerdict::kRight || !IsVouchedFor(s, now)) {
    s.address_count = says.address_count;
    s.priority = says.priority;
    s.interval = says.interval;
    s.addresses = says.addresses;
  }
  if (icv == IcvVerdict::kRight) s.last_right = now;
  s.spi = says.spi;
  s.sequence = says.sequence;
  s.last_end = end;
  s.last_remarks = remarks;
  if (end != DropReason::kNone) s.last_refusal = end;
  if (icv != IcvVerdict::kNotLooked) s.last_icv = icv;
  s.last_seen = now;
  const bool is_our_master = router != nullptr && router->machine.state == State::kBackup;
  if (end != DropReason::kNone || !remarks.empty() || !is_our_master) s.last_odd = now;
  ++s.frames;
  ++(end == DropReason::kNone ? s.accepted : s.dropped[static_cast<size_t>(end)]);
  for (const RemarkInfo& row : AllRemarks()) s.remarked[static_cast<size_t>(row.remark)] += remarks.Has(row.remark);
  s.icv_right += icv == IcvVerdict::kRight;
  s.icv_wrong += icv == IcvVerdict::kWrong;
  if (end != DropReason::kNone && icv != IcvVerdict::kRight) KeepSample(s.sample, heard, now);
  if (const KeyProof proof = ProofOf(end, icv); proof > s.keeps) Keep(s, proof);
  s.configured = router != nullptr;
  if (router == nullptr) return;
  s.instance = router->config.id;
  s.own_sent = router->sequence.sent();
  s.sequence_known = std::max(router->senders.highest(), s.own_sent);
}

std::span<Speaker> Watch::SetOf(const SpeakerKey& key) const {
  return {&speakers_[HashOf(key) % (kPlaces / kWays) * kWays], kWays};
}

Speaker& Watch::FindOrMake(const SpeakerKey& key, Instant now) {
  Speaker* victim = nullptr;
  for (Speaker& s : SetOf(key)) {
    if (s.frames > 0 && s.key == key) return s;
    if (s.keeps != KeyProof::kNone) continue;
    if (victim == nullptr || IsMissedLess(s, *victim)) victim = &s;
  }
  DPVRRP_CHECK(victim != nullptr);  // Keep() leaves one
  if (victim->frames > 0) ++crowded_out_;
  *victim = Speaker{};
  victim->key = key;
  victim->first_seen = now;
  return *victim;
}

// The speaker keeps its place from now on. Are there enough that do, then instead of one that has proved no more; there
// is none: it does not.
void Watch::Keep(Speaker& speaker, KeyProof proof) {
  size_t keep = 0;
  size_t by_old = 0;
  Speaker* least = nullptr;
  for (Speaker& s : SetOf(speaker.key)) {
    if (s.keeps == KeyProof::kNone || &s == &speaker) continue;
    ++keep;
    by_old += s.keeps == KeyProof::kOld;
    if (s.keeps > proof) continue;
    const auto gives_up_before = [&s](const Speaker& other) {  // first who has proved less
      return s.keeps != other.keeps ? s.keeps < other.keeps : IsMissedLess(s, other);
    };
    if (least == nullptr || gives_up_before(*least)) least = &s;
  }
  if (keep == kKeep || (proof == KeyProof::kOld && by_old == kKeepByOld)) {
    if (least == nullptr) return;
    least->keeps = KeyProof::kNone;
  }
  speaker.keeps = proof;
}

size_t Watch::Read(size_t first, size_t count, Speaker* out) const {
  size_t found = 0;
  for (size_t i = first; i < std::min(first + count, kPlaces); ++i) {
    if (speakers_[i].frames > 0) out[found++] = speakers_[i];
  }
  return found;
}

}  // namespace dpvrrp
