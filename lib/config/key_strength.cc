// SPDX-License-Identifier: BSD-3-Clause
#include "config/key_strength.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "crypto/mac_key.h"

namespace dpvrrp {
namespace {

// Letters only: the comparison first replaces digits that stand for letters.
constexpr absl::string_view kWeakWords[] = {
    "abc",     "admin",   "asdf",     "backup",   "changeme",  "cisco",   "deadbeef", "default", "dpvrrp", "dragon",
    "geheim",  "hello",   "iloveyou", "juniper",  "keepalive", "letmein", "linux",    "login",   "master", "monkey",
    "network", "openssl", "password", "passwort", "private",   "public",  "qwer",     "qwertz",  "router", "secret",
    "server",  "test",    "user",     "vrrp",     "welcome",   "yxcv",    "gateway",  "zxcv"};
constexpr double kBitsOfAWord = 10;

// 's' for "S", "5" and "$".
char PlainLetter(uint8_t byte) {
  switch (byte) {
    case '0':
      return 'o';
    case '1':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '7':
      return 't';
    default:
      return absl::ascii_tolower(byte);
  }
}

// The length of the shortest piece whose repetition gives the whole (the last piece may be cut).
size_t PeriodOf(std::span<const uint8_t> bytes) {
  for (size_t period = 1; period < bytes.size(); ++period) {
    if (std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(period), bytes.end(), bytes.begin())) return period;
  }
  return bytes.size();
}

// The size of the alphabet: all characters of the kinds that occur.
int AlphabetOf(std::span<const uint8_t> bytes) {
  bool digit = false, lower = false, upper = false, other = false;
  for (const uint8_t byte : bytes) {
    if (!absl::ascii_isprint(byte)) return 256;
    (absl::ascii_isdigit(byte)   ? digit
     : absl::ascii_islower(byte) ? lower
     : absl::ascii_isupper(byte) ? upper
                                 : other) = true;
  }
  return 10 * digit + 26 * lower + 26 * upper + 33 * other;
}

}  // namespace

size_t GuessedBits(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const std::span<const uint8_t> piece = bytes.first(PeriodOf(bytes));
  std::string plain;            // as secret as the key
  plain.reserve(piece.size());  // so that growth leaves no copies of it in freed memory
  for (const uint8_t byte : piece) plain.push_back(PlainLetter(byte));
  std::vector<bool> free(piece.size(), true);  // counted as random
  double bits = 0;
  for (const absl::string_view word : kWeakWords) {
    for (size_t at = plain.find(word.data(), 0, word.size()); at != std::string::npos;
         at = plain.find(word.data(), at + word.size(), word.size())) {
      bits += kBitsOfAWord;
      std::fill_n(free.begin() + static_cast<std::ptrdiff_t>(at), word.size(), false);
    }
  }
  WipeSecret(plain.data(), plain.size());
  for (size_t i = 2; i < piece.size(); ++i) {
    const int step = piece[i] - piece[i - 1];
    if (step == piece[i - 1] - piece[i - 2] && step >= -1 && step <= 1) free[i] = false;
  }
  bits += static_cast<double>(std::count(free.begin(), free.end(), true)) * std::log2(AlphabetOf(piece));
  return static_cast<size_t>(bits);
}

std::string WeaknessOf(std::span<const uint8_t> bytes, size_t used) {
  const std::span<const uint8_t> key = bytes.first(std::min(used, bytes.size()));
  if (key.size() < kMinKeyBytes) {
    return absl::StrCat("has ", key.size(), " bytes, but at least ", kMinKeyBytes, " are required");
  }
  const size_t least = key.size() > kMinKeyBytes ? kMinKeyBits : kMinShortKeyBits;
  const size_t bits = std::min(GuessedBits(key), GuessedBits(bytes));
  if (bits >= least) return "";
  return absl::StrCat("needs only about ", bits, " bits to guess, but at least ", least, " are required");
}

}  // namespace dpvrrp
