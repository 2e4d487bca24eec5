// SPDX-License-Identifier: BSD-3-Clause
//
// libFuzzer target of the receive path. Build with clang and -Dfuzzers=true, run with tests/fuzz/corpus.
#include <cstddef>
#include <cstdint>

#include "fuzz/shard_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dpvrrp::RunShardInput({data, size});
  return 0;
}
