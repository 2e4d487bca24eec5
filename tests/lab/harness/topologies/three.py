# SPDX-License-Identifier: BSD-3-Clause
"""
  three: keepalived and two dpvrrpd, one virtual router, 10.99.0.100, VRID 51, VRRPv2 with AH

   gw-a, keepalived        gw-b, dpvrrpd           gw-c, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 120     10.99.0.3, prio 100     10.99.0.4
        |                       |                       |                     |
   -----+-----------------------+-----------------------+---------------------+-----  switch (sw)
"""

from ..dpvrrpd import DpvrrpGateway
from ..keepalived import KeepalivedGateway
from ..virtual_router import VirtualRouter
from . import Topology


def build(lab):
    router = VirtualRouter()
    nodes = [lab.node(name) for name in ("gw-a", "gw-b", "gw-c", "host")]
    gateways = {"gw-a": KeepalivedGateway(nodes[0], router, 150).start(),
                "gw-b": DpvrrpGateway(nodes[1], router, 120).start(),
                "gw-c": DpvrrpGateway(nodes[2], router, 100).start()}
    return Topology(gateways, masters=("gw-a",))
