// SPDX-License-Identifier: BSD-3-Clause
//
// The words of keepalived.conf(5), of 2.2.7 and the later ones that files use, and what the importer does with each:
// one table.
//
// Thread: any (pure).
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "keepalived/report.h"

namespace dpvrrp::keepalived {

enum class Block : uint8_t {
  kRoot,  // the outermost level
  kGlobal,
  kInstance,
  kAuthentication,
  kAuthHmac,
  kScript,
  kProcess,
  kGroup,
  kGarpGroup,
};
absl::string_view ToString(Block block);  // "vrrp_instance"; "the file" for the outermost level

struct WordRule {
  Block block;
  absl::string_view word;
  // The usual verdict. If `read`, the importer reads the value and may give another one.
  Verdict verdict;
  // The words here that have the same meaning, or the reason.
  absl::string_view what;
  bool read = false;
};

std::span<const WordRule> AllWordRules();
// Null: keepalived has no such word in this block.
const WordRule* FindWord(Block block, absl::string_view word);
// "; did you mean 'priority'?", or empty.
std::string DidYouMean(Block block, absl::string_view word);

}  // namespace dpvrrp::keepalived
