// SPDX-License-Identifier: BSD-3-Clause
#include "config/model.h"

#include "absl/strings/str_cat.h"
#include "crypto/mac_key.h"

namespace dpvrrp {

std::string ToString(const VlanStack& vlan) {
  if (vlan == VlanStack{}) return "-";
  return vlan.inner == 0 ? absl::StrCat(vlan.outer) : absl::StrCat(vlan.outer, ".", vlan.inner);
}

SecretBytes::~SecretBytes() { WipeSecret(bytes.data(), bytes.size()); }

}  // namespace dpvrrp
