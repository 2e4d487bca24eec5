// SPDX-License-Identifier: BSD-3-Clause
//
// HMAC-MD5 (RFC 2104 over RFC 1321) of many messages at once, one message a 32-bit lane of a vector register. MD5 alone
// is one dependent step after the other and leaves most of a core idle; sixteen of them side by side do not.
//
//                lane 0     lane 1     lane 2            The four state words a, b, c, d are one register each; so is
//   a          [ a of m0  | a of m1  | a of m2  | ...    every word of the current 64-byte blocks. Each lane has its
//   word[0]    [ m0[0..3] | m1[0..3] | m2[0..3] | ...    own key, so its own state to start from.
//   word[1]    [ m0[4..7] | m1[4..7] | m2[4..7] | ...
//
// A *group* is one register's worth of messages. A step waits for the one before it, four instructions deep, so two
// groups are worked on in turn: one runs while the other waits. A *batch* is all lanes of all groups.
//
// For one message: state = inner; state = Compress(state, block) for each 64-byte block of data and padding; then the
// same with state = outer and the one block that holds the inner digest.
//
// `V` is an instruction set: Reg, kLanes and a few operations (vector_md5_avx2.cc). Included only where that set is
// enabled. Nothing in here may be shared with other files (vector_md5_kernel.h says why), hence the unnamed namespace
// and no function of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/vector_md5_kernel.h"

#define DPVRRP_INLINE inline __attribute__((always_inline))

namespace dpvrrp::internal {
namespace {

constexpr uint32_t kBlockBytes = 64;
constexpr int kBlockWords = 16;
constexpr int kSteps = 64;

// RFC 1321 3.4: floor(2^32 * abs(sin(step + 1))), angles in radians.
constexpr uint32_t kSines[kSteps] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

// RFC 1321 3.4: four rounds of sixteen steps; the rotations repeat every four.
constexpr int kRotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// Which word of the block a step takes.
constexpr int WordOf(int step) {
  constexpr int kFactor[4] = {1, 5, 3, 7};
  constexpr int kFirst[4] = {0, 1, 5, 0};
  return (kFactor[step / 16] * step + kFirst[step / 16]) % kBlockWords;
}

// Blocks as the compression takes them: word[g][i] holds word i of every message of group g.
template <typename V, int kGroups>
struct Blocks {
  typename V::Reg word[kGroups][kBlockWords];
};

template <typename V, int kGroups>
struct State {
  typename V::Reg word[kGroups][4];  // a, b, c, d
};

// Which words of a block may be other than zero, one bit each. A zero need not be added, which is one instruction of
// six in a step; of the three blocks of a 64-byte message two are mostly zeros. The length is words 14 and 15, the
// latter zero below 512 MiB.
constexpr uint32_t kAnyWord = 0xffff;
constexpr uint32_t kOnlyPadding = 1u << 0 | 1u << 14;    // a block after data that filled the last one
constexpr uint32_t kDigestAndPadding = 0x1f | 1u << 14;  // the outer block

// Calls use(std::integral_constant<int, i>) for each i, unrolled: registers cannot be indexed at run time.
template <typename Use, int... kIndex>
DPVRRP_INLINE void Unroll(std::integer_sequence<int, kIndex...>, const Use& use) {
  (use(std::integral_constant<int, kIndex>{}), ...);
}
template <int kCount, typename Use>
DPVRRP_INLINE void Unroll(const Use& use) {
  Unroll(std::make_integer_sequence<int, kCount>{}, use);
}

// RFC 1321 3.4: F, G, H, I, one a round.
template <typename V, int kRound>
DPVRRP_INLINE typename V::Reg Mix(typename V::Reg b, typename V::Reg c, typename V::Reg d) {
  if constexpr (kRound == 0) return V::F(b, c, d);
  if constexpr (kRound == 1) return V::G(b, c, d);
  if constexpr (kRound == 2) return V::H(b, c, d);
  if constexpr (kRound == 3) return V::I(b, c, d);
}

// a = b + ((a + Mix(b, c, d) + word + sine) <<< rotation). Afterwards the four change names (d is the next a); here the
// names move and the registers stay. What does not need b, the youngest, is added first.
template <typename V, int kGroups, uint32_t kUsedWords, int kStep>
DPVRRP_INLINE void Step(State<V, kGroups>& state, const Blocks<V, kGroups>& blocks) {
  constexpr int kA = (kSteps - kStep) % 4;
  constexpr int kB = (kA + 1) % 4;
  constexpr int kC = (kA + 2) % 4;
  constexpr int kD = (kA + 3) % 4;
  constexpr int kRound = kStep / 16;
  constexpr int kWord = WordOf(kStep);
  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    auto& s = state.word[group];
    typename V::Reg sum = V::Add(s[kA], V::Broadcast(kSines[kStep]));
    if constexpr ((kUsedWords >> kWord & 1) != 0) sum = V::Add(sum, blocks.word[group][kWord]);
    sum = V::Add(sum, Mix<V, kRound>(s[kB], s[kC], s[kD]));
    s[kA] = V::Add(V::template RotateLeft<kRotations[kRound][kStep % 4]>(sum), s[kB]);
  });
}

template <typename V, int kGroups, uint32_t kUsedWords>
DPVRRP_INLINE void Compress(State<V, kGroups>& state, const Blocks<V, kGroups>& blocks) {
  const State<V, kGroups> before = state;
  Unroll<kSteps>([&](auto step) __attribute__((always_inline)) { Step<V, kGroups, kUsedWords, step>(state, blocks); });
  Unroll<kGroups * 4>([&](auto i) __attribute__((always_inline)) {
    state.word[i / 4][i % 4] = V::Add(state.word[i / 4][i % 4], before.word[i / 4][i % 4]);
  });
}

// A 4 x 4 transpose within each 128-bit piece, its own inverse. Rows are pieces of messages, columns are words:
//   row 0: m0[0] m0[1] m0[2] m0[3] | m4[0] ...      word 0: m0[0] m1[0] m2[0] m3[0] | m4[0] ...
//   row 1: m1[0] m1[1] m1[2] m1[3] | m5[0] ...  ->  word 1: m0[1] m1[1] m2[1] m3[1] | m4[1] ...
template <typename V>
DPVRRP_INLINE void Transpose(const typename V::Reg* from, typename V::Reg* to) {
  const typename V::Reg low01 = V::UnpackLow32(from[0], from[1]);
  const typename V::Reg low23 = V::UnpackLow32(from[2], from[3]);
  const typename V::Reg high01 = V::UnpackHigh32(from[0], from[1]);
  const typename V::Reg high23 = V::UnpackHigh32(from[2], from[3]);
  to[0] = V::UnpackLow64(low01, low23);
  to[1] = V::UnpackHigh64(low01, low23);
  to[2] = V::UnpackLow64(high01, high23);
  to[3] = V::UnpackHigh64(high01, high23);
}

// Four words of each message of one group: the 16 bytes at source[lane].
template <typename V>
DPVRRP_INLINE void GatherFourWords(const uint8_t* const* source, size_t offset, typename V::Reg* words) {
  const typename V::Reg rows[4] = {V::GatherRow(source + 0, offset), V::GatherRow(source + 1, offset),
                                   V::GatherRow(source + 2, offset), V::GatherRow(source + 3, offset)};
  Transpose<V>(rows, words);
}

template <typename V, int kGroups>
DPVRRP_INLINE void GatherBlocks(const uint8_t* const* source, Blocks<V, kGroups>& blocks) {
  Unroll<kGroups * 4>([&](auto i) __attribute__((always_inline)) {
    constexpr int kGroup = i / 4;
    constexpr int kQuarter = i % 4;
    GatherFourWords<V>(source + kGroup * V::kLanes, 16 * kQuarter, &blocks.word[kGroup][4 * kQuarter]);
  });
}

template <typename V, int kGroups>
DPVRRP_INLINE void GatherStates(const uint8_t* const* source, State<V, kGroups>& state) {
  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    GatherFourWords<V>(source + group * V::kLanes, 0, state.word[group]);
  });
}

// Blocks of the inner hash: data, 0x80, zeros, 8 bytes of length (RFC 1321 3.1, 3.2).
DPVRRP_INLINE uint32_t BlocksOf(uint32_t length) { return (length + 9 + kBlockBytes - 1) / kBlockBytes; }

// The bits hashed in all; the key's pad is a block before the data.
DPVRRP_INLINE uint32_t BitsOf(uint32_t length) { return 8 * (kBlockBytes + length); }

// The end of a message, which does not fill a block, with its padding: one block or two.
struct alignas(64) Tail {
  uint8_t bytes[2 * kBlockBytes];
};

DPVRRP_INLINE void BuildTail(const Md5Message& message, Tail& tail) {
  const uint32_t whole = message.length / kBlockBytes;
  const uint32_t rest = message.length % kBlockBytes;
  const uint32_t bits = BitsOf(message.length);
  __builtin_memset(tail.bytes, 0, sizeof tail.bytes);
  __builtin_memcpy(tail.bytes, message.data + whole * kBlockBytes, rest);
  tail.bytes[rest] = 0x80;
  __builtin_memcpy(tail.bytes + (BlocksOf(message.length) - whole) * kBlockBytes - 8, &bits, sizeof bits);
}

// All messages have the same whole number of blocks, as VRRPv2 adverts with one address have: the padding is a block of
// its own, the same in all lanes, and is never in memory.
template <typename V, int kGroups>
DPVRRP_INLINE void HashWholeBlocks(const Md5Message* const* lanes, State<V, kGroups>& state,
                                   Blocks<V, kGroups>& blocks) {
  constexpr int kLanes = V::kLanes * kGroups;
  const uint32_t length = lanes[0]->length;
  const uint8_t* source[kLanes];
  for (uint32_t at = 0; at < length; at += kBlockBytes) {
    for (int i = 0; i < kLanes; ++i) source[i] = lanes[i]->data + at;
    GatherBlocks(source, blocks);
    Compress<V, kGroups, kAnyWord>(state, blocks);
  }
  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    blocks.word[group][0] = V::Broadcast(0x80);
    blocks.word[group][14] = V::Broadcast(BitsOf(length));
  });
  Compress<V, kGroups, kOnlyPadding>(state, blocks);
}

// Any lengths. A lane whose message is done keeps its state while the others go on.
template <typename V, int kGroups>
DPVRRP_INLINE void HashMixed(const Md5Message* const* lanes, State<V, kGroups>& state, Blocks<V, kGroups>& blocks) {
  constexpr int kLanes = V::kLanes * kGroups;
  Tail tails[kLanes];
  alignas(64) uint32_t block_counts[kLanes];
  uint32_t least = ~0u;
  uint32_t most = 0;
  for (int i = 0; i < kLanes; ++i) {
    BuildTail(*lanes[i], tails[i]);
    const uint32_t count = BlocksOf(lanes[i]->length);
    block_counts[i] = count;
    least = count < least ? count : least;
    most = count > most ? count : most;
  }

  const uint8_t* source[kLanes];
  for (uint32_t block = 0; block < most; ++block) {
    for (int i = 0; i < kLanes; ++i) {
      const uint32_t whole = lanes[i]->length / kBlockBytes;
      source[i] = block < whole             ? lanes[i]->data + block * kBlockBytes
                  : block < block_counts[i] ? tails[i].bytes + (block - whole) * kBlockBytes
                                            : tails[i].bytes;  // done: anything readable
    }
    GatherBlocks(source, blocks);
    const State<V, kGroups> before = state;
    Compress<V, kGroups, kAnyWord>(state, blocks);
    if (block < least) continue;
    Unroll<kGroups * 4>([&](auto i) __attribute__((always_inline)) {
      state.word[i / 4][i % 4] = V::SelectIfGreater(block_counts + i / 4 * V::kLanes, block, state.word[i / 4][i % 4],
                                                    before.word[i / 4][i % 4]);
    });
  }
}

// Up to kLanes messages. Lanes without one repeat the first: no branch in the loops, and nobody looks at their result.
template <typename V, int kGroups>
__attribute__((noinline)) void HmacMd5Batch(const Md5Message* messages, uint32_t count, Md5Mac* macs) {
  constexpr uint32_t kLanes = V::kLanes * kGroups;
  static_assert(kLanes <= kMaxVectorMd5Lanes);
  const Md5Message* lanes[kLanes];
  const uint8_t* source[kLanes];
  bool whole_blocks = messages[0].length % kBlockBytes == 0 && messages[0].length > 0;
  for (uint32_t i = 0; i < kLanes; ++i) {
    lanes[i] = messages + (i < count ? i : 0);
    source[i] = reinterpret_cast<const uint8_t*>(lanes[i]->inner);
    whole_blocks &= lanes[i]->length == messages[0].length;
  }

  State<V, kGroups> state;
  Blocks<V, kGroups> blocks;
  GatherStates(source, state);
  if (whole_blocks) {
    HashWholeBlocks(lanes, state, blocks);
  } else {
    HashMixed(lanes, state, blocks);
  }

  // RFC 2104 2: the outer hash, over the inner digest; 64 bytes of pad and 16 of digest.
  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    Unroll<4>([&](auto i) __attribute__((always_inline)) { blocks.word[group][i] = state.word[group][i]; });
    blocks.word[group][4] = V::Broadcast(0x80);
    blocks.word[group][14] = V::Broadcast(BitsOf(16));
  });
  for (uint32_t i = 0; i < kLanes; ++i) source[i] = reinterpret_cast<const uint8_t*>(lanes[i]->outer);
  GatherStates(source, state);
  Compress<V, kGroups, kDigestAndPadding>(state, blocks);

  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    typename V::Reg rows[4];
    Transpose<V>(state.word[group], rows);
    Unroll<4>([&](auto row)
                  __attribute__((always_inline)) { V::ScatterRow(rows[row], macs + group * V::kLanes + row); });
  });
}

template <typename V, int kGroups>
DPVRRP_INLINE void HmacMd5(const Md5Message* messages, uint32_t count, Md5Mac* macs) {
  constexpr uint32_t kLanes = V::kLanes * kGroups;
  while (count > V::kLanes) {
    const uint32_t now = count < kLanes ? count : kLanes;
    HmacMd5Batch<V, kGroups>(messages, now, macs);
    messages += now;
    macs += now;
    count -= now;
  }
  if (count > 0) HmacMd5Batch<V, 1>(messages, count, macs);
}

}  // namespace
}  // namespace dpvrrp::internal
