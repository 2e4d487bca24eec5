// SPDX-License-Identifier: BSD-3-Clause
#include "config/foreign_file.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp::config_internal {
namespace {

using Words = std::vector<absl::string_view>;

// Blocks that only a keepalived.conf has at its outermost level.
constexpr absl::string_view kKeepalivedBlocks[] = {
    "vrrp_instance",      "vrrp_sync_group", "global_defs",      "vrrp_script",  "vrrp_track_file",
    "vrrp_track_process", "bfd_instance",    "static_routes",    "static_rules", "virtual_server",
    "track_group",        "garp_group",      "static_ipaddress",
};

bool IsKeepalived(const Words& words) {
  const absl::string_view block = absl::StripSuffix(words[0], "{");
  return std::find(std::begin(kKeepalivedBlocks), std::end(kKeepalivedBlocks), block) != std::end(kKeepalivedBlocks);
}

bool IsNumber(absl::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), absl::ascii_isdigit);
}

// FRR: "vrrp 5 version 3", "vrrp 5", "vrrp default priority 200", "frr version 8.4.4". IOS: "vrrp 5 ip 10.0.0.1".
bool IsFrr(const Words& words) {
  if (words.size() < 2) return false;
  return (words[0] == "vrrp" && (IsNumber(words[1]) || words[1] == "default")) ||
         (words[0] == "frr" && words[1] == "version");
}

// Junos: "vrrp-group 5 {". VyOS: "set high-availability vrrp group lan vrid 5".
bool IsJunosOrVyos(const Words& words) {
  if (words[0] == "vrrp-group" || words[0] == "high-availability") return true;
  return words[0] == "set" && std::any_of(words.begin(), words.end(), [](absl::string_view word) {
           return word == "vrrp-group" || word == "high-availability";
         });
}

constexpr absl::string_view kImport =
    "a keepalived.conf, and dpvrrpd reads TOML: `dpvrrpctl import FILE` translates it";
constexpr absl::string_view kAdvice =
    ", and dpvrrpd reads TOML. Start from a file in docs/examples; docs/config.md translates its words "
    "(\"Words of other programs\")";

}  // namespace

std::optional<SyntaxError> RecogniseForeignFile(absl::string_view text) {
  std::optional<SyntaxError> found;
  const auto remember = [&](uint32_t line, absl::string_view row, absl::string_view what) {
    if (found) return;
    const auto column = static_cast<uint32_t>(row.find_first_not_of(" \t") + 1);
    found = SyntaxError{{line, column}, absl::StrCat("this is ", what)};
  };
  uint32_t line = 0;
  for (const absl::string_view row : absl::StrSplit(text, '\n')) {
    ++line;
    const Words words = absl::StrSplit(row, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty()) continue;
    if (absl::StartsWith(words[0], "[")) return std::nullopt;  // a table of TOML
    if (IsKeepalived(words)) remember(line, row, kImport);
    if (IsFrr(words)) remember(line, row, absl::StrCat("a configuration of FRR or of a router", kAdvice));
    if (IsJunosOrVyos(words)) remember(line, row, absl::StrCat("a router's configuration", kAdvice));
  }
  return found;
}

}  // namespace dpvrrp::config_internal
