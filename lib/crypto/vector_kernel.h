// SPDX-License-Identifier: BSD-3-Clause
//
// What lies between the vector engine, compiled for any x86-64, and its kernels, each compiled for one instruction set.
// Both sides include this, so it has no functions with a body: the linker keeps one copy of an inline function, and
// should that be the one with AVX-512 in it, an older processor would run it. Internal to lib/crypto.
//
// Thread: any (no state).
#pragma once

#include <cstdint>

namespace dpvrrp::internal {

constexpr uint32_t kMaxVectorMessages = 64;

// HMACs to compute, each with its own key. By columns, because the kernel wants one thing of sixteen messages at a
// time.
struct MacMessages {
  const uint32_t* states[kMaxVectorMessages];  // MacKey::states()
  const uint8_t* data[kMaxVectorMessages];
  alignas(64) uint32_t lengths[kMaxVectorMessages];  // bytes, 1..kMaxFrameBytes
};

// As much of a MAC as any ICV has.
struct alignas(16) MacHead {
  uint8_t bytes[16];
};

// heads[i] = the HMAC of message i, for the first `count` (1..kMaxVectorMessages); the others, of messages and heads,
// are scratch. A batch goes on until its longest message is done, so messages should stand in order of length. Reads no
// byte outside the messages; of a key's states 64 bytes.
using MacKernel = void (*)(MacMessages& messages, uint32_t count, MacHead* heads);

// The processor must have AVX-512 F, BW and VL, or AVX2. HMAC-SHA-256 with AVX2 would be slower than intel-ipsec-mb.
void HmacMd5Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha1Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha256Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacMd5Avx2(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha1Avx2(MacMessages& messages, uint32_t count, MacHead* heads);

}  // namespace dpvrrp::internal
