/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The XDP program of a net_af_xdp port with kernel = "shared" (docs/decisions/0033). The kernel runs it for every frame
 * that the interface receives:
 *
 *   VRRP, and AH of VRRP for our groups and addresses     to the AF_XDP socket of DPDK's driver; the kernel does not
 *                                                         need them
 *   ARP, neighbour discovery, queries, echo requests      to the kernel, and a copy to the daemon: both need them
 *   about our addresses
 *   any other frame                                       to the kernel
 *
 * Tagged frames likewise, behind up to two tags. traffic_filter.h has the same selection for packet sockets.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/xdp_layout.h"

struct {
  __uint(type, BPF_MAP_TYPE_XSKMAP);
  __uint(max_entries, 64); /* queues */
  __type(key, __u32);
  __type(value, __u32);
} xsks_map SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(map_flags, BPF_F_MMAPABLE);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct dpvrrp_xdp_selection);
} dpvrrp_wanted SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, DPVRRP_XDP_RING_BYTES);
} dpvrrp_copies SEC(".maps");

enum verdict { PASS, COPY, TAKE };

enum {
  IP_HOP_BY_HOP = 0,
  IP_ICMP = 1,
  IP_IGMP = 2,
  IP_AH = 51,
  IP_ICMP_V6 = 58,
  IP_VRRP = 112,
  ICMP_ECHO_REQUEST = 8,
  IGMP_QUERY = 0x11,
  ICMP_V6_ECHO_REQUEST = 128,
  MLD_QUERY = 130,
  ND_SOLICITATION = 135,
  ND_ADVERTISEMENT = 136,
};

/* The frame behind its Ethernet header and tags. */
struct packet {
  const __u8 *start;
  const __u8 *end;
};

/* Whether `bytes` of the packet are in reach from `at` on. */
#define HAS(packet, at, bytes) ((packet).start + (at) + (bytes) <= (packet).end)

static __always_inline __u32 word_at(const __u8 *at) { return bpf_ntohl(*(const __u32 *)at); }

static __always_inline struct dpvrrp_xdp_selection *selection(void) {
  const __u32 only = 0;
  return bpf_map_lookup_elem(&dpvrrp_wanted, &only);
}

/* Not inlined, so that the verifier checks its loop once. */
static __noinline int is_in(__u32 changes, __u32 list, __u32 address) {
  struct dpvrrp_xdp_selection *all = selection();
  if (!all) return 0;
  const struct dpvrrp_xdp_table *table = &all->tables[changes & 1];
  if (list < DPVRRP_XDP_LISTS && (table->flags >> list & 1)) return 1;
  const __u64 wanted = dpvrrp_xdp_cell(list, address);
  const __u32 place = dpvrrp_xdp_place(wanted);
  for (__u32 i = 0; i < DPVRRP_XDP_PROBES; ++i) {
    const __u64 cell = table->cells[(place + i) & (DPVRRP_XDP_CELLS - 1)];
    if (cell == wanted) return 1;
    if (cell == 0) return 0;
  }
  return 0;
}

/* If the daemon changes tables meanwhile, the table that was read may be the next one to be filled. */
static __noinline int is_wanted(__u32 list, __u32 address) {
  struct dpvrrp_xdp_selection *all = selection();
  if (!all) return 0;
  const __u32 changes = *(volatile __u32 *)&all->changes;
  if (is_in(changes, list, address)) return 1;
  const __u32 now = *(volatile __u32 *)&all->changes;
  return now != changes && is_in(now, list, address);
}

static __always_inline int has_flag(__u32 flag) {
  struct dpvrrp_xdp_selection *all = selection();
  return all && (all->tables[*(volatile __u32 *)&all->changes & 1].flags & flag);
}

/* AH of another protocol to one address is the kernel's IPsec. */
static __always_inline enum verdict judge_ah(struct packet p, __u32 at, int to_group, __u32 list, __u32 address) {
  if (!to_group && (!HAS(p, at, 1) || p.start[at] != IP_VRRP)) return PASS;
  if (!is_wanted(list, address)) return PASS;
  return TAKE;
}

static __always_inline enum verdict judge_ipv4(struct packet p) {
  if (!HAS(p, 0, 20)) return PASS;
  const __u8 protocol = p.start[9];
  const __u32 destination = word_at(p.start + 16);
  const __u32 header = (__u32)(p.start[0] & 0x0f) * 4;
  if (protocol == IP_VRRP) return TAKE;
  if (protocol == IP_AH) {
    return judge_ah(p, header, (destination & 0xf0000000) == 0xe0000000, DPVRRP_XDP_AH_V4, destination);
  }
  if (protocol == IP_ICMP) { /* only requests without IP options are answered */
    if (!HAS(p, 20, 1) || p.start[20] != ICMP_ECHO_REQUEST) return PASS;
    return is_wanted(DPVRRP_XDP_ECHO_V4, destination) ? COPY : PASS;
  }
  if (protocol == IP_IGMP) { /* a query has a Router Alert option */
    if (!HAS(p, header, 1) || p.start[header] != IGMP_QUERY) return PASS;
    return has_flag(DPVRRP_XDP_QUERIES_V4) ? COPY : PASS;
  }
  return PASS;
}

static __always_inline enum verdict judge_icmp_v6(struct packet p) {
  if (!HAS(p, 40, 1)) return PASS;
  const __u8 type = p.start[40];
  if (type == MLD_QUERY) return has_flag(DPVRRP_XDP_QUERIES_V6) ? COPY : PASS;
  if (type == ICMP_V6_ECHO_REQUEST) return is_wanted(DPVRRP_XDP_ECHO_V6, word_at(p.start + 36)) ? COPY : PASS;
  if (type != ND_SOLICITATION && type != ND_ADVERTISEMENT) return PASS;
  if (is_wanted(DPVRRP_XDP_ND, word_at(p.start + 20))) return COPY;
  if (!HAS(p, 60, 4)) return PASS;
  return is_wanted(DPVRRP_XDP_ND, word_at(p.start + 60)) ? COPY : PASS;
}

static __always_inline enum verdict judge_ipv6(struct packet p) {
  if (!HAS(p, 0, 40)) return PASS;
  const __u8 next = p.start[6];
  const __u32 begin = word_at(p.start + 24), end = word_at(p.start + 36);
  if (next == IP_VRRP) return TAKE;
  /* ff02::12: an advert may be behind extension headers, which the daemon counts */
  if (begin == 0xff020000 && end == 0x12) return TAKE;
  if (next == IP_AH) {
    const int to_group = begin >> 24 == 0xff;
    if (!to_group && (begin & 0xffc00000) != 0xfe800000) return PASS; /* instances use link-local addresses */
    return judge_ah(p, 40, to_group, DPVRRP_XDP_AH_V6, end);
  }
  if (next == IP_ICMP_V6) return judge_icmp_v6(p);
  if (next == IP_HOP_BY_HOP && has_flag(DPVRRP_XDP_QUERIES_V6)) {
    if (!HAS(p, 40, 2) || p.start[40] != IP_ICMP_V6) return PASS;
    const __u32 message = 40 + ((__u32)p.start[41] + 1) * 8;
    if (!HAS(p, message, 1) || p.start[message] != MLD_QUERY) return PASS;
    return COPY;
  }
  return PASS;
}

static __always_inline enum verdict judge_arp(struct packet p) {
  if (!HAS(p, 0, 28)) return PASS;
  if (is_wanted(DPVRRP_XDP_ARP, word_at(p.start + 14))) return COPY;
  return is_wanted(DPVRRP_XDP_ARP, word_at(p.start + 24)) ? COPY : PASS;
}

static __always_inline int is_tag(__u16 type) { return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD); }

static __always_inline enum verdict judge(const struct xdp_md *context) {
  struct packet p = {(const __u8 *)(long)context->data, (const __u8 *)(long)context->data_end};
  if (!HAS(p, 0, ETH_HLEN)) return PASS;
  __u16 type = *(const __u16 *)(p.start + 12);
  p.start += ETH_HLEN;
#pragma unroll
  for (int tags = 0; tags < 2; ++tags) {
    if (!is_tag(type)) break;
    if (!HAS(p, 0, 4)) return PASS;
    type = *(const __u16 *)(p.start + 2);
    p.start += 4;
  }
  if (type == bpf_htons(ETH_P_IP)) return judge_ipv4(p);
  if (type == bpf_htons(ETH_P_IPV6)) return judge_ipv6(p);
  if (type == bpf_htons(ETH_P_ARP)) return judge_arp(p);
  return PASS;
}

static __always_inline void copy_into(struct xdp_md *context, __u32 length, struct dpvrrp_xdp_copy *copy) {
  copy->length = length;
  if (bpf_xdp_load_bytes(context, 0, copy + 1, length)) {
    bpf_ringbuf_discard(copy, 0);
  } else {
    bpf_ringbuf_submit(copy, 0);
  }
}

static __always_inline void copy_frame(struct xdp_md *context) {
  __u64 length = bpf_xdp_get_buff_len(context);
  struct dpvrrp_xdp_copy *copy = 0;
  if (length > 0 && length <= DPVRRP_XDP_SHORT_FRAME) {
    copy = bpf_ringbuf_reserve(&dpvrrp_copies, sizeof *copy + DPVRRP_XDP_SHORT_FRAME, 0);
    if (copy) return copy_into(context, length, copy);
  } else if (length > DPVRRP_XDP_SHORT_FRAME && length <= DPVRRP_XDP_LONG_FRAME) {
    copy = bpf_ringbuf_reserve(&dpvrrp_copies, sizeof *copy + DPVRRP_XDP_LONG_FRAME, 0);
    if (copy) return copy_into(context, length, copy);
  }
  struct dpvrrp_xdp_selection *all = selection();
  if (all) __sync_fetch_and_add(&all->copies_lost, 1);
}

SEC("xdp")
int dpvrrp_select(struct xdp_md *context) {
  switch (judge(context)) {
    case TAKE:
      /* Without a socket on the queue, the kernel takes the frame. */
      return bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_PASS);
    case COPY:
      copy_frame(context);
      return XDP_PASS;
    default:
      return XDP_PASS;
  }
}

/* The helpers are licensed under the GPL in the kernel, which allows them to programs that say so. */
char license_text[] SEC("license") = "Dual BSD/GPL";
