# SPDX-License-Identifier: BSD-3-Clause
"""Groups with an inside and an outside network, beside keepalived's vrrp_sync_group: link loss on either side, a track
fault on one member, preemption back, restart. Both gateways always have the same outcome: one is master on both
networks."""

import json

import pytest

from harness.dpvrrpd import FAULT, INITIALIZE, MASTER, DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.second_lan import second_lan
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

INSIDE = VirtualRouter(name="inside", vrid=51, authentication="none")
OUTSIDE_ADDRESS = "10.98.0.100"


class OurGateway(DpvrrpGateway):
    """dpvrrpd with `inside` on eth0 and `outside` on eth1, in one group."""

    def __init__(self, node, priority):
        super().__init__(node, INSIDE, priority, extra='track = ["health"]')
        self.tables = f"""
[[port]]
name = "wan"
device = "net_af_packet1,iface=eth1"

[[track]]
name = "health"
kind = "manual"

[[group]]
name = "gateway"
members = ["inside", "outside"]

[[instance]]
name = "outside"
port = "wan"
vrid = 52
priority = {priority}
source_address = "10.98.0.{node.number}"
authentication = {{ type = "none" }}
virtual_addresses = [ {{ address = "{OUTSIDE_ADDRESS}/24", device = "eth1" }} ]
"""

    def states(self):
        return tuple(self.state(name) for name in ("inside", "outside"))

    def fail(self):
        self.ctl("track", "set", "health", "down")

    def heal(self):
        self.ctl("track", "set", "health", "up")


class TheirGateway(KeepalivedGateway):
    def __init__(self, node, priority):
        super().__init__(node, INSIDE, priority)
        self.flag = node.lab.folder / f"{node.name}.health"
        self.flag.touch()
        self.extra = "track_script {\n health\n}"
        self.blocks = f"""\
global_defs {{
    script_user root
    enable_script_security
}}
vrrp_script health {{
    script "/usr/bin/test -e {self.flag}"
    interval 1
}}
vrrp_sync_group gateway {{
    group {{
        inside
        outside
    }}
}}
vrrp_instance outside {{
    state BACKUP
    interface eth1
    virtual_router_id 52
    priority {priority}
    advert_int 1
    virtual_ipaddress {{
        {OUTSIDE_ADDRESS}/24
    }}
}}
"""

    def fail(self):
        self.flag.unlink()

    def heal(self):
        self.flag.touch()


def holds_both(node):
    return {INSIDE.addresses[0], OUTSIDE_ADDRESS} <= node.addresses().keys()


def holds_none(node):
    return not {INSIDE.addresses[0], OUTSIDE_ADDRESS} & node.addresses().keys()


class Gateways:
    """gw-a: keepalived. gw-b: dpvrrpd. One of them has the higher priority."""

    def __init__(self, lab, ours_first):
        self.lab = lab
        self.node_a, self.node_b = lab.node("gw-a"), lab.node("gw-b")
        second_lan(lab, (self.node_a, self.node_b))
        self.a = TheirGateway(self.node_a, 100 if ours_first else 150)
        self.b = OurGateway(self.node_b, 150 if ours_first else 100)
        self.first = self.node_b if ours_first else self.node_a
        self.second = self.node_a if ours_first else self.node_b
        self.leader = self.b if ours_first else self.a
        self.a.start()
        self.b.start()
        self.served_by(self.first)

    def served_by(self, node, seconds=15):
        other = self.node_a if node is self.node_b else self.node_b
        since = now()
        until(lambda: holds_both(node) and holds_none(other), seconds,
              lambda: f"{node.name} alone holds both: {node.addresses()} {other.addresses()} {self.b.events()[-8:]}")
        return ms(now() - since)

    def cable(self, node, side, state):
        self.lab.switch.ip("link", "set", node.name if side == "inside" else f"{node.name}-o", state)


@pytest.mark.parametrize("ours_first", [True, False])
@scene()
def test_both_networks_move_together(lab, measured, ours_first):
    g = Gateways(lab, ours_first)
    who = "ours" if ours_first else "keepalived"
    for side in ("inside", "outside"):
        g.cable(g.first, side, "down")
        measured(f"{who} loses the {side} link: the other holds both after {g.served_by(g.second):.0f} ms")
        g.cable(g.first, side, "up")
        measured(f"{who}, link back: holds both after {g.served_by(g.first):.0f} ms")
    g.leader.fail()
    measured(f"{who}, track fault of one member: the other holds both after {g.served_by(g.second):.0f} ms")
    g.leader.heal()
    measured(f"{who}, track up: holds both after {g.served_by(g.first):.0f} ms")
    g.leader.stop()
    g.served_by(g.second)
    g.leader.start()
    g.served_by(g.first)


@scene()
def test_a_fault_is_named_and_its_members_are_in_fault(lab, **_):
    g = Gateways(lab, True)
    g.b.fail()
    until(lambda: g.b.states() == (FAULT, FAULT), 5, g.b.states)
    assert g.b.instance("outside")["reason"] == "group-fault"
    assert g.b.json("show", "groups") == [
        {"name": "gateway", "kind": "together", "leader": None, "members": 2, "masters": 0, "state": FAULT,
         "culprit": "inside"}]
    finding = [f for f in g.b.json("diagnose") if f["verdict"] == "stands-back"]
    assert len(finding) == 2 and "track health is down" in json.dumps(finding), finding
    g.b.heal()
    g.served_by(g.node_b)
    g.cable(g.node_b, "outside", "down")
    until(lambda: g.b.states() == (FAULT, INITIALIZE), 10, g.b.states)
    g.cable(g.node_b, "outside", "up")
    g.served_by(g.node_b)
    assert g.b.states() == (MASTER, MASTER)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("side", ["inside", "outside"])
@scene()
def test_the_link_of_a_member_fifteen_times_down_and_up(lab, side, **_):
    """After each, exactly one router holds the addresses, and none is left behind. Both sides: thirty times."""
    g = Gateways(lab, True)
    for _ in range(15):
        g.cable(g.node_b, side, "down")
        g.served_by(g.node_a)
        g.cable(g.node_b, side, "up")
        g.served_by(g.node_b)
    assert g.b.states() == (MASTER, MASTER)
