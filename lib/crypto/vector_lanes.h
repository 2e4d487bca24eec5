// SPDX-License-Identifier: BSD-3-Clause
//
// HMAC (RFC 2104) of many messages at once, one message in each 32-bit lane of a vector register. One hash alone is a
// chain of dependent steps, which leaves most of a core idle. Sixteen hashes side by side use it.
//
//                lane 0     lane 1     lane 2            A state word is one register; so is every word of the current
//   a          [ a of m0  | a of m1  | a of m2  | ...    64-byte blocks, in memory because there are too many. Each
//   lane word[0]    [ m0[0..3] | m1[0..3] | m2[0..3] | ...    has its own key, so its own state to start from. word[1]
//   [ m0[4..7] | m1[4..7] | m2[4..7] | ...
//
// A *group* is one register's worth of messages. Each step waits for the step before it, so several groups are computed
// in turn: one runs while the others wait. A *batch* is all lanes of all groups.
//
// For one message: state = inner; state = Compress(state, block) for each 64-byte block of data and padding; then the
// same with state = outer and the one block that holds the inner digest.
//
// `V` is an instruction set: Reg, kLanes and a few operations (vector_avx2.cc). `Hash` is a compression function
// (vector_md5.h). Included only where that set is enabled. Nothing in here may be shared with other files (see
// vector_kernel.h). So everything is in an unnamed namespace and uses no function of the standard library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/vector_kernel.h"

#define DPVRRP_INLINE inline __attribute__((always_inline))

namespace dpvrrp::internal {
namespace {

constexpr uint32_t kBlockBytes = 64;
constexpr int kBlockWords = 16;
constexpr uint32_t kRowBytes = 16;

// Blocks in the form that a compression takes: word[g][i] is word i of every message of group g.
template <typename V, int kGroups>
struct Blocks {
  typename V::Reg word[kGroups][kBlockWords];
};

template <typename V, typename Hash, int kGroups>
struct State {
  typename V::Reg word[kGroups][Hash::kStateWords];
};

// The messages of a batch. A block of data before `shortest` needs no special treatment.
struct Batch {
  const uint32_t* const* states;
  const uint8_t* const* data;
  const uint32_t* lengths;
  uint32_t shortest;
  uint32_t longest;
};

// The words of a block that may be other than zero, one bit each. A hash that only adds words need not add zeros.
constexpr uint32_t kAnyWord = 0xffff;

// Calls use(std::integral_constant<int, i>) for each i, unrolled: registers cannot be indexed at run time.
template <typename Use, int... kIndex>
DPVRRP_INLINE void Unroll(std::integer_sequence<int, kIndex...>, const Use& use) {
  (use(std::integral_constant<int, kIndex>{}), ...);
}
template <int kCount, typename Use>
DPVRRP_INLINE void Unroll(const Use& use) {
  Unroll(std::make_integer_sequence<int, kCount>{}, use);
}

// A 4 x 4 transpose within each 128-bit piece; it is its own inverse. Rows are pieces of messages, columns are words:
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

// Four words of each message of one group: the 16 bytes at lanes[i] + offset.
template <typename V, typename T>
DPVRRP_INLINE void GatherFourWords(const T* const* lanes, size_t offset, typename V::Reg* words) {
  const auto load = [ offset, lanes ](int lane) __attribute__((always_inline)) {
    return V::LoadRow(reinterpret_cast<const uint8_t*>(lanes[lane]) + offset);
  };
  const typename V::Reg rows[4] = {V::Row(load, 0), V::Row(load, 1), V::Row(load, 2), V::Row(load, 3)};
  Transpose<V>(rows, words);
}

// The same where a message may end: bytes after its end are zero, and are not read.
template <typename V>
DPVRRP_INLINE void GatherFourWordsUpToEnd(const uint8_t* const* lanes, const uint32_t* lengths, uint32_t offset,
                                          typename V::Reg* words) {
  const auto load = [=](int lane) __attribute__((always_inline)) {
    const uint32_t left = lengths[lane] > offset ? lengths[lane] - offset : 0;
    return V::LoadPartOfRow(lanes[lane] + offset, left < kRowBytes ? left : kRowBytes);
  };
  const typename V::Reg rows[4] = {V::Row(load, 0), V::Row(load, 1), V::Row(load, 2), V::Row(load, 3)};
  Transpose<V>(rows, words);
}

template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void GatherStates(const uint32_t* const* states, size_t word, State<V, Hash, kGroups>& state) {
  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    typename V::Reg words[8];
    const uint32_t* const* lanes = states + group * V::kLanes;
    GatherFourWords<V>(lanes, 4 * word, words);
    if constexpr (Hash::kStateWords > 4) GatherFourWords<V>(lanes, 4 * word + kRowBytes, words + 4);
    Unroll<Hash::kStateWords>([&](auto i) __attribute__((always_inline)) { state.word[group][i] = words[i]; });
  });
}

// Blocks of the inner hash: data, 0x80, zeros, 8 bytes of length in bits (RFC 1321 3.1, 3.2; FIPS 180-4 5.1.1). The
// key's pad is one block before the data. Below 512 MiB one word of the length is zero.
DPVRRP_INLINE uint32_t BitsOf(uint32_t length) { return 8 * (kBlockBytes + length); }
DPVRRP_INLINE uint32_t BlocksOf(uint32_t length) { return (length + 9 + kBlockBytes - 1) / kBlockBytes; }
template <typename Hash>
constexpr int kLengthWord = Hash::kBigEndian ? 15 : 14;
template <typename Hash>
constexpr uint32_t kEndMark = Hash::kBigEndian ? 0x80000000 : 0x80;

// Writes the end mark and the length into the block at `offset` if they belong there, for each message. Call this
// before the words are swapped for a big-endian hash, so that the bytes of a word are as in memory.
template <typename V, int kGroups>
DPVRRP_INLINE void AddEndMarks(const Batch& batch, uint32_t offset, Blocks<V, kGroups>& blocks) {
  for (int group = 0; group < kGroups; ++group) {
    const typename V::Reg lengths = V::Load(batch.lengths + group * V::kLanes);
    const typename V::Reg mark = V::ShiftLeftBy(V::Broadcast(0x80), V::ShiftLeft(V::And(lengths, V::Broadcast(3)), 3));
    for (int i = 0; i < kBlockWords; ++i) {
      const typename V::Reg here = V::Broadcast(offset / 4 + static_cast<uint32_t>(i));
      blocks.word[group][i] = V::OrIfEqual(blocks.word[group][i], V::ShiftRight(lengths, 2), here, mark);
    }
  }
}
template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void AddLengths(const Batch& batch, uint32_t offset, Blocks<V, kGroups>& blocks) {
  for (int group = 0; group < kGroups; ++group) {
    const typename V::Reg lengths = V::Load(batch.lengths + group * V::kLanes);
    // BlocksOf and BitsOf in each lane. The word is zero, except in the last block.
    const typename V::Reg count = V::ShiftRight(V::Add(lengths, V::Broadcast(9 + kBlockBytes - 1)), 6);
    const typename V::Reg bits = V::ShiftLeft(V::Add(lengths, V::Broadcast(kBlockBytes)), 3);
    auto& word = blocks.word[group][kLengthWord<Hash>];
    word = V::OrIfEqual(word, count, V::Broadcast(offset / kBlockBytes + 1), bits);
  }
}

template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void SwapWords(Blocks<V, kGroups>& blocks) {
  if constexpr (Hash::kBigEndian) {
    for (auto& group : blocks.word) {
      for (auto& word : group) word = V::SwapBytes(word);
    }
  }
}

// The block at `offset`, of data and padding.
template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void GatherBlocks(const Batch& batch, uint32_t offset, Blocks<V, kGroups>& blocks) {
  const bool all_data = offset + kBlockBytes <= batch.shortest;
  for (int group = 0; group < kGroups; ++group) {
    const uint8_t* const* lanes = batch.data + group * V::kLanes;
    for (uint32_t row = 0; row < kBlockBytes / kRowBytes; ++row) {
      const uint32_t at = offset + row * kRowBytes;
      typename V::Reg* words = &blocks.word[group][4 * row];
      if (at + kRowBytes <= batch.shortest) {
        GatherFourWords<V>(lanes, at, words);
      } else if (at >= batch.longest) {
        for (int i = 0; i < 4; ++i) words[i] = V::Broadcast(0);
      } else {
        GatherFourWordsUpToEnd<V>(lanes, batch.lengths + group * V::kLanes, at, words);
      }
    }
  }
  if (!all_data) AddEndMarks<V, kGroups>(batch, offset, blocks);
  SwapWords<V, Hash, kGroups>(blocks);
  if (!all_data) AddLengths<V, Hash, kGroups>(batch, offset, blocks);
}

// Writes the padding after `used` words of a hash input of `length` bytes.
template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void FillWithPadding(int used, uint32_t length, Blocks<V, kGroups>& blocks) {
  for (auto& group : blocks.word) {
    for (int i = used; i < kBlockWords; ++i) group[i] = V::Broadcast(0);
    group[used] = V::Broadcast(kEndMark<Hash>);
    group[kLengthWord<Hash>] = V::Broadcast(BitsOf(length));
  }
}

template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void HashInner(const Batch& batch, State<V, Hash, kGroups>& state, Blocks<V, kGroups>& blocks) {
  const uint32_t fewest = BlocksOf(batch.shortest);
  const uint32_t most = BlocksOf(batch.longest);
  // All messages end where a block ends, as VRRPv2 adverts with one address do. The last block is then only padding.
  const bool whole_blocks = batch.shortest == batch.longest && batch.shortest % kBlockBytes == 0;
  for (uint32_t block = 0; block < most - (whole_blocks ? 1 : 0); ++block) {
    GatherBlocks<V, Hash, kGroups>(batch, block * kBlockBytes, blocks);
    const State<V, Hash, kGroups> before = state;
    Hash::template Compress<V, kGroups, kAnyWord>(state, blocks);
    if (block < fewest) continue;
    for (int group = 0; group < kGroups; ++group) {  // a finished message keeps its state
      const typename V::Reg count =
          V::ShiftRight(V::Add(V::Load(batch.lengths + group * V::kLanes), V::Broadcast(9 + kBlockBytes - 1)), 6);
      Unroll<Hash::kStateWords>([&](auto i) __attribute__((always_inline)) {
        state.word[group][i] =
            V::SelectIfGreater(count, V::Broadcast(block), state.word[group][i], before.word[group][i]);
      });
    }
  }
  if (whole_blocks) {
    FillWithPadding<V, Hash, kGroups>(0, batch.shortest, blocks);
    Hash::template Compress<V, kGroups, 1u << 0 | 1u << kLengthWord<Hash>>(state, blocks);
  }
}

template <typename V, typename Hash, int kGroups>
__attribute__((noinline)) void HmacBatch(Batch batch, MacHead* heads) {
  constexpr uint32_t kLanes = V::kLanes * kGroups;
  constexpr int kWords = Hash::kStateWords;
  batch.shortest = ~0u;
  batch.longest = 0;
  for (uint32_t i = 0; i < kLanes; ++i) {
    batch.shortest = batch.lengths[i] < batch.shortest ? batch.lengths[i] : batch.shortest;
    batch.longest = batch.lengths[i] > batch.longest ? batch.lengths[i] : batch.longest;
  }

  // If the outer state is long, it is in another cache line. It is not needed before the inner hash is done.
  if constexpr (Hash::kStateWords == 8) {
    for (uint32_t i = 0; i < kLanes; ++i) __builtin_prefetch(batch.states[i] + 2 * kWords - 1);
  }

  State<V, Hash, kGroups> state;
  Blocks<V, kGroups> blocks;
  GatherStates<V, Hash, kGroups>(batch.states, 0, state);
  HashInner<V, Hash, kGroups>(batch, state, blocks);

  // RFC 2104 2: the outer hash, over the inner digest.
  for (int group = 0; group < kGroups; ++group) {
    for (int i = 0; i < kWords; ++i) blocks.word[group][i] = state.word[group][i];
  }
  FillWithPadding<V, Hash, kGroups>(kWords, 4 * kWords, blocks);
  GatherStates<V, Hash, kGroups>(batch.states, kWords, state);
  Hash::template Compress<V, kGroups, ((2u << kWords) - 1) | 1u << kLengthWord<Hash>>(state, blocks);

  Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
    typename V::Reg rows[4];
    Transpose<V>(state.word[group], rows);
    Unroll<4>([&](auto row) __attribute__((always_inline)) {
      const typename V::Reg bytes = Hash::kBigEndian ? V::SwapBytes(rows[row]) : rows[row];
      V::StoreRow(bytes, heads + group * V::kLanes + row);
    });
  });
}

// Four groups take 1.5 times as long as two for a block (docs/decisions/0006). Use four groups if
// two have too few lanes, unless the first messages end long before the last.
template <typename V, typename Hash, int kMostGroups>
DPVRRP_INLINE void Hmac(MacMessages& messages, uint32_t count, MacHead* heads) {
  static_assert(kMaxVectorMessages % (V::kLanes * kMostGroups) == 0);
  for (uint32_t at = 0; at < count;) {
    const uint32_t left = count - at;
    uint32_t groups = left > V::kLanes ? 2 : 1;
    if (left > 2 * V::kLanes) {
      const uint32_t last = left < 4 * V::kLanes ? count - 1 : at + 4 * V::kLanes - 1;
      if (2 * BlocksOf(messages.lengths[at]) >= BlocksOf(messages.lengths[last])) groups = 4;
    }
    if (groups > kMostGroups) groups = kMostGroups;
    const uint32_t end = at + groups * V::kLanes;
    for (uint32_t i = count; i < end; ++i) {  // lanes without a message repeat one: no branch in the loops
      messages.states[i] = messages.states[at];
      messages.data[i] = messages.data[at];
      messages.lengths[i] = messages.lengths[at];
    }
    const Batch batch = {messages.states + at, messages.data + at, messages.lengths + at, 0, 0};
    if constexpr (kMostGroups >= 4) {
      if (groups == 4) HmacBatch<V, Hash, 4>(batch, heads + at);
    }
    if constexpr (kMostGroups >= 2) {
      if (groups == 2) HmacBatch<V, Hash, 2>(batch, heads + at);
    }
    if (groups == 1) HmacBatch<V, Hash, 1>(batch, heads + at);
    at = end;
  }
}

}  // namespace
}  // namespace dpvrrp::internal
