// SPDX-License-Identifier: BSD-3-Clause
//
// The compressions of SHA-1 and SHA-256 (FIPS 180-4 6.1.2, 6.2.2) for vector_lanes.h, under its rules. There is one
// copy of each for all blocks of a message, not inlined: unrolled for each kind of block they would not fit into the
// instruction cache.
#pragma once

#include "crypto/vector_lanes.h"

namespace dpvrrp::internal {
namespace {

// FIPS 180-4 4.2.2.
constexpr uint32_t kSha256Constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// FIPS 180-4 4.2.1: one for each twenty steps.
constexpr uint32_t kSha1Constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

template <typename V, typename Hash, int kGroups>
DPVRRP_INLINE void AddStates(const State<V, Hash, kGroups>& added, State<V, Hash, kGroups>& state) {
  Unroll<kGroups * Hash::kStateWords>([&](auto i) __attribute__((always_inline)) {
    constexpr int kGroup = i / Hash::kStateWords;
    constexpr int kWord = i % Hash::kStateWords;
    state.word[kGroup][kWord] = V::Add(state.word[kGroup][kWord], added.word[kGroup][kWord]);
  });
}

struct Sha256 {
  static constexpr int kStateWords = 8;
  static constexpr bool kBigEndian = true;

  // Overwrites `blocks`: a word of the schedule replaces the word sixteen steps before it.
  template <typename V, int kGroups, uint32_t kUsedWords>
  static DPVRRP_INLINE void Compress(State<V, Sha256, kGroups>& state, Blocks<V, kGroups>& blocks) {
    CompressAny<V, kGroups>(state, blocks);
  }

 private:
  template <typename V, int kGroups>
  static __attribute__((noinline)) void CompressAny(State<V, Sha256, kGroups>& state, Blocks<V, kGroups>& blocks) {
    State<V, Sha256, kGroups> s = state;
    const uint32_t* constants = kSha256Constants;
    asm("" : "+r"(constants));
    Unroll<16>([&](auto step)
                   __attribute__((always_inline)) { Step<V, kGroups, step, false>(s, blocks, constants[step]); });
    for (int sixteen = 1; sixteen < 4; ++sixteen) {
      constants += 16;
      asm("" : : : "memory");  // otherwise g++ keeps the words in more registers than exist, and spills them
      Unroll<16>([&](auto step)
                     __attribute__((always_inline)) { Step<V, kGroups, step, true>(s, blocks, constants[step]); });
    }
    AddStates<V, Sha256, kGroups>(s, state);
  }

  template <typename V, int kRotate1, int kRotate2, int kRotate3>
  static DPVRRP_INLINE typename V::Reg Sum(typename V::Reg x) {
    return V::Xor3(V::template RotateRight<kRotate1>(x), V::template RotateRight<kRotate2>(x),
                   V::template RotateRight<kRotate3>(x));
  }
  template <typename V, int kRotate1, int kRotate2, int kShift>
  static DPVRRP_INLINE typename V::Reg Sigma(typename V::Reg x) {
    return V::Xor3(V::template RotateRight<kRotate1>(x), V::template RotateRight<kRotate2>(x),
                   V::ShiftRight(x, kShift));
  }

  // One step. Only its number modulo sixteen matters. Names move as in MD5: h becomes the next a.
  template <typename V, int kGroups, int kStep, bool kSchedule>
  static DPVRRP_INLINE void Step(State<V, Sha256, kGroups>& state, Blocks<V, kGroups>& blocks, uint32_t constant) {
    constexpr auto kAt = [](int name) { return (name + 16 - kStep) % 8; };
    constexpr int kA = kAt(0), kB = kAt(1), kC = kAt(2), kD = kAt(3), kE = kAt(4), kF = kAt(5), kG = kAt(6),
                  kH = kAt(7);
    const typename V::Reg k = V::Broadcast(constant);
    Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
      auto& s = state.word[group];
      auto& w = blocks.word[group];
      if constexpr (kSchedule) {
        w[kStep] = V::Add(V::Add(w[kStep], Sigma<V, 7, 18, 3>(w[(kStep + 1) % 16])),
                          V::Add(w[(kStep + 9) % 16], Sigma<V, 17, 19, 10>(w[(kStep + 14) % 16])));
      }
      typename V::Reg t = V::Add(V::Add(s[kH], k), w[kStep]);
      t = V::Add(V::Add(t, V::Choose(s[kE], s[kF], s[kG])), Sum<V, 6, 11, 25>(s[kE]));
      s[kD] = V::Add(s[kD], t);
      s[kH] = V::Add(V::Add(t, V::Majority(s[kA], s[kB], s[kC])), Sum<V, 2, 13, 22>(s[kA]));
    });
  }
};

struct Sha1 {
  static constexpr int kStateWords = 5;
  static constexpr bool kBigEndian = true;

  // Overwrites `blocks`, like Sha256.
  template <typename V, int kGroups, uint32_t kUsedWords>
  static DPVRRP_INLINE void Compress(State<V, Sha1, kGroups>& state, Blocks<V, kGroups>& blocks) {
    CompressAny<V, kGroups>(state, blocks);
  }

 private:
  template <typename V, int kGroups>
  static __attribute__((noinline)) void CompressAny(State<V, Sha1, kGroups>& state, Blocks<V, kGroups>& blocks) {
    State<V, Sha1, kGroups> s = state;
    Unroll<80>([&](auto step) __attribute__((always_inline)) { Step<V, kGroups, step>(s, blocks); });
    AddStates<V, Sha1, kGroups>(s, state);
  }

  template <typename V, int kTwenty>
  static DPVRRP_INLINE typename V::Reg Mix(typename V::Reg b, typename V::Reg c, typename V::Reg d) {
    if constexpr (kTwenty == 0) return V::Choose(b, c, d);
    if constexpr (kTwenty == 2) return V::Majority(b, c, d);
    return V::Xor3(b, c, d);
  }

  template <typename V, int kGroups, int kStep>
  static DPVRRP_INLINE void Step(State<V, Sha1, kGroups>& state, Blocks<V, kGroups>& blocks) {
    constexpr auto kAt = [](int name) { return (name + 80 - kStep) % 5; };
    constexpr int kA = kAt(0), kB = kAt(1), kC = kAt(2), kD = kAt(3), kE = kAt(4);
    constexpr int kWord = kStep % 16;
    const typename V::Reg k = V::Broadcast(kSha1Constants[kStep / 20]);
    Unroll<kGroups>([&](auto group) __attribute__((always_inline)) {
      auto& s = state.word[group];
      auto& w = blocks.word[group];
      if constexpr (kStep >= 16) {
        w[kWord] = V::template RotateLeft<1>(
            V::Xor(V::Xor3(w[(kStep + 13) % 16], w[(kStep + 8) % 16], w[(kStep + 2) % 16]), w[kWord]));
      }
      typename V::Reg t = V::Add(V::Add(s[kE], k), w[kWord]);
      t = V::Add(t, Mix<V, kStep / 20>(s[kB], s[kC], s[kD]));
      s[kE] = V::Add(t, V::template RotateLeft<5>(s[kA]));
      s[kB] = V::template RotateLeft<30>(s[kB]);
    });
  }
};

}  // namespace
}  // namespace dpvrrp::internal
