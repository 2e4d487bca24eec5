// SPDX-License-Identifier: BSD-3-Clause
#include "config/template_pattern.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace dpvrrp::config_internal {

std::string TemplatePattern::Fill(const TemplatePoint& point) const {
  if (fixed) return at->text();
  return absl::StrReplaceAll(at->text(), {{"{vlan}", ToString(point.vlan)},
                                          {"{outer}", absl::StrCat(point.vlan.outer)},
                                          {"{inner}", absl::StrCat(point.vlan.inner)},
                                          {"{vrid}", absl::StrCat(point.vrid.value())}});
}

TemplatePattern ReadPattern(const TableReader& reader, absl::string_view key, const Node* at, size_t tags) {
  TemplatePattern pattern{at, true};
  if (at == nullptr) return pattern;
  const absl::string_view text = pattern.at->text();
  for (size_t open = text.find('{'); open != absl::string_view::npos; open = text.find('{', open + 1)) {
    const absl::string_view word = text.substr(open, text.find('}', open) - open + 1);
    const size_t needs = word == "{inner}" ? 2 : word == "{vlan}" || word == "{outer}" ? 1 : 0;
    if (needs == 0 && word != "{vrid}") {
      reader.Refuse(key, *pattern.at,
                    absl::StrCat("the placeholders are {vlan}, {outer}, {inner} and {vrid}, got ", Quoted(word)));
      break;
    }
    if (needs > tags) {
      reader.Refuse(key, *pattern.at, absl::StrCat(word, " needs ", needs, needs == 1 ? " tag" : " tags", " in vlan"));
      break;
    }
    pattern.fixed = false;
  }
  return pattern;
}

}  // namespace dpvrrp::config_internal
