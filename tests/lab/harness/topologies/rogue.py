# SPDX-License-Identifier: BSD-3-Clause
"""
  rogue: keepalived and dpvrrpd, and a third gateway that hears nothing

  gw-c has the key and the highest priority, but it was started late and counts from 1. gw-a and gw-b do not obey it,
  and it is master too. `dpvrrpctl diagnose` on gw-b names it.

   gw-a, keepalived        gw-b, dpvrrpd           gw-c, keepalived        host
   10.99.0.1, prio 150     10.99.0.2, prio 200     10.99.0.3, prio 250     10.99.0.4
        |                       |                       ^                     |
        |                       |                       | sends only          |
   -----+-----------------------+-----------------------+---------------------+-----  switch (sw)
"""

from ..dpvrrpd import MASTER, DpvrrpGateway, Words
from ..keepalived import KeepalivedGateway
from ..rogue import StaleGateway
from ..virtual_router import VirtualRouter
from ..wait import until
from . import Topology

AHEAD = 6  # adverts: the others' numbers must be clearly above those of gw-c


def build(lab):
    router = VirtualRouter()
    nodes = [lab.node(name) for name in ("gw-a", "gw-b", "gw-c", "host")]
    gateways = {"gw-a": KeepalivedGateway(nodes[0], router, 150).start(),
                "gw-b": DpvrrpGateway(nodes[1], router, 200).start()}
    gateways["gw-b"].wait_state(MASTER, 10)
    until(lambda: (gateways["gw-b"].instance()[Words.SEQUENCE_SENT] or 0) >= AHEAD, 15, "gw-b's numbers")
    gateways["gw-c"] = StaleGateway(nodes[2], router, 250).start()
    return Topology(gateways, masters=("gw-b", "gw-c"))
