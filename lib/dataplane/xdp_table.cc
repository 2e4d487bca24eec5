// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/xdp_table.h"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "absl/strings/string_view.h"

namespace dpvrrp {
namespace {

bool Insert(dpvrrp_xdp_table& table, uint32_t list, uint32_t address) {
  const uint64_t cell = dpvrrp_xdp_cell(list, address);
  const uint32_t place = dpvrrp_xdp_place(cell);
  for (uint32_t i = 0; i < DPVRRP_XDP_PROBES; ++i) {
    __u64& at = table.cells[(place + i) & (DPVRRP_XDP_CELLS - 1)];
    if (at == cell) return true;
    if (at != 0) continue;
    at = cell;
    return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> PutInForce(const TrafficSelection& selection, dpvrrp_xdp_selection& shared) {
  struct Kind {
    dpvrrp_xdp_list list;
    absl::string_view name;  // for people
    const std::vector<uint32_t>& addresses;
  };
  const Kind kinds[] = {{DPVRRP_XDP_AH_V4, "IPv4 AH", selection.v4.ah},
                        {DPVRRP_XDP_ARP, "ARP", selection.v4.hosts},
                        {DPVRRP_XDP_ECHO_V4, "IPv4 echo requests", selection.v4.echo},
                        {DPVRRP_XDP_AH_V6, "IPv6 AH", selection.v6.ah},
                        {DPVRRP_XDP_ND, "neighbour discovery", selection.v6.hosts},
                        {DPVRRP_XDP_ECHO_V6, "IPv6 echo requests", selection.v6.echo}};
  static_assert(std::size(kinds) == DPVRRP_XDP_LISTS);

  std::atomic_ref<__u32> changes(shared.changes);
  const uint32_t next = changes.load(std::memory_order_relaxed) + 1;
  dpvrrp_xdp_table& table = shared.tables[next & 1];
  std::fill(std::begin(table.cells), std::end(table.cells), 0);
  table.flags = (selection.v4.queries ? DPVRRP_XDP_QUERIES_V4 : 0) | (selection.v6.queries ? DPVRRP_XDP_QUERIES_V6 : 0);
  std::vector<std::string> widened;
  for (const Kind& kind : kinds) {
    const bool fits = kind.addresses.size() <= kMaxXdpListed &&
                      std::all_of(kind.addresses.begin(), kind.addresses.end(),
                                  [&](uint32_t address) { return Insert(table, kind.list, address); });
    if (fits) continue;
    table.flags |= 1u << kind.list;
    widened.emplace_back(kind.name);
  }
  changes.store(next, std::memory_order_release);
  return widened;
}

}  // namespace dpvrrp
