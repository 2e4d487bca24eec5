# SPDX-License-Identifier: BSD-3-Clause
"""
  twin: keepalived, and dpvrrpd on a port that only its twin connects with the kernel

  gw-b's eth0 is for the daemon alone, as a NIC on vfio-pci is. The kernel of gw-b has the twin gw0, with its own
  address and the virtual one. Try `scripts/lab shell gw-b ping 10.99.0.3`, and `show twin` of dpvrrpctl.

                           gw-b, dpvrrpd
   gw-a, keepalived        gw0: 10.99.0.2          host
   10.99.0.1, prio 150     eth0: prio 100          10.99.0.3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw)
"""

from ..keepalived import KeepalivedGateway
from ..twin import TwinGateway, complete_checksums
from ..virtual_router import VirtualRouter
from . import Topology


def build(lab):
    router = VirtualRouter()
    node_a, node_b, host = (lab.node(name) for name in ("gw-a", "gw-b", "host"))
    for node in (node_a, host):
        complete_checksums(node)
    gateways = {"gw-a": KeepalivedGateway(node_a, router, 150).start(),
                "gw-b": TwinGateway(node_b, router, 100).start()}
    gateways["gw-b"].give_addresses()
    return Topology(gateways, masters=("gw-a",))
