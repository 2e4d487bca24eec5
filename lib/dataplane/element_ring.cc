// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/element_ring.h"

// rte_ring_elem.h of DPDK 24.11 lacks the extern "C" of 22.11. The first declaration decides the linkage of a function,
// so this one precedes DPDK's own.
extern "C" rte_ring* rte_ring_create_elem(const char* name, unsigned esize, unsigned count, int socket_id,
                                          unsigned flags);

#include <rte_ring.h>

namespace dpvrrp {

rte_ring* CreateElementRing(const std::string& name, size_t element_bytes, size_t depth, int socket, unsigned flags) {
  return rte_ring_create_elem(name.c_str(), static_cast<unsigned>(element_bytes), static_cast<unsigned>(depth), socket,
                              flags);
}

}  // namespace dpvrrp
