// SPDX-License-Identifier: BSD-3-Clause
//
// Eight lanes. AVX2 has no rotate and no three-operand logic: a step of MD5 takes ten instructions, against six with
// AVX-512.
#include <immintrin.h>

#include "crypto/vector_md5.h"
#include "crypto/vector_sha.h"

namespace dpvrrp::internal {
namespace {

struct VecAvx2 {
  using Reg = __m256i;
  static constexpr int kLanes = 8;

  // Bit by bit: b ? c : d, and d ? b : c. This form takes three instructions instead of four.
  static DPVRRP_INLINE Reg Choose(Reg b, Reg c, Reg d) { return Xor(d, And(b, Xor(c, d))); }
  static DPVRRP_INLINE Reg ChooseByLast(Reg b, Reg c, Reg d) { return Xor(c, And(d, Xor(b, c))); }
  static DPVRRP_INLINE Reg Xor3(Reg b, Reg c, Reg d) { return Xor(b, Xor(c, d)); }
  static DPVRRP_INLINE Reg Majority(Reg b, Reg c, Reg d) { return Xor(And(b, c), And(d, Xor(b, c))); }
  static DPVRRP_INLINE Reg Md5I(Reg b, Reg c, Reg d) { return Xor(c, Or(b, Xor(d, Broadcast(~0u)))); }

  static DPVRRP_INLINE Reg Add(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  static DPVRRP_INLINE Reg And(Reg a, Reg b) { return _mm256_and_si256(a, b); }
  static DPVRRP_INLINE Reg Xor(Reg a, Reg b) { return _mm256_xor_si256(a, b); }
  static DPVRRP_INLINE Reg Broadcast(uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
  static DPVRRP_INLINE Reg ShiftLeft(Reg a, int bits) { return _mm256_slli_epi32(a, bits); }
  static DPVRRP_INLINE Reg ShiftRight(Reg a, int bits) { return _mm256_srli_epi32(a, bits); }
  static DPVRRP_INLINE Reg ShiftLeftBy(Reg a, Reg bits) { return _mm256_sllv_epi32(a, bits); }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateLeft(Reg a) {
    return Or(_mm256_slli_epi32(a, kBits), _mm256_srli_epi32(a, 32 - kBits));
  }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateRight(Reg a) {
    return RotateLeft<32 - kBits>(a);
  }

  static DPVRRP_INLINE Reg UnpackLow32(Reg a, Reg b) { return _mm256_unpacklo_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh32(Reg a, Reg b) { return _mm256_unpackhi_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackLow64(Reg a, Reg b) { return _mm256_unpacklo_epi64(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh64(Reg a, Reg b) { return _mm256_unpackhi_epi64(a, b); }
  static DPVRRP_INLINE Reg SwapBytes(Reg a) {
    const __m128i order = _mm_set_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
    return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(order));
  }

  static DPVRRP_INLINE Reg Load(const uint32_t* lanes) {
    return _mm256_load_si256(reinterpret_cast<const Reg*>(lanes));
  }
  static DPVRRP_INLINE __m128i LoadRow(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  // Loads `bytes` of 16, then zeros. Whole words, by a mask that leaves the other words unread; the length of an advert
  // is whole words.
  static DPVRRP_INLINE __m128i LoadPartOfRow(const uint8_t* from, uint32_t bytes) {
    const uint32_t words = bytes / 4;
    const __m128i mask = _mm_cmpgt_epi32(_mm_set1_epi32(static_cast<int>(words)), _mm_set_epi32(3, 2, 1, 0));
    const __m128i row = _mm_maskload_epi32(reinterpret_cast<const int*>(from), mask);
    if (bytes % 4 == 0) return row;
    uint32_t last = 0;
    for (uint32_t i = 0; i < bytes % 4; ++i) last |= static_cast<uint32_t>(from[4 * words + i]) << 8 * i;
    const __m128i place = _mm_cmpeq_epi32(_mm_set1_epi32(static_cast<int>(words)), _mm_set_epi32(3, 2, 1, 0));
    return _mm_or_si128(row, _mm_and_si128(place, _mm_set1_epi32(static_cast<int>(last))));
  }
  // 16 bytes of lane i, and 16 bytes of lane i + 4.
  template <typename LoadLane>
  static DPVRRP_INLINE Reg Row(const LoadLane& load, int i) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load(i)), load(i + 4), 1);
  }
  static DPVRRP_INLINE void StoreRow(Reg row, MacHead* heads) {
    Store(heads + 0, _mm256_castsi256_si128(row));
    Store(heads + 4, _mm256_extracti128_si256(row, 1));
  }
  // a > b ? yes : no, in each lane. Signed, which makes no difference for counts of blocks.
  static DPVRRP_INLINE Reg SelectIfGreater(Reg a, Reg b, Reg yes, Reg no) {
    return _mm256_blendv_epi8(no, yes, _mm256_cmpgt_epi32(a, b));
  }
  // a == b ? word | bits : word
  static DPVRRP_INLINE Reg OrIfEqual(Reg word, Reg a, Reg b, Reg bits) {
    return Or(word, And(bits, _mm256_cmpeq_epi32(a, b)));
  }

 private:
  static DPVRRP_INLINE Reg Or(Reg a, Reg b) { return _mm256_or_si256(a, b); }
  static DPVRRP_INLINE void Store(MacHead* to, __m128i value) {
    _mm_store_si128(reinterpret_cast<__m128i*>(to->bytes), value);
  }
};

}  // namespace

void HmacMd5Avx2(MacMessages& messages, uint32_t count, MacHead* heads) {
  Hmac<VecAvx2, Md5, 2>(messages, count, heads);
}
void HmacSha1Avx2(MacMessages& messages, uint32_t count, MacHead* heads) {
  Hmac<VecAvx2, Sha1, 1>(messages, count, heads);
}

}  // namespace dpvrrp::internal
