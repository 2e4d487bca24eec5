// SPDX-License-Identifier: BSD-3-Clause
//
// A stream of a profile while it runs: what it sends, and when.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/time.h"
#include "crypto/icv_engine.h"
#include "crypto/mac_key.h"
#include "gen/pacer.h"
#include "gen/profile.h"
#include "gen/template.h"
#include "pipeline/frame.h"

namespace dpvrrp {

// What a frame of the last GenRun::Fill() is.
struct GenWritten {
  size_t router;   // of GenStream::routers
  size_t address;  // of GenRouter::addresses; of a question
  bool resigns;    // an advert of a master with priority 0
};

// Thread: the one that sends. Allocates only when it is created.
class GenRun {
 public:
  // `stream` and `engine` must outlive it. `utc`, since 1970: the first AH number, unless the stream has one. Takes
  // seconds for 100,000 virtual routers. InvalidArgument: the key does not fit its algorithm.
  static absl::StatusOr<std::unique_ptr<GenRun>> Create(const GenStream& stream, IcvEngine& engine,
                                                        const MacAddress& port_mac, Nanoseconds utc);

  // `start` is the time 0 of the profile. Call it once, before the functions below.
  void Begin(Instant start) { start_ = start; }

  // Writes the frames that are due, at most kMaxBurst and as many as there are buffers of kMaxFrameBytes. Returns their
  // number. `utc`: the time of the trailers.
  size_t Fill(Instant now, Nanoseconds utc, std::span<TxFrame> buffers);
  std::span<const GenWritten> written() const { return std::span(written_).first(count_); }

  // The time of the next frame; kNever: there is none.
  Instant NextDue() const;

  const GenStream& stream() const { return stream_; }
  uint64_t sent() const { return sent_; }        // frames that Fill() wrote
  uint64_t skipped() const { return skipped_; }  // frames that were so late that they were left out
  Nanoseconds worst() const { return worst_; }   // the greatest lateness of a frame

 private:
  struct Item {
    GenTemplate frame;
    GenTemplate resignation;  // of a master with resign_at
    size_t router;
    size_t address;
  };

  GenRun(const GenStream& stream, IcvEngine& engine);
  void MakeItems(const MacAddress& port_mac);
  Pacer MakePacer(Instant start) const;
  void Advance(Instant now);
  void SkipWhatIsTooLate(uint64_t due);
  void Put(const Item& item, bool resigns, TxFrame& buffer);
  void Sign(std::span<TxFrame> buffers);
  void Guess(TxFrame& buffer, const GenTemplate& from);
  uint64_t NextNumber(GenTemplate::Number kind);

  enum class Phase : uint8_t { kWaiting, kSending, kResigning, kSilent, kSendingAgain, kEnded };

  const GenStream& stream_;
  IcvEngine& engine_;
  std::unique_ptr<const MacKey> key_;
  std::vector<Item> items_;
  Instant start_{};
  Phase phase_ = Phase::kWaiting;
  Pacer pacer_;
  uint64_t next_ = 0;      // frame of pacer_
  uint64_t resigned_ = 0;  // items that have resigned
  uint64_t sent_ = 0;
  uint64_t skipped_ = 0;
  Nanoseconds worst_{0};
  uint32_t number_ = 1;   // of AH: one count for all routers, so that none is used twice with a key
  uint64_t trailer_ = 0;  // the last number of a trailer
  Nanoseconds utc_{0};    // of this Fill()
  uint64_t random_;
  size_t count_ = 0;
  std::array<GenWritten, kMaxBurst> written_;
  // Of the frames of this burst that are to be signed.
  size_t jobs_ = 0;
  std::array<IcvJob, kMaxBurst> job_;
  std::array<const GenTemplate*, kMaxBurst> job_template_;
  std::array<size_t, kMaxBurst> job_frame_;
  std::unique_ptr<uint8_t[]> inputs_;  // kMaxBurst of kMaxFrameBytes
};

}  // namespace dpvrrp
