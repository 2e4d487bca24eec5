// SPDX-License-Identifier: BSD-3-Clause
//
// Eight lanes. No rotate and no three-operand logic: ten instructions a step against six of AVX-512.
#include <immintrin.h>

#include "crypto/vector_md5_lanes.h"

namespace dpvrrp::internal {
namespace {

struct VecAvx2 {
  using Reg = __m256i;
  static constexpr int kLanes = 8;

  // F and G choose bit by bit: b ? c : d, and d ? b : c. This form takes three instructions instead of four.
  static DPVRRP_INLINE Reg F(Reg b, Reg c, Reg d) { return Xor(d, And(b, Xor(c, d))); }
  static DPVRRP_INLINE Reg G(Reg b, Reg c, Reg d) { return Xor(c, And(d, Xor(b, c))); }
  static DPVRRP_INLINE Reg H(Reg b, Reg c, Reg d) { return Xor(b, Xor(c, d)); }
  static DPVRRP_INLINE Reg I(Reg b, Reg c, Reg d) { return Xor(c, _mm256_or_si256(b, Xor(d, Broadcast(~0u)))); }

  static DPVRRP_INLINE Reg Add(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  static DPVRRP_INLINE Reg Broadcast(uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
  template <int kBits>
  static DPVRRP_INLINE Reg RotateLeft(Reg a) {
    return _mm256_or_si256(_mm256_slli_epi32(a, kBits), _mm256_srli_epi32(a, 32 - kBits));
  }

  static DPVRRP_INLINE Reg UnpackLow32(Reg a, Reg b) { return _mm256_unpacklo_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh32(Reg a, Reg b) { return _mm256_unpackhi_epi32(a, b); }
  static DPVRRP_INLINE Reg UnpackLow64(Reg a, Reg b) { return _mm256_unpacklo_epi64(a, b); }
  static DPVRRP_INLINE Reg UnpackHigh64(Reg a, Reg b) { return _mm256_unpackhi_epi64(a, b); }

  // 16 bytes each of lanes 0 and 4.
  static DPVRRP_INLINE Reg GatherRow(const uint8_t* const* lanes, size_t offset) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(Load(lanes[0] + offset)), Load(lanes[4] + offset), 1);
  }
  static DPVRRP_INLINE void ScatterRow(Reg row, Md5Mac* macs) {
    Store(macs + 0, _mm256_castsi256_si128(row));
    Store(macs + 4, _mm256_extracti128_si256(row, 1));
  }
  // counts[lane] > than ? yes : no. Signed, which is all the same for counts of blocks.
  static DPVRRP_INLINE Reg SelectIfGreater(const uint32_t* counts, uint32_t than, Reg yes, Reg no) {
    const Reg have = _mm256_load_si256(reinterpret_cast<const Reg*>(counts));
    return _mm256_blendv_epi8(no, yes, _mm256_cmpgt_epi32(have, Broadcast(than)));
  }

 private:
  static DPVRRP_INLINE Reg And(Reg a, Reg b) { return _mm256_and_si256(a, b); }
  static DPVRRP_INLINE Reg Xor(Reg a, Reg b) { return _mm256_xor_si256(a, b); }
  static DPVRRP_INLINE __m128i Load(const uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  }
  static DPVRRP_INLINE void Store(Md5Mac* to, __m128i value) {
    _mm_store_si128(reinterpret_cast<__m128i*>(to->bytes), value);
  }
};

}  // namespace

void HmacMd5Avx2(const Md5Message* messages, uint32_t count, Md5Mac* macs) {
  HmacMd5<VecAvx2, 2>(messages, count, macs);
}

}  // namespace dpvrrp::internal
