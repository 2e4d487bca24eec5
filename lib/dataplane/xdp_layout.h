/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The memory that the daemon shares with the program shared_port.bpf.c, and the names by which it finds it. C, because
 * the program is C (docs/decisions/0033).
 */
#ifndef DPVRRP_DATAPLANE_XDP_LAYOUT_H_
#define DPVRRP_DATAPLANE_XDP_LAYOUT_H_

#include <linux/types.h>

/* The names of the program and of its maps, at most 15 characters. xsks_map is the driver's. */
#define DPVRRP_XDP_PROGRAM_NAME "dpvrrp_select"
#define DPVRRP_XDP_SELECTION_NAME "dpvrrp_wanted"
#define DPVRRP_XDP_COPIES_NAME "dpvrrp_copies"

/* The lists of addresses in a table. */
enum dpvrrp_xdp_list {
  DPVRRP_XDP_AH_V4,
  DPVRRP_XDP_ARP,
  DPVRRP_XDP_ECHO_V4,
  DPVRRP_XDP_AH_V6,
  DPVRRP_XDP_ND,
  DPVRRP_XDP_ECHO_V6,
  DPVRRP_XDP_LISTS
};

/* Bits of dpvrrp_xdp_table.flags besides 1 << list, which means: every frame of this kind. */
#define DPVRRP_XDP_QUERIES_V4 (1u << 8)
#define DPVRRP_XDP_QUERIES_V6 (1u << 9)

#define DPVRRP_XDP_CELL_BITS 16
#define DPVRRP_XDP_CELLS (1u << DPVRRP_XDP_CELL_BITS)
/* An address is at most this many cells behind the place that its hash names. */
#define DPVRRP_XDP_PROBES 32

/* A hash table with linear probing. A cell is (list + 1) << 32 | address, the address as FilterWord() makes it; 0:
 * empty. */
struct dpvrrp_xdp_table {
  __u32 flags;
  __u32 reserved;
  __u64 cells[DPVRRP_XDP_CELLS];
};

/* The table `changes & 1` is in force. The daemon fills the other one, and then adds 1 to `changes`. */
struct dpvrrp_xdp_selection {
  __u32 changes;
  __u32 reserved;
  __u64 copies_lost; /* the ring was full; written by the program */
  struct dpvrrp_xdp_table tables[2];
};

/* Stands before a copied frame in the ring. The ring has two sizes of records, because a program can only ask for a
 * fixed size. */
struct dpvrrp_xdp_copy {
  __u32 length; /* bytes of the frame */
};
#define DPVRRP_XDP_SHORT_FRAME 124u
#define DPVRRP_XDP_LONG_FRAME 2044u /* a longer frame is not copied */
#define DPVRRP_XDP_RING_BYTES (256u * 1024u)

static inline __u64 dpvrrp_xdp_cell(__u32 list, __u32 address) { return ((__u64)(list + 1) << 32) | address; }

static inline __u32 dpvrrp_xdp_place(__u64 cell) {
  return (__u32)((cell * 0x9e3779b97f4a7c15ull) >> (64 - DPVRRP_XDP_CELL_BITS));
}

#endif
