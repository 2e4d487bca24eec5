// SPDX-License-Identifier: BSD-3-Clause
//
// The interface between the vector engine, compiled for any x86-64, and its kernels, each compiled for one instruction
// set. Both sides include this header, so it has no functions with a body: the linker keeps one copy of an inline
// function, and if that copy contained AVX-512, an older processor would run it. Internal to lib/crypto.
//
// Thread: any (no state).
#pragma once

#include <cstdint>

namespace dpvrrp::internal {

constexpr uint32_t kMaxVectorMessages = 64;

// HMACs to compute, each with its own key. Stored by columns, because the kernel reads one field of sixteen messages at
// a time.
struct MacMessages {
  const uint32_t* states[kMaxVectorMessages];  // MacKey::states()
  const uint8_t* data[kMaxVectorMessages];
  alignas(64) uint32_t lengths[kMaxVectorMessages];  // bytes, 1..kMaxFrameBytes
};

// The first bytes of a MAC, as many as the longest ICV has.
struct alignas(16) MacHead {
  uint8_t bytes[16];
};

// Sets heads[i] to the HMAC of message i, for the first `count` (1..kMaxVectorMessages). The others, of messages and
// heads, are scratch. A batch runs until its longest message is done, so messages should be in order of length. Reads
// no byte outside the messages, and 64 bytes of a key's states.
using MacKernel = void (*)(MacMessages& messages, uint32_t count, MacHead* heads);

// The processor must have AVX-512 F, BW and VL, or AVX2. HMAC-SHA-256 with AVX2 would be slower than intel-ipsec-mb.
void HmacMd5Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha1Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha256Avx512(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacMd5Avx2(MacMessages& messages, uint32_t count, MacHead* heads);
void HmacSha1Avx2(MacMessages& messages, uint32_t count, MacHead* heads);

}  // namespace dpvrrp::internal
