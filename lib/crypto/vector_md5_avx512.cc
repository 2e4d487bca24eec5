// SPDX-License-Identifier: BSD-3-Clause
//
// Sixteen lanes, with the two instructions MD5 wants: any function of three bits (vpternlogd) and a rotate (vprold).
#include <immintrin.h>

#include "crypto/vector_md5_lanes.h"

namespace dpvrrp::internal {
namespace {

struct VecAvx512 {
  using Reg = __m512i;
  static constexpr int kLanes = 16;

  // The truth table vpternlogd takes is the function itself, applied to these three.
  static constexpr int kB = 0xf0;
  static constexpr int kC = 0xcc;
  static constexpr int kD = 0xaa;
  static constexpr int kF = (kB & kC) | (~kB & kD);
  static constexpr int kG = (kB & kD) | (kC & ~kD);
  static constexpr int kH = kB ^ kC ^ kD;
  static constexpr int kI = (kC ^ (kB | ~kD)) & 0xff;

  static DPVRRP_INLINE Reg F(Reg b, Reg c, Reg d) { return _mm512_ternarylogic_epi32(b, c, d, kF); }
  static DPVRRP_INLINE Reg G(Reg b, Reg c, Reg d) { return _mm512_ternarylogic_epi32(b, c, d, kG); }
  static DPVRRP_INLINE Reg H(Reg b, Reg c, Reg d) { return _mm512_ternarylogic_epi32(b, c, d, kH); }
  static DPVRRP_INLINE Reg I(Reg b, Reg c, Reg d) { return _mm512_ternarylogic_epi32(b, c, d, kI); }

  static DPVRRP_INLINE Reg Add(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  static DPVRRP_INLINE Reg Broadcast(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateLeft(Reg a) {
    return _mm512_rol_epi32(a, kBits);
  }

  static DPVRRP_INLINE Reg UnpackLow32(Reg a, Reg b) { return _mm512_unpacklo_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh32(Reg a, Reg b) { return _mm512_unpackhi_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackLow64(Reg a, Reg b) { return _mm512_unpacklo_epi64(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh64(Reg a, Reg b) { return _mm512_unpackhi_epi64(a, b); }

  // 16 bytes each of lanes 0, 4, 8 and 12.
  static DPVRRP_INLINE Reg GatherRow(const uint8_t* const* lanes, size_t offset) {
    const __m256i low =
        _mm256_inserti128_si256(_mm256_castsi128_si256(Load(lanes[0] + offset)), Load(lanes[4] + offset), 1);
    const __m256i high =
        _mm256_inserti128_si256(_mm256_castsi128_si256(Load(lanes[8] + offset)), Load(lanes[12] + offset), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }
  static DPVRRP_INLINE void ScatterRow(Reg row, Md5Mac* macs) {
    Store(macs + 0, _mm512_castsi512_si128(row));
    Store(macs + 4, _mm512_extracti32x4_epi32(row, 1));
    Store(macs + 8, _mm512_extracti32x4_epi32(row, 2));
    Store(macs + 12, _mm512_extracti32x4_epi32(row, 3));
  }
  // counts[lane] > than ? yes : no
  static DPVRRP_INLINE Reg SelectIfGreater(const uint32_t* counts, uint32_t than, Reg yes, Reg no) {
    return _mm512_mask_mov_epi32(no, _mm512_cmpgt_epu32_mask(_mm512_load_si512(counts), Broadcast(than)), yes);
  }

 private:
  static DPVRRP_INLINE __m128i Load(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static DPVRRP_INLINE void Store(Md5Mac* to, __m128i value) {
    _mm_store_si128(reinterpret_cast<__m128i*>(to->bytes), value);
  }
};

}  // namespace

void HmacMd5Avx512(const Md5Message* messages, uint32_t count, Md5Mac* macs) {
  HmacMd5<VecAvx512, 2>(messages, count, macs);
}

}  // namespace dpvrrp::internal
