// SPDX-License-Identifier: BSD-3-Clause
#include "gen/stream.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "traffic/host_frames.h"
#include "wire/auth_trailer.h"

namespace dpvrrp {
namespace {

// Frames that are later than this are left out: after a pause the generator must not send a burst that the profile does
// not have. Masters send every late advert of an interval.
constexpr Nanoseconds kTooLate = std::chrono::milliseconds(100);
// xorshift needs a seed other than 0. A run is repeatable.
constexpr uint64_t kSeed = 0x9e3779b97f4a7c15;

FrameBytes Question(const TrafficHost& host, const IpAddress& target) {
  return target.is_v4() ? ArpRequest(host, target) : NeighbourSolicitation(host, target);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GenRun>> GenRun::Create(const GenStream& stream, IcvEngine& engine,
                                                       const MacAddress& port_mac, Nanoseconds utc) {
  std::unique_ptr<GenRun> run(new GenRun(stream, engine));
  const auto seconds = static_cast<uint32_t>(std::chrono::floor<std::chrono::seconds>(utc).count());
  run->number_ = stream.sequence.value_or(stream.kind->name == "stale-gateway" ? 1 : std::max(seconds, 1u));
  if (HasKeys(stream.auth.kind)) {
    const AdvertFrame first = ValidAdvert(stream, stream.routers.front(), port_mac);
    const bool is_ah = stream.auth.kind == AuthKind::kAh;
    absl::StatusOr<std::unique_ptr<const MacKey>> key =
        MacKey::Create(is_ah ? first.algorithm : MacAlgorithm::kHmacSha256_128, is_ah ? first.key : first.trailer_key);
    if (!key.ok()) return absl::InvalidArgumentError(absl::StrCat(stream.name, ": ", key.status().message()));
    run->key_ = *std::move(key);
  }
  run->utc_ = utc;
  run->MakeItems(port_mac);
  for (const Item& item : run->items_) {
    const size_t bytes = item.frame.frame.size();
    if (bytes <= kMaxFrameBytes) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(stream.name, ": virtual_addresses: a frame has ", bytes, " bytes, at most ", kMaxFrameBytes));
  }
  return run;
}

GenRun::GenRun(const GenStream& stream, IcvEngine& engine)
    : stream_(stream), engine_(engine), pacer_({}, Nanoseconds(1), 0), random_(kSeed) {
  inputs_ = std::make_unique<uint8_t[]>(kMaxBurst * kMaxFrameBytes);
}

void GenRun::MakeItems(const MacAddress& port_mac) {
  const bool repeated = stream_.kind->change == GenChange::kRepeated;
  for (size_t i = 0; i < stream_.routers.size(); ++i) {
    const GenRouter& router = stream_.routers[i];
    if (stream_.kind->role == GenRole::kQuestion) {
      const TrafficHost host{stream_.mac.value_or(port_mac), router.source, router.vlan};
      for (size_t j = 0; j < router.addresses.size(); ++j) {
        GenTemplate question;
        question.frame = Question(host, router.addresses[j]);
        items_.push_back({std::move(question), {}, i, j});
      }
      continue;
    }
    AdvertFrame advert = ValidAdvert(stream_, router, port_mac);
    advert.sequence = number_;
    advert.trailer_number = TrailerNumberAt(utc_);
    if (stream_.kind->spoil != nullptr) stream_.kind->spoil(advert);
    Item item{MakeGenTemplate(advert, repeated), {}, i, 0};
    if (stream_.resign_at) {
      advert.priority = 0;
      item.resignation = MakeGenTemplate(advert, repeated);
    }
    items_.push_back(std::move(item));
  }
}

Pacer GenRun::MakePacer(Instant start) const {
  if (stream_.is_master()) return {start, stream_.interval, items_.size()};
  return {start, std::chrono::seconds(1), stream_.rate};
}

void GenRun::Advance(Instant now) {
  const auto at = [&](const std::optional<Nanoseconds>& time) { return time && now >= start_ + *time; };
  const auto begin = [&](Phase phase, Nanoseconds time) {
    phase_ = phase;
    pacer_ = MakePacer(start_ + time);
    next_ = 0;
  };
  if (phase_ == Phase::kWaiting && now >= start_ + stream_.start_at) begin(Phase::kSending, stream_.start_at);
  if (phase_ == Phase::kSending && at(stream_.silent_at)) phase_ = Phase::kSilent;
  if (phase_ == Phase::kSending && at(stream_.resign_at)) phase_ = Phase::kResigning;
  if (phase_ == Phase::kResigning && resigned_ == items_.size()) phase_ = Phase::kSilent;
  if (phase_ == Phase::kSilent && at(stream_.resume_at)) begin(Phase::kSendingAgain, *stream_.resume_at);
  if (stream_.frames != 0 && sent_ >= stream_.frames) phase_ = Phase::kEnded;
}

Instant GenRun::NextDue() const {
  switch (phase_) {
    case Phase::kWaiting:
      return start_ + stream_.start_at;
    case Phase::kSending:
    case Phase::kSendingAgain:
      return pacer_.TimeOf(next_);
    case Phase::kResigning:
      return start_;
    case Phase::kSilent:
      return stream_.resume_at ? start_ + *stream_.resume_at : kNever;
    case Phase::kEnded:
      return kNever;
  }
  return kNever;
}

void GenRun::SkipWhatIsTooLate(uint64_t due) {
  if (stream_.rate == 0 && !stream_.is_master()) return;
  const uint64_t keep = stream_.is_master()
                            ? items_.size()
                            : kMaxBurst + stream_.rate * static_cast<uint64_t>(kTooLate.count()) / 1'000'000'000;
  if (due <= next_ + keep) return;
  skipped_ += due - keep - next_;
  next_ = due - keep;
}

size_t GenRun::Fill(Instant now, Nanoseconds utc, std::span<TxFrame> buffers) {
  count_ = jobs_ = 0;
  utc_ = utc;
  Advance(now);
  size_t room = std::min(buffers.size(), kMaxBurst);
  if (phase_ == Phase::kResigning) {
    for (; count_ < room && resigned_ < items_.size(); ++resigned_) Put(items_[resigned_], true, buffers[count_]);
  } else if (phase_ == Phase::kSending || phase_ == Phase::kSendingAgain) {
    const uint64_t due = pacer_.DueBy(now);
    SkipWhatIsTooLate(due);
    if (stream_.frames != 0) room = static_cast<size_t>(std::min<uint64_t>(room, stream_.frames - sent_));
    if (due > next_ && pacer_.TimeOf(next_) != start_) worst_ = std::max(worst_, now - pacer_.TimeOf(next_));
    size_t item = next_ % items_.size();
    for (; count_ < room && next_ < due; ++next_) {
      Put(items_[item], false, buffers[count_]);
      if (++item == items_.size()) item = 0;
    }
  }
  if (jobs_ != 0) Sign(buffers);
  sent_ += count_;
  return count_;
}

uint64_t GenRun::NextNumber(GenTemplate::Number kind) {
  if (kind == GenTemplate::Number::kAh) {
    const uint32_t number = number_++;
    if (number_ == 0) number_ = 1;  // after 2^32-1
    return number;
  }
  const Nanoseconds offset = stream_.kind->name == "clock-skew" ? stream_.clock_offset : Nanoseconds(0);
  return trailer_ = NextTrailerNumber(trailer_, TrailerNumberAt(utc_ + offset), 0);
}

// Appends a frame to the burst.
void GenRun::Put(const Item& item, bool resigns, TxFrame& buffer) {
  const GenTemplate& from = resigns ? item.resignation : item.frame;
  written_[count_] = {item.router, item.address, resigns};
  if (from.number == GenTemplate::Number::kNone) {
    std::memcpy(buffer.data, from.frame.data(), from.frame.size());
    buffer.length = static_cast<uint16_t>(from.frame.size());
  } else {
    const uint64_t number = NextNumber(from.number);
    buffer.length = static_cast<uint16_t>(WriteNumbered(from, number, buffer.data));
    if (stream_.kind->change == GenChange::kGuessed) {
      Guess(buffer, from);
    } else {
      uint8_t* input = &inputs_[jobs_ * kMaxFrameBytes];
      IcvJob& job = job_[jobs_];
      job.key = key_.get();
      job.data = input;
      job.length = static_cast<uint32_t>(WriteIcvInput(from, number, buffer.data, input));
      if (IsGmac(key_->algorithm())) {  // docs/decisions/0010: the end of the source address, then the number
        const IpAddress::Bytes source = from.source.bytes();
        std::memcpy(job.icv, source.data() + from.source.size() - 4, 4);
        std::memcpy(job.icv + 4, buffer.data + from.number_at, 4);
      }
      job_template_[jobs_] = &from;
      job_frame_[jobs_++] = count_;
    }
  }
  ++count_;
}

void GenRun::Sign(std::span<TxFrame> buffers) {
  engine_.Sign(std::span(job_).first(jobs_));
  for (size_t i = 0; i < jobs_; ++i) {
    PutIcv(*job_template_[i], job_[i].icv, key_->icv_bytes(), buffers[job_frame_[i]].data);
  }
}

// The last 8 bytes of the ICV are random: of AES-GMAC the IV stays in front.
void GenRun::Guess(TxFrame& buffer, const GenTemplate& from) {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  uint8_t icv[kMaxIcvBytes];
  const size_t bytes = key_->icv_bytes();
  std::memcpy(icv, buffer.data + from.icv_at, bytes);
  std::memcpy(icv + bytes - sizeof random_, &random_, sizeof random_);
  PutIcv(from, icv, bytes, buffer.data);
}

}  // namespace dpvrrp
