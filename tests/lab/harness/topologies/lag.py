# SPDX-License-Identifier: BSD-3-Clause
"""
  lag: two dpvrrpd, of which gw-b has two cables, as one port (DPDK's net_bonding, mode 3)

  gw-b sends on both cables and receives on both. Break one of them: scripts/lab break gw-b, or gw-b-2. gw-a hears
  gw-b on the other, and stays backup. Mode 3 (broadcast), because net_af_packet of DPDK 22.11 has no link state, by
  which mode 1 would change the cable. The switch knows nothing of the LAG, so each advert comes twice.

   gw-a, dpvrrpd             gw-b, dpvrrpd           host
   10.99.0.1, prio 100       10.99.0.2, prio 150     10.99.0.3
        |                    eth0 |     | eth1          |
        |                    gw-b |     | gw-b-2        |
   -----+-------------------------+-----+---------------+-----  switch (sw)
"""

import re
from pathlib import Path

from ..dpvrrpd import DpvrrpGateway
from ..virtual_router import VirtualRouter
from . import Topology

SECOND_CABLE = "gw-b-2"


def _driver():
    return next(Path("/usr/lib").glob("*/dpdk/pmds-*/librte_net_bond.so"), None)


def missing():
    return None if _driver() else "needs DPDK's net_bonding: run scripts/deps"


class BondedGateway(DpvrrpGateway):
    eal = (*DpvrrpGateway.eal, "--vdev=net_af_packet0,iface=eth0", "--vdev=net_af_packet1,iface=eth1")


def build(lab):
    router = VirtualRouter(version=3, authentication="none", interval=0.5)
    node_a, node_b, _ = (lab.node(name) for name in ("gw-a", "gw-b", "host"))
    # The same MAC, because the daemon may not change it after its start.
    node_b.namespace.ip("link", "add", "eth1", "address", node_b.mac, "type", "veth",
                        "peer", "name", SECOND_CABLE, "netns", lab.switch.name)
    node_b.namespace.ip("link", "set", "eth1", "up")
    lab.switch.ip("link", "set", SECOND_CABLE, "master", "br0", "up")
    abi = int(re.search(r"pmds-(\d+)", str(_driver())).group(1))
    word = "slave" if abi < 24 else "member"  # DPDK 23.11 renamed it
    bond = f"net_bonding0,mode=3,{word}=net_af_packet0,{word}=net_af_packet1"
    gateways = {"gw-a": DpvrrpGateway(node_a, router, 100).start(),
                "gw-b": BondedGateway(node_b, router, 150, port_device=bond).start()}
    return Topology(gateways, masters=("gw-b",))
