// SPDX-License-Identifier: BSD-3-Clause
#include "support/captures.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace dpvrrp {
namespace {

std::ifstream OpenCapture(absl::string_view file) {
  std::ifstream in(absl::StrCat(DPVRRP_CAPTURES, "/", file), std::ios::binary);
  DPVRRP_CHECK(in.good());
  return in;
}

uint32_t Word(const std::string& data, size_t at) {
  uint32_t word;
  DPVRRP_CHECK(at + sizeof word <= data.size());
  std::memcpy(&word, data.data() + at, sizeof word);
  return word;
}

}  // namespace

std::vector<CapturedFrame> ReadCapture(absl::string_view file) {
  std::ifstream in = OpenCapture(file);
  const std::string data{std::istreambuf_iterator<char>(in), {}};
  DPVRRP_CHECK(Word(data, 0) == 0xa1b2c3d4 && Word(data, 20) == 1);
  std::vector<CapturedFrame> frames;
  Nanoseconds first{};
  for (size_t at = 24; at < data.size();) {
    const Nanoseconds time = std::chrono::seconds(Word(data, at)) + std::chrono::microseconds(Word(data, at + 4));
    const size_t length = Word(data, at + 8);
    DPVRRP_CHECK(at + 16 + length <= data.size());
    if (frames.empty()) first = time;
    frames.push_back({time - first, Bytes(data.begin() + static_cast<ptrdiff_t>(at + 16),
                                          data.begin() + static_cast<ptrdiff_t>(at + 16 + length))});
    at += 16 + length;
  }
  return frames;
}

Bytes ReadVector(absl::string_view heading, int number) {
  std::ifstream in = OpenCapture("vectors.txt");
  const std::string wanted = absl::StrCat("[", heading, "] #", number, " ");
  std::string line;
  while (std::getline(in, line)) {
    if (!absl::StartsWith(line, wanted)) continue;
    DPVRRP_CHECK(static_cast<bool>(std::getline(in, line)));
    return FromHex(line);
  }
  DPVRRP_CHECK(false);
  return {};
}

bool IsVrrpFrame(const Bytes& frame) {
  return frame.size() > 23 && frame[12] == 0x08 && frame[13] == 0x00 && (frame[23] == 112 || frame[23] == 51);
}

}  // namespace dpvrrp
