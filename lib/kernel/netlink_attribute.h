// SPDX-License-Identifier: BSD-3-Clause
//
// Iterates over the attributes of a message (libmnl's own loops are macros that C++ refuses).
//
// Thread: any.
#pragma once

#include <libmnl/libmnl.h>

#include <cstddef>
#include <cstdint>

namespace dpvrrp {

// Calls `visit` with each whole attribute in [first, first + size).
template <typename Visit>
void ForEachAttributeIn(const void* first, size_t size, Visit visit) {
  const auto* at = static_cast<const uint8_t*>(first);
  const uint8_t* const end = at + size;
  while (at < end) {
    const auto* attribute = reinterpret_cast<const nlattr*>(at);
    if (!mnl_attr_ok(attribute, static_cast<int>(end - at))) return;
    visit(*attribute);
    at += MNL_ALIGN(attribute->nla_len);
  }
}

// The attributes of a message, after `header_size` bytes of its family's header.
template <typename Visit>
void ForEachAttribute(const nlmsghdr& message, size_t header_size, Visit visit) {
  const size_t skip = MNL_ALIGN(header_size);
  const size_t size = mnl_nlmsg_get_payload_len(&message);
  if (size > skip) ForEachAttributeIn(mnl_nlmsg_get_payload_offset(&message, skip), size - skip, visit);
}

// The attributes inside another attribute.
template <typename Visit>
void ForEachNested(const nlattr& attribute, Visit visit) {
  ForEachAttributeIn(mnl_attr_get_payload(&attribute), mnl_attr_get_payload_len(&attribute), visit);
}

}  // namespace dpvrrp
