// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>

struct rte_mempool;

namespace dpvrrp {

// Like rte_pktmbuf_pool_create(), but the buffers are packed also without huge pages, where DPDK would keep each buffer
// on its own page. That would waste half of the memory. Also, net_af_xdp gives the kernel only as much memory as packed
// buffers take, so the kernel dropped every frame sent from the remaining memory. Buffers may cross pages: if a device
// uses IOVAs, they are virtual addresses in this case.
//
// Null: no memory, and rte_errno is set. Thread: control.
rte_mempool* CreateFramePool(const std::string& name, uint32_t buffers, int socket);

}  // namespace dpvrrp
