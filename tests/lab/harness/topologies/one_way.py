# SPDX-License-Identifier: BSD-3-Clause
"""
  one-way: two dpvrrpd, of which gw-b hears nothing

  The switch floods no multicast to gw-b, as if IGMP snooping had lost a member. So gw-b hears no advert and is master
  too, although its adverts reach gw-a.

   gw-a, dpvrrpd           gw-b, dpvrrpd           host
   10.99.0.1, prio 150     10.99.0.2, prio 100     10.99.0.3
        |                       ^                     |
        |                       | sends only          |
   -----+-----------------------+---------------------+-----  switch (sw)
"""

from dataclasses import replace

from ..virtual_router import VirtualRouter
from . import pair


def build(lab):
    made = pair.build(lab, router=VirtualRouter(authentication="none"))
    lab.switch.ip("link", "set", "dev", "gw-b", "type", "bridge_slave", "mcast_flood", "off")
    return replace(made, masters=("gw-a", "gw-b"))
