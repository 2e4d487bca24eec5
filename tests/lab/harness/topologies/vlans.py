# SPDX-License-Identifier: BSD-3-Clause
"""
  vlans: two dpvrrpd with 1,000 virtual routers

  VLANs 100 to 103, VRIDs 1 to 250 in each, VRRPv2 with AH. The addresses are advertised only: no kernel interface has
  them.

   gw-a, dpvrrpd           gw-b, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 100     10.99.0.3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw), passes tags
"""

from ..scale import ScaleGateway
from . import Topology

VLANS = 4


def build(lab):
    nodes = [lab.node(name) for name in ("gw-a", "gw-b", "host")]
    gateways = {node.name: ScaleGateway(node, VLANS, priority, cpus=(0, 1)).start()
                for node, priority in zip(nodes, (150, 100))}
    return Topology(gateways, masters=("gw-a",))
