// SPDX-License-Identifier: BSD-3-Clause
#include "config/model.h"

#include "crypto/mac_key.h"

namespace dpvrrp {

SecretBytes::~SecretBytes() { WipeSecret(bytes.data(), bytes.size()); }

}  // namespace dpvrrp
