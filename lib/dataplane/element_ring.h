// SPDX-License-Identifier: BSD-3-Clause
//
// A DPDK ring whose elements are larger than a pointer.
//
// Thread: any that EAL knows, but no lcore, because it allocates.
#pragma once

#include <cstddef>
#include <string>

struct rte_ring;

namespace dpvrrp {

// rte_ring_create_elem(), which C++ cannot link from the headers of DPDK 24.11. `element_bytes` is a multiple of 4.
// `flags` are RING_F_*. Null and rte_errno if there is no memory, or if a ring of that name exists.
rte_ring* CreateElementRing(const std::string& name, size_t element_bytes, size_t depth, int socket, unsigned flags);

}  // namespace dpvrrp
