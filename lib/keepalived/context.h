// SPDX-License-Identifier: BSD-3-Clause
//
// What the parts of the translation share.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "keepalived/import.h"
#include "keepalived/model.h"
#include "keepalived/notes.h"
#include "keepalived/toml_text.h"
#include "keepalived/values.h"

namespace dpvrrp::keepalived {

// Names of one kind, each different from the others.
class Names {
 public:
  // A valid name for `wanted`, which no other call has returned.
  std::string Take(absl::string_view wanted) {
    const std::string base = ValidName(wanted);
    std::string name = base;
    for (int i = 2; !taken_.insert(name).second; ++i) name = absl::StrCat(base.substr(0, 58), "-", i);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

// Thread: one.
struct Context {
  const Model& model;
  Notes& notes;
  const HostKnowledge& host;
  const ImportRequest& request;
};

// Says that a name was changed.
inline void SayName(Notes& notes, const Statement& from, absl::string_view wanted, absl::string_view name) {
  if (wanted != name) notes.Add(from, Verdict::kChanged, absl::StrCat("the name is '", name, "'"));
}

}  // namespace dpvrrp::keepalived
