# SPDX-License-Identifier: BSD-3-Clause
"""
  pair-keepalived: keepalived and dpvrrpd, one virtual router, 10.99.0.100, VRID 51, VRRPv2 with AH

   gw-a, keepalived        gw-b, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 100     10.99.0.3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw)
"""

from ..keepalived import KeepalivedGateway
from . import pair


def build(lab):
    return pair.build(lab, first=KeepalivedGateway)
