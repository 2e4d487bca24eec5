// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/speaker_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dpvrrp {

std::string Name(const Speaker& s) { return absl::StrCat(ToString(s.key.source), " (", ToString(s.key.mac), ")"); }

std::string TimeText(Nanoseconds d) {
  const int64_t s = d / std::chrono::seconds(1);
  if (s < 120) return absl::StrCat(s, " s");
  if (s < 7200) return absl::StrCat(s / 60, " min");
  return absl::StrCat(s / 3600, " h");
}

std::string AddressesOf(const Speaker& s) {
  const size_t kept = std::min<size_t>(s.address_count, Speaker::kKeptAddresses);
  std::string text = absl::StrJoin(s.addresses.begin(), s.addresses.begin() + kept, ", ",
                                   [](std::string* out, const IpAddress& a) { absl::StrAppend(out, ToString(a)); });
  if (s.address_count > kept) absl::StrAppend(&text, " and ", s.address_count - kept, " more");
  return text.empty() ? "none" : text;
}

std::string AddressesOf(const InstanceConfig& c) {
  return absl::StrJoin(c.virtual_addresses, ", ", [](std::string* out, const VirtualAddress& a) {
    absl::StrAppend(out, ToString(a.prefix.address));
  });
}

}  // namespace dpvrrp
