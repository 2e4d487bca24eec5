// SPDX-License-Identifier: BSD-3-Clause
//
// Runs the inputs with which the fuzzers start, and those that they have found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/targets.h"

namespace dpvrrp {
namespace {

class FuzzCorpusTest : public testing::TestWithParam<FuzzTarget> {};

TEST_P(FuzzCorpusTest, EveryInputRuns) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(DPVRRP_CORPUS "/") + GetParam().name)) {
    SCOPED_TRACE(entry.path());
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(in), {}};
    GetParam().run({reinterpret_cast<const uint8_t*>(data.data()), data.size()});
    ++inputs;
  }
  EXPECT_GE(inputs, 3);
}

INSTANTIATE_TEST_SUITE_P(All, FuzzCorpusTest, testing::ValuesIn(kFuzzTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace dpvrrp
