// SPDX-License-Identifier: BSD-3-Clause
//
//   count_instructions KIND ROUNDS
//
// Runs Shard::Receive for ROUNDS rings of frames of one kind over 250 virtual routers, after the shard has heard every
// router. tests/scripts/test_instructions.py runs it by callgrind, which counts the instructions of Receive. The
// difference between two numbers of rounds is the cost of the frames alone, and the same on every machine.
//
// Prints the ICV engine and the frames of a round. Exit status 1: the frames did not end as their kind says; 2: usage.
#include <cstdio>
#include <functional>
#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "bench/bench_lan.h"

namespace dpvrrp {
namespace {

constexpr size_t kIcvAt = 18 + 20 + 12;  // one tag
constexpr Nanoseconds kRingTime = 50us;  // about 20 million frames a second
// A new shard inspects every frame. The count is of the state after that.
constexpr size_t kLeadInRounds = kWatchRate / kRingFrames + 2;

struct Kind {
  MacAlgorithm algorithm = MacAlgorithm::kHmacMd5_96;
  DropReason end{};                     // not for valid adverts
  std::function<void(Bytes&)> spoil{};  // null: valid and new each time
};

const std::map<std::string, Kind>& Kinds() {
  static const auto forge = [](Bytes& frame) { frame[kIcvAt] ^= 1; };
  static const std::map<std::string, Kind> kinds = {
      {"valid", {}},
      {"forged", {MacAlgorithm::kHmacMd5_96, DropReason::kBadIcv, forge}},
      {"forged-sha256", {MacAlgorithm::kHmacSha256_128, DropReason::kBadIcv, forge}},
      {"unknown-vrid",
       {MacAlgorithm::kHmacMd5_96, DropReason::kUnknownVrid, [](Bytes& frame) { frame[kIcvAt + 12 + 1] = 255; }}},
      {"not-vrrp", {MacAlgorithm::kHmacMd5_96, DropReason::kNotVrrp, [](Bytes& frame) { frame[18 + 9] = 17; }}},
  };
  return kinds;
}

int Run(const Kind& kind, size_t rounds) {
  const BenchLan lan{.routers = kVridsPerVlan, .algorithm = kind.algorithm};
  BenchRouters from(lan, IpAddress::V4(0x0a630003), Priority{150});
  BenchRouters to(lan, Ip("10.99.0.2"));
  from.BecomeMasters();
  const bool valid = !kind.spoil;
  std::vector<Bytes> frames = NextAdverts(from, (kLeadInRounds + (valid ? rounds : 1)) * kRingFrames);
  FrameRing ring;
  const auto receive = [&](size_t first) {
    for (size_t i = 0; i < kRingFrames; ++i) ring.Write(i, frames[first + i]);
    for (size_t at = 0; at < kRingFrames; at += kMaxBurst) to.shard.shard->Receive(ring.Burst(at), to.shard.now);
    to.shard.now += kRingTime;
  };
  for (size_t round = 0; round < kLeadInRounds; ++round) receive(round * kRingFrames);
  const size_t first = kLeadInRounds * kRingFrames;
  if (valid) {
    for (size_t round = 0; round < rounds; ++round) receive(first + round * kRingFrames);
  } else {
    for (size_t i = first; i < frames.size(); ++i) kind.spoil(frames[i]);
    for (size_t round = 0; round < kLeadInRounds + rounds; ++round) receive(first);
  }
  std::printf("%s %zu\n", std::string(to.shard.engine->name()).c_str(), kRingFrames);
  const uint64_t accepted = to.shard.shard->counters().adverts_accepted.value();
  if (valid) return accepted == frames.size() ? 0 : 1;
  const bool all_ended_so = to.shard.drops(kind.end) == (kLeadInRounds + rounds) * kRingFrames;
  return accepted == first && all_ended_so ? 0 : 1;
}

}  // namespace
}  // namespace dpvrrp

int main(int count, char** words) {
  size_t rounds = 0;
  if (count != 3 || !absl::SimpleAtoi(words[2], &rounds) || !dpvrrp::Kinds().contains(words[1])) {
    std::fprintf(stderr, "usage: count_instructions KIND ROUNDS\n");
    return 2;
  }
  return dpvrrp::Run(dpvrrp::Kinds().at(words[1]), rounds);
}
