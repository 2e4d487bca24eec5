// SPDX-License-Identifier: BSD-3-Clause
//
// Classic BPF as McCanne and Jacobson (1993) define it, as far as lib/dataplane/traffic_filter.cc uses it. A test
// compares it with the kernel.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <cstdlib>
#include <span>

namespace dpvrrp {

// The number of bytes of the packet that the program accepts; 0: none. Aborts at an instruction that it does not know,
// at a jump beyond the end, and at a jump backwards.
inline uint32_t RunBpf(std::span<const sock_filter> program, std::span<const uint8_t> packet) {
  uint32_t a = 0, x = 0;
  for (size_t pc = 0;; ++pc) {
    if (pc >= program.size()) abort();
    const auto& [code, jt, jf, k] = program[pc];
    const uint64_t at = uint64_t{x} + k;
    const auto load = [&](size_t bytes) {
      a = 0;
      for (size_t i = 0; i < bytes; ++i) a = a << 8 | packet[at + i];
    };
    const size_t width = (code & 0x18) == BPF_W ? 4 : (code & 0x18) == BPF_H ? 2 : 1;
    switch (code) {
      case BPF_LD | BPF_IND | BPF_W:
      case BPF_LD | BPF_IND | BPF_H:
      case BPF_LD | BPF_IND | BPF_B:
        if (at + width > packet.size()) return 0;
        load(width);
        break;
      case BPF_LDX | BPF_IMM:
        x = k;
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= k;
        break;
      case BPF_ALU | BPF_LSH | BPF_K:
        a <<= k;
        break;
      case BPF_ALU | BPF_ADD | BPF_K:
        a += k;
        break;
      case BPF_ALU | BPF_ADD | BPF_X:
        a += x;
        break;
      case BPF_MISC | BPF_TAX:
        x = a;
        break;
      case BPF_JMP | BPF_JA:
        pc += k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        pc += a == k ? jt : jf;
        break;
      case BPF_RET | BPF_K:
        return k;
      default:
        abort();
    }
  }
}

}  // namespace dpvrrp
