// SPDX-License-Identifier: BSD-3-Clause
//
// What the fuzzer starts from, and has found, stays found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/shard_input.h"

namespace dpvrrp {
namespace {

TEST(FuzzCorpusTest, EveryInputRuns) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DPVRRP_CORPUS)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(in), {}};
    RunShardInput({reinterpret_cast<const uint8_t*>(data.data()), data.size()});
    ++inputs;
  }
  EXPECT_GE(inputs, 7);
}

}  // namespace
}  // namespace dpvrrp
