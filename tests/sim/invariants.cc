// SPDX-License-Identifier: BSD-3-Clause
#include "sim/invariants.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/milliseconds.h"

namespace dpvrrp::sim {
namespace {

constexpr Nanoseconds kSecond = std::chrono::seconds(1);

void DropBefore(std::deque<Instant>& times, Instant start) {
  while (!times.empty() && times.front() < start) times.pop_front();
}

}  // namespace

Nanoseconds RuleSkew(VrrpVersion version, Priority priority, Nanoseconds interval) {
  // Centiseconds times 78125/2 are nanoseconds divided by 256 (conformance A3).
  const int64_t centiseconds = version == VrrpVersion::kV2 ? 100 : interval.count() / 10'000'000;
  return Nanoseconds((256 - priority.value()) * centiseconds * 78125 / 2);
}

Nanoseconds RuleDown(VrrpVersion version, Priority priority, Nanoseconds interval) {
  return interval * 3 + RuleSkew(version, priority, interval);
}

Finding OneMaster::Check(SimTime now, Nanoseconds settle, const std::vector<std::string>& masters) const {
  if (masters.size() == 1 || now < whole_since_ + settle) return std::nullopt;
  return absl::StrCat("one-master: ", masters.empty() ? "there is no master" : "masters are ",
                      absl::StrJoin(masters, ", "), "; the network has been whole for ", Ms(now - whole_since_),
                      ", and may take ", Ms(settle));
}

void Takeover::Armed(Instant at, Nanoseconds down) {
  started_ = at;
  resigned_ = false;
  due_ = at + down;
}

void Takeover::Resigned(Instant at, Nanoseconds skew) {
  if (!started_.has_value() || resigned_) return;
  started_ = at;
  resigned_ = true;
  due_ = at + skew;
}

void Takeover::Lengths(Instant now, Nanoseconds down, Nanoseconds skew) {
  if (started_.has_value()) due_ = std::max(now, *started_ + (resigned_ ? skew : down));
}

Finding Takeover::BecameMaster(Instant at) {
  if (!started_.has_value()) return "takeover: mastership without a running Master_Down_Timer";
  if (at < due_) return absl::StrCat("takeover: ", Ms(due_ - at), " before Master_Down_Timer's end");
  const Finding late = Check(at);
  NotBackup();
  return late;
}

Finding Takeover::Check(Instant now) const {
  const Instant latest = std::max(due_, excused_) + allowance_;
  if (!started_.has_value() || now <= latest) return std::nullopt;
  return absl::StrCat("takeover: ", Ms(now - due_), " after Master_Down_Timer's end, allowed are ", Ms(latest - due_));
}

Finding VipFollowsMaster::Check(Instant now, bool master, bool vip) {
  if (std::exchange(master_, master) != master) changed_ = now;
  if (master == vip || now <= std::max(changed_, excused_) + bound_) return std::nullopt;
  return absl::StrCat("vip: ", vip ? "present without mastership" : "absent at the master", " for ",
                      Ms(now - changed_));
}

Finding SequenceOnce::Sent(uint32_t sequence) {
  const uint32_t before = std::exchange(sent_, std::max(sent_, sequence));
  if (sequence > before) return std::nullopt;
  return absl::StrCat("sequence: number ", sequence, " sent after ", before);
}

Finding AdvertOnTime::Sent(Instant at, Nanoseconds interval) {
  const Finding late = Check(at);
  if (due_.has_value()) due_ = at + interval;
  return late;
}

Finding AdvertOnTime::Check(Instant now) const {
  if (!due_.has_value()) return std::nullopt;
  const Instant latest = std::max(*due_, excused_) + allowance_;
  if (now <= latest) return std::nullopt;
  return absl::StrCat("advert-late: by ", Ms(now - *due_), ", allowed are ", Ms(latest - *due_));
}

Finding NoStorm::Sent(Instant at, Nanoseconds interval) {
  sent_.push_back(at);
  DropBefore(sent_, at - kSecond);
  DropBefore(allowed_, at - kSecond);
  DropBefore(answers_, at - kSecond);
  // The first and the last of the second may both be at its ends, and a rhythm that was late catches up once.
  const auto regular = static_cast<size_t>(kSecond / interval) + 2;
  const size_t limit = regular + allowed_.size() + std::min(answers_.size(), regular);
  if (sent_.size() <= limit) return std::nullopt;
  return absl::StrCat("storm: ", sent_.size(), " adverts within a second, the rules allow ", limit);
}

bool Believed::MustRefuse(uint32_t sequence) const {
  if (sequence <= floor_) return true;  // 0 with them
  if (sequence > highest_) return false;
  return highest_ - sequence >= kWindow || seen_.contains(sequence);
}

void Believed::Accepted(uint32_t sequence) {
  seen_.insert(sequence);
  highest_ = std::max(highest_, sequence);
  while (highest_ - *seen_.begin() >= kWindow) seen_.erase(seen_.begin());
}

}  // namespace dpvrrp::sim
