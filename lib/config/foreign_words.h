// SPDX-License-Identifier: BSD-3-Clause
//
// The equivalents of words of other VRRP programs. Many operators know keepalived.conf or a router's configuration. If
// they write a key of such a program, the error names the key to use here.
//
// Thread: any (pure).
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace dpvrrp::config_internal {

struct ForeignWord {
  absl::string_view word;     // as the other program writes it; '_' stands for '-' too
  absl::string_view program;  // "keepalived"
  absl::string_view advice;   // "is advertisement_interval here"
};

// Every word that has an advice. docs/config.md explains each of them, and a test compares the two.
std::span<const ForeignWord> AllForeignWords();

// "keepalived's advert_int is advertisement_interval here". Empty if the word is not known.
std::string ForeignWordAdvice(absl::string_view word);

}  // namespace dpvrrp::config_internal
