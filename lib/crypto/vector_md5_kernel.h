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

// One HMAC to compute. The states are MacKey's: four words, 16-byte aligned, each standing for one hashed block.
struct Md5Message {
  const uint32_t* inner;
  const uint32_t* outer;
  const uint8_t* data;
  uint32_t length;  // bytes, at most kMaxFrameBytes
};

struct alignas(16) Md5Mac {
  uint8_t bytes[16];
};

// macs[i] = HMAC-MD5(messages[i]), not truncated. A batch goes on until its longest message is done, so messages should
// stand in order of length. `macs` has room for `count` rounded up to whole batches, at most kMaxVectorMd5Lanes each.
// Reads no byte outside the messages.
using HmacMd5Kernel = void (*)(const Md5Message* messages, uint32_t count, Md5Mac* macs);

constexpr uint32_t kMaxVectorMd5Lanes = 32;

// The processor must have AVX-512 F, BW and VL, or AVX2.
void HmacMd5Avx512(const Md5Message* messages, uint32_t count, Md5Mac* macs);
void HmacMd5Avx2(const Md5Message* messages, uint32_t count, Md5Mac* macs);

}  // namespace dpvrrp::internal
