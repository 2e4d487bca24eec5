# SPDX-License-Identifier: BSD-3-Clause
"""
  snooping: keepalived and dpvrrpd, VRRPv3 over IPv6, on a switch with MLD snooping

  The switch is the querier. It forwards adverts (ff02::12) only to ports that reported the group, so a gateway that
  reports nothing hears no other. For IPv4 this cannot be shown: a Linux bridge floods 224.0.0.0/24. The groups:
  `scripts/lab shell sw bridge mdb show`

   gw-a, keepalived        gw-b, dpvrrpd           host
   fe80::1, prio 150       fe80::2, prio 100       fe80::3
        |                       |                     |
   -----+-----------------------+---------------------+-----  switch (sw), snoops, fe80::ff
"""

from ..keepalived import KeepalivedGateway
from ..virtual_router import VirtualRouter
from . import pair

QUERY_SECONDS = 2


def build(lab):
    lab.ipv6 = True
    lab.switch.sysctl("net.ipv6.conf.br0.disable_ipv6=0", "net.ipv6.conf.br0.accept_dad=0")
    lab.switch.ip("addr", "add", "fe80::ff/64", "dev", "br0", "nodad")
    times = [f"{QUERY_SECONDS * 100}"]
    lab.switch.ip("link", "set", "br0", "type", "bridge", "mcast_mld_version", "2",
                  "mcast_query_interval", *times, "mcast_startup_query_interval", *times,
                  "mcast_query_response_interval", "100", "mcast_snooping", "1", "mcast_querier", "1")
    return pair.build(lab, first=KeepalivedGateway,
                      router=VirtualRouter(family=6, version=3, authentication="none"))


def members(lab, group="ff02::12"):
    """The nodes to which the switch forwards the group."""
    found = lab.switch.run("bridge", "mdb", "show")
    return {line.split(" port ")[1].split()[0] for line in found.splitlines() if f" grp {group} " in line}
