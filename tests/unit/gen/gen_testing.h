// SPDX-License-Identifier: BSD-3-Clause
//
// Streams for tests of the generator, and what they send.
#pragma once

#include <string>
#include <vector>

#include "gen/profile.h"
#include "gen/stream.h"
#include "support/test_shard.h"

namespace dpvrrp {

inline constexpr MacAddress kGenPortMac{{0x02, 0x00, 0x0a, 0x63, 0x00, 0x09}};
inline constexpr Nanoseconds kGenUtc = std::chrono::seconds(0x6b000000);

inline std::vector<std::string> MessagesOf(const GenProfileResult& result) {
  std::vector<std::string> messages;
  for (const ConfigFault& fault : result.errors) messages.push_back(ToString(fault));
  return messages;
}

inline GenProfileResult ReadProfileText(const std::string& toml, const std::vector<GenOption>& options = {}) {
  return ReadGenProfile(toml, "lab.toml", options,
                        [](const std::string&) { return absl::NotFoundError("there are no key files here"); });
}

// A profile of one stream with these lines, on net_null0.
inline GenProfile ProfileOf(const std::string& lines) {
  GenProfileResult result = ReadProfileText("[generator]\ndevice = \"net_null0\"\n[[stream]]\n" + lines);
  EXPECT_THAT(MessagesOf(result), testing::IsEmpty()) << lines;
  return std::move(result.profile);
}

// Buffers to send from.
class GenBuffers {
 public:
  GenBuffers() : bytes_(kMaxBurst, Bytes(kMaxFrameBytes)), buffers_(kMaxBurst) {
    for (size_t i = 0; i < kMaxBurst; ++i) buffers_[i].data = bytes_[i].data();
  }
  std::span<TxFrame> all() { return buffers_; }
  Bytes Frame(size_t i) const { return {bytes_[i].begin(), bytes_[i].begin() + buffers_[i].length}; }

 private:
  std::vector<Bytes> bytes_;
  std::vector<TxFrame> buffers_;
};

// A stream that runs from kTestStart.
class TestRun {
 public:
  explicit TestRun(const std::string& lines) : profile(ProfileOf(lines)), engine_(MakeOpensslEngine()) {
    if (profile.streams.empty() || profile.streams.front().routers.empty()) return;
    absl::StatusOr<std::unique_ptr<GenRun>> made =
        GenRun::Create(profile.streams.front(), *engine_, kGenPortMac, kGenUtc);
    EXPECT_TRUE(made.ok()) << made.status();
    if (!made.ok()) return;
    run = *std::move(made);
    run->Begin(kTestStart);
  }

  // What is due so long after the start.
  std::vector<Bytes> At(Nanoseconds after) {
    std::vector<Bytes> frames;
    const size_t count = run->Fill(kTestStart + after, kGenUtc + after, buffers_.all());
    for (size_t i = 0; i < count; ++i) frames.push_back(buffers_.Frame(i));
    return frames;
  }

  GenProfile profile;
  std::unique_ptr<GenRun> run;

 private:
  std::unique_ptr<IcvEngine> engine_;
  GenBuffers buffers_;
};

}  // namespace dpvrrp
