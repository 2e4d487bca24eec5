// SPDX-License-Identifier: BSD-3-Clause
//
// libFuzzer target of the receive path. Configure with clang and
//   -Dfuzzers=true -Dcpp_args=-fsanitize=fuzzer-no-link -Db_sanitize=address,undefined -Db_lundef=false
// (without the second the libraries tell the fuzzer nothing of their coverage), run with a copy of tests/fuzz/corpus.
#include <cstddef>
#include <cstdint>

#include "fuzz/shard_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dpvrrp::RunShardInput({data, size});
  return 0;
}
