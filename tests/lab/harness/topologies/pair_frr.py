# SPDX-License-Identifier: BSD-3-Clause
"""
  pair-frr: FRR's vrrpd and dpvrrpd, one virtual router, 10.99.0.100, VRID 51, VRRPv3 with virtual MACs

   gw-a, FRR               gw-b, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 100     10.99.0.3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw)
"""

from .. import frr
from ..virtual_router import VirtualRouter
from . import pair

missing = frr.missing


def build(lab):
    return pair.build(lab, first=frr.FrrGateway, router=VirtualRouter(version=3, authentication="none"),
                      second_settings={"source_mac": "virtual"})
