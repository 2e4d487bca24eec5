// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/nearest.h"
#include "config/faults.h"

namespace dpvrrp::config_internal {

// The names of one kind, and a suggestion for a name that is none of them. They must live as long as the object.
//
// Thread: control.
class KnownNames {
 public:
  void Add(absl::string_view name) {
    if (!name.empty() && names_.insert(name).second) in_order_.push_back(name);
  }
  bool Has(absl::string_view name) const { return names_.contains(name); }

  // " (did you mean 'uplink'?)"; empty if no name is near. A file with thousands of unknown names gets no suggestion
  // for the last of them, because each is compared with all names.
  std::string DidYouMean(absl::string_view name) {
    if (name.size() < 2 || comparisons_left_ < in_order_.size()) return "";
    comparisons_left_ -= in_order_.size();
    const absl::string_view nearest = NearestWord(name, in_order_);
    return nearest.empty() ? "" : absl::StrCat(" (did you mean ", Quoted(nearest), "?)");
  }

 private:
  absl::flat_hash_set<absl::string_view> names_;
  std::vector<absl::string_view> in_order_;
  size_t comparisons_left_ = 100'000;
};

}  // namespace dpvrrp::config_internal
