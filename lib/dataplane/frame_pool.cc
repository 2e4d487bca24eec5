// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/frame_pool.h"

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "base/limits.h"
#include "dataplane/port.h"

namespace dpvrrp {

rte_mempool* CreateFramePool(const std::string& name, uint32_t buffers, int socket) {
  constexpr uint16_t kDataRoom = kMaxFrameBytes + RTE_PKTMBUF_HEADROOM;
  const bool packed = rte_eal_has_hugepages() == 0 && rte_eal_iova_mode() == RTE_IOVA_VA;
  rte_mempool* pool =
      rte_mempool_create_empty(name.c_str(), buffers, sizeof(rte_mbuf) + kDataRoom, kPoolCache,
                               sizeof(rte_pktmbuf_pool_private), socket, packed ? RTE_MEMPOOL_F_NO_IOVA_CONTIG : 0);
  if (pool == nullptr) return nullptr;
  rte_pktmbuf_pool_private room{};
  room.mbuf_data_room_size = kDataRoom;
  rte_pktmbuf_pool_init(pool, &room);
  if (rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), nullptr) != 0 ||
      rte_mempool_populate_default(pool) < 0) {
    rte_mempool_free(pool);
    return nullptr;
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  return pool;
}

}  // namespace dpvrrp
