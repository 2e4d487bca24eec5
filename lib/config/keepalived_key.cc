// SPDX-License-Identifier: BSD-3-Clause
#include "config/keepalived_key.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace dpvrrp {
namespace {

constexpr absl::string_view kEnds = "!#\"{} \t";

bool EndsKey(uint8_t byte) { return kEnds.find(static_cast<char>(byte)) != absl::string_view::npos; }
bool IsText(uint8_t byte) { return absl::ascii_isprint(byte) || byte == '\t'; }

}  // namespace

size_t KeepalivedReads(std::span<const uint8_t> key) {
  return static_cast<size_t>(std::find_if(key.begin(), key.end(), EndsKey) - key.begin());
}

std::string KeepalivedKeyWarning(std::span<const uint8_t> key, size_t used) {
  const std::span<const uint8_t> taken = key.first(std::min(used, key.size()));
  if (KeepalivedReads(taken) == taken.size() || !std::all_of(taken.begin(), taken.end(), IsText)) return "";
  return "has a character that ends an unquoted word in keepalived.conf (a blank or one of ! # \" { }): a keepalived "
         "peer may use a shorter key. Use only letters and digits, or put the key in double quotes in keepalived.conf";
}

}  // namespace dpvrrp
