// SPDX-License-Identifier: BSD-3-Clause
//
// Sixteen lanes, with two instructions that hashes need: any function of three bits (vpternlogd) and a rotate (vprold).
#include <immintrin.h>

#include "crypto/vector_md5.h"
#include "crypto/vector_sha.h"

namespace dpvrrp::internal {
namespace {

struct VecAvx512 {
  using Reg = __m512i;
  static constexpr int kLanes = 16;

  // The truth table for vpternlogd is the function itself, applied to these three constants.
  static constexpr int kB = 0xf0;
  static constexpr int kC = 0xcc;
  static constexpr int kD = 0xaa;

  static DPVRRP_INLINE Reg Choose(Reg b, Reg c, Reg d) { return Of3<(kB & kC) | (~kB & kD)>(b, c, d); }
  static DPVRRP_INLINE Reg ChooseByLast(Reg b, Reg c, Reg d) { return Of3<(kB & kD) | (kC & ~kD)>(b, c, d); }
  static DPVRRP_INLINE Reg Xor3(Reg b, Reg c, Reg d) { return Of3<kB ^ kC ^ kD>(b, c, d); }
  static DPVRRP_INLINE Reg Majority(Reg b, Reg c, Reg d) { return Of3<(kB & kC) | (kB & kD) | (kC & kD)>(b, c, d); }
  static DPVRRP_INLINE Reg Md5I(Reg b, Reg c, Reg d) { return Of3<kC ^ (kB | ~kD)>(b, c, d); }

  static DPVRRP_INLINE Reg Add(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  static DPVRRP_INLINE Reg And(Reg a, Reg b) { return _mm512_and_si512(a, b); }
  static DPVRRP_INLINE Reg Xor(Reg a, Reg b) { return _mm512_xor_si512(a, b); }
  static DPVRRP_INLINE Reg Broadcast(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
  static DPVRRP_INLINE Reg ShiftLeft(Reg a, unsigned bits) { return _mm512_slli_epi32(a, bits); }
  static DPVRRP_INLINE Reg ShiftRight(Reg a, unsigned bits) { return _mm512_srli_epi32(a, bits); }
  static DPVRRP_INLINE Reg ShiftLeftBy(Reg a, Reg bits) { return _mm512_sllv_epi32(a, bits); }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateLeft(Reg a) {
    return _mm512_rol_epi32(a, kBits);
  }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateRight(Reg a) {
    return _mm512_ror_epi32(a, kBits);
  }

  static DPVRRP_INLINE Reg UnpackLow32(Reg a, Reg b) { return _mm512_unpacklo_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh32(Reg a, Reg b) { return _mm512_unpackhi_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackLow64(Reg a, Reg b) { return _mm512_unpacklo_epi64(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh64(Reg a, Reg b) { return _mm512_unpackhi_epi64(a, b); }
  static DPVRRP_INLINE Reg SwapBytes(Reg a) {
    return _mm512_shuffle_epi8(a, _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
  }

  static DPVRRP_INLINE Reg Load(const uint32_t* lanes) { return _mm512_load_si512(lanes); }
  static DPVRRP_INLINE __m128i LoadRow(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  // Loads `bytes` of 16, then zeros. Bytes outside the mask are not read.
  static DPVRRP_INLINE __m128i LoadPartOfRow(const uint8_t* from, uint32_t bytes) {
    return _mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << bytes) - 1), from);
  }
  // 16 bytes of each of the lanes i, i + 4, i + 8 and i + 12.
  template <typename LoadLane>
  static DPVRRP_INLINE Reg Row(const LoadLane& load, int i) {
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(load(i)), load(i + 4), 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(load(i + 8)), load(i + 12), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }
  static DPVRRP_INLINE void StoreRow(Reg row, MacHead* heads) {
    Store(heads + 0, _mm512_castsi512_si128(row));
    Store(heads + 4, _mm512_extracti32x4_epi32(row, 1));
    Store(heads + 8, _mm512_extracti32x4_epi32(row, 2));
    Store(heads + 12, _mm512_extracti32x4_epi32(row, 3));
  }
  // a > b ? yes : no, in each lane
  static DPVRRP_INLINE Reg SelectIfGreater(Reg a, Reg b, Reg yes, Reg no) {
    return _mm512_mask_mov_epi32(no, _mm512_cmpgt_epu32_mask(a, b), yes);
  }
  // a == b ? word | bits : word
  static DPVRRP_INLINE Reg OrIfEqual(Reg word, Reg a, Reg b, Reg bits) {
    return _mm512_mask_or_epi32(word, _mm512_cmpeq_epu32_mask(a, b), word, bits);
  }

 private:
  // Not the intrinsic: g++ reorders its operands, and the overwritten one should be b's copy, which costs nothing.
  template <int kFunction>
  static DPVRRP_INLINE Reg Of3(Reg b, Reg c, Reg d) {
    asm("vpternlogd %3, %2, %1, %0" : "+v"(b) : "v"(c), "v"(d), "i"(kFunction & 0xff));
    return b;
  }
  static DPVRRP_INLINE void Store(MacHead* to, __m128i value) {
    _mm_store_si128(reinterpret_cast<__m128i*>(to->bytes), value);
  }
};

}  // namespace

void HmacMd5Avx512(MacMessages& messages, uint32_t count, MacHead* heads) {
  Hmac<VecAvx512, Md5, 4>(messages, count, heads);
}
void HmacSha1Avx512(MacMessages& messages, uint32_t count, MacHead* heads) {
  Hmac<VecAvx512, Sha1, 2>(messages, count, heads);
}
void HmacSha256Avx512(MacMessages& messages, uint32_t count, MacHead* heads) {
  Hmac<VecAvx512, Sha256, 2>(messages, count, heads);
}

}  // namespace dpvrrp::internal
