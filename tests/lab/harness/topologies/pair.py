# SPDX-License-Identifier: BSD-3-Clause
"""
  pair: two dpvrrpd, one virtual router, 10.99.0.100, VRID 51, VRRPv2 with AH

   gw-a, dpvrrpd           gw-b, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 100     10.99.0.3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw)

  gw-a is master. Break a cable: scripts/lab break gw-a
"""

from ..dpvrrpd import DpvrrpGateway
from ..virtual_router import VirtualRouter
from . import Topology


def build(lab, first=DpvrrpGateway, router=VirtualRouter(), second_settings=None):
    node_a, node_b = lab.node("gw-a"), lab.node("gw-b")
    lab.node("host")
    gateways = {"gw-a": first(node_a, router, 150).start(),
                "gw-b": DpvrrpGateway(node_b, router, 100, **(second_settings or {})).start()}
    return Topology(gateways, masters=("gw-a",))
