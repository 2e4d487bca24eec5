// SPDX-License-Identifier: BSD-3-Clause
//
// MD5's compression (RFC 1321 3.4) for vector_lanes.h, under its rules.
#pragma once

#include "crypto/vector_lanes.h"

namespace dpvrrp::internal {
namespace {

// floor(2^32 * abs(sin(step + 1))), angles in radians.
constexpr uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

struct Md5 {
  static constexpr int kStateWords = 4;  // a, b, c, d
  static constexpr bool kBigEndian = false;

  // In a block with few used words the zeros are not added, which saves one instruction of six in a step. Of the three
  // blocks of a 64-byte message two are mostly zeros.
  //
  // Four groups take one function for all blocks, which adds the zeros too: three copies of it inside the caller took
  // so much of the instruction cache that four groups gained nothing (docs/decisions/0006).
  template <typename V, int kGroups, uint32_t kUsedWords>
  static DPVRRP_INLINE void Compress(State<V, Md5, kGroups>& state, const Blocks<V, kGroups>& blocks) {
    if constexpr (kGroups < kOutOfLineGroups) {
      CompressHere<V, kGroups, kUsedWords>(state, blocks);
    } else {
      CompressAny<V, kGroups>(state, blocks);
    }
  }

 private:
  static constexpr int kOutOfLineGroups = 4;

  template <typename V, int kGroups>
  static __attribute__((noinline)) void CompressAny(State<V, Md5, kGroups>& state, const Blocks<V, kGroups>& blocks) {
    CompressHere<V, kGroups, kAnyWord>(state, blocks);
  }

  template <typename V, int kGroups, uint32_t kUsedWords>
  static DPVRRP_INLINE void CompressHere(State<V, Md5, kGroups>& state, const Blocks<V, kGroups>& blocks) {
    const State<V, Md5, kGroups> before = state;
    // Loaded from memory, not made from immediates, which would occupy the units that add.
    const uint32_t* sines = kSines;
    asm("" : "+r"(sines));
    Unroll<64>([&](auto step) __attribute__((always_inline)) {
      Step<V, kGroups, kUsedWords, step>(state, blocks, V::Broadcast(sines[step]));
    });
    Unroll<kGroups * 4>([&](auto i) __attribute__((always_inline)) {
      state.word[i / 4][i % 4] = V::Add(state.word[i / 4][i % 4], before.word[i / 4][i % 4]);
    });
  }

  // Four rounds of sixteen steps; the rotations repeat every four.
  static constexpr int kRotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

  // The word of the block that a step uses.
  static constexpr int WordOf(int step) {
    constexpr int kFactor[4] = {1, 5, 3, 7};
    constexpr int kFirst[4] = {0, 1, 5, 0};
    return (kFactor[step / 16] * step + kFirst[step / 16]) % kBlockWords;
  }

  // F, G, H, I, one a round.
  template <typename V, int kRound>
  static DPVRRP_INLINE typename V::Reg Mix(typename V::Reg b, typename V::Reg c, typename V::Reg d) {
    if constexpr (kRound == 0) return V::Choose(b, c, d);
    if constexpr (kRound == 1) return V::ChooseByLast(b, c, d);
    if constexpr (kRound == 2) return V::Xor3(b, c, d);
    if constexpr (kRound == 3) return V::Md5I(b, c, d);
  }

  // a = b + ((a + Mix(b, c, d) + word + sine) <<< rotation). Afterwards the four values change names (d is the next a).
  // Here the names move and the registers stay. The terms that do not need b, the newest value, are added first.
  template <typename V, int kGroups, uint32_t kUsedWords, int kStep>
  static DPVRRP_INLINE void Step(State<V, Md5, kGroups>& state, const Blocks<V, kGroups>& blocks,
                                 typename V::Reg sine) {
    constexpr int kA = (64 - kStep) % 4;
    constexpr int kB = (kA + 1) % 4;
    constexpr int kC = (kA + 2) % 4;
    constexpr int kD = (kA + 3) % 4;
    constexpr int kRound = kStep / 16;
    constexpr int kWord = WordOf(kStep);
    // Each operation for all groups before the next one: so the text has the order in which they can be computed.
    typename V::Reg sum[kGroups];
    Unroll<kGroups>([&](auto g) __attribute__((always_inline)) { sum[g] = V::Add(state.word[g][kA], sine); });
    if constexpr ((kUsedWords >> kWord & 1) != 0) {
      Unroll<kGroups>([&](auto g) __attribute__((always_inline)) { sum[g] = V::Add(sum[g], blocks.word[g][kWord]); });
    }
    Unroll<kGroups>([&](auto g) __attribute__((always_inline)) {
      const auto& s = state.word[g];
      sum[g] = V::Add(sum[g], Mix<V, kRound>(s[kB], s[kC], s[kD]));
    });
    Unroll<kGroups>([&](auto g) __attribute__((always_inline)) {
      auto& s = state.word[g];
      s[kA] = V::Add(V::template RotateLeft<kRotations[kRound][kStep % 4]>(sum[g]), s[kB]);
    });
  }
};

}  // namespace
}  // namespace dpvrrp::internal
