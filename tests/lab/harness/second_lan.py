# SPDX-License-Identifier: BSD-3-Clause
"""A second LAN of a lab: eth1 of each node, on the switch's br1.

      dpv-PID-gw-a        dpv-PID-gw-b        dpv-PID-host
        eth1 .1             eth1 .2             eth1 .3         10.98.0.0/24
          |                   |                   |
          | gw-a-o            | gw-b-o            | host-o      veth ends in the switch
      ----+-------------------+-------------------+----  br1 in dpv-PID-sw
"""


def second_lan(lab, nodes):
    """Nodes of a lab with IPv6 also have 2001:db8:98::1 and fe80::1:1 and so on."""
    lab.switch.ip("link", "add", "br1", "type", "bridge", "mcast_snooping", "0", "stp_state", "0")
    lab.switch.ip("link", "set", "br1", "up")
    for node in nodes:
        port = f"{node.name}-o"
        node.namespace.ip("link", "add", "eth1", "address", second_mac(node), "type", "veth",
                          "peer", "name", port, "netns", lab.switch.name)
        node.namespace.ip("addr", "add", f"10.98.0.{node.number}/24", "dev", "eth1")
        if lab.ipv6:
            for address in (f"2001:db8:98::{node.number:x}", f"fe80::1:{node.number:x}"):
                node.namespace.ip("addr", "add", f"{address}/64", "dev", "eth1", "nodad")
        node.namespace.ip("link", "set", "eth1", "up")
        lab.switch.ip("link", "set", port, "master", "br1", "up")


def second_mac(node):
    """The MAC of the node's eth1."""
    return node.mac.replace("02:00", "02:01", 1)
