# SPDX-License-Identifier: BSD-3-Clause
"""Followers of a leader that takes part in an election with keepalived (docs/decisions/0027)."""

import pytest

from harness.dpvrrpd import BACKUP, INITIALIZE, MASTER, DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.second_lan import second_lan
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(300)]

LEADER = VirtualRouter(name="leader", vrid=51, authentication="none")
FOLLOWER_ADDRESS = "10.98.0.100"
FOLLOWERS = 200  # on VLANs, besides the one with a kernel address


class LeadingGateway(DpvrrpGateway):
    """The leader is on eth0. One follower has an address on eth1, the others are on VLANs without a kernel device."""

    def __init__(self, node, priority):
        super().__init__(node, LEADER, priority, extra='track = ["health"]')
        self.tables = f"""
[[port]]
name = "wan"
device = "net_af_packet1,iface=eth1"

[[track]]
name = "health"
kind = "manual"

[[group]]
name = "followers"
kind = "follow"
leader = "leader"
pattern = "sub-*"

[[instance]]
name = "sub-wan"
port = "wan"
vrid = 52
source_address = "10.98.0.{node.number}"
virtual_addresses = [ {{ address = "{FOLLOWER_ADDRESS}/24", device = "eth1" }} ]

[[template]]
name = "sub-{{vlan}}"
port = "wan"
vlan = [ "100-{99 + FOLLOWERS}" ]
vrid = 1
source_address = "10.97.255.2"
virtual_addresses = [ {{ address = "10.97.0.1/16", per_vlan = "0.0.0.1" }} ]
"""

    def group(self):
        return self.json("show", "groups")[0]

    def moves(self):
        return [e["text"] for e in self.json("show", "events") if e["kind"] == "group"]


def scene_of(lab):
    node_a, node_b = lab.node("gw-a"), lab.node("gw-b")
    second_lan(lab, (node_a, node_b))
    a, b = KeepalivedGateway(node_a, LEADER, 100), LeadingGateway(node_b, 150)
    a.start()
    b.start()
    b.wait_state(MASTER, 20)
    wait_masters(b, FOLLOWERS + 1)
    return a, b


def wait_masters(gateway, count):
    until(lambda: gateway.group()["masters"] == count, 10, lambda: str(gateway.group()))


def has_address(gateway):
    return FOLLOWER_ADDRESS in gateway.node.addresses()


@scene()
def test_followers_move_with_the_leader(lab, measured):
    a, b = scene_of(lab)
    until(lambda: has_address(b), 5, "the follower's address is in the kernel")
    assert b.group()["state"] == MASTER
    since = now()
    b.ctl("track", "set", "health", "down")
    until(lambda: LEADER.addresses[0] in a.node.addresses(), 10, "keepalived is master")
    wait_masters(b, 0)
    until(lambda: not has_address(b), 5, "the follower's address is removed")
    measured(f"keepalived is master after {ms(now() - since):.0f} ms, and no follower is")
    b.ctl("track", "set", "health", "up")
    wait_masters(b, FOLLOWERS + 1)
    until(lambda: has_address(b), 5, "the follower's address is back")
    assert len(b.moves()) == 3, b.moves()


@scene()
def test_a_follower_without_a_link_leaves_the_others_alone(lab, measured):
    _, b = scene_of(lab)
    b.node.namespace.ip("link", "set", "eth1", "down")
    until(lambda: b.state("sub-wan") == INITIALIZE, 10, lambda: b.state("sub-wan"))
    assert b.state("leader") == MASTER
    wait_masters(b, 0)
    b.node.namespace.ip("link", "set", "eth1", "up")
    wait_masters(b, FOLLOWERS + 1)
    assert b.state("leader") == MASTER


@scene()
def test_a_hand_over_covers_followers(lab, measured):
    a, b = scene_of(lab)
    until(lambda: has_address(b), 5, "the follower's address is in the kernel")
    masters_before = len(a.log("Entering MASTER STATE"))
    assert "handed over" in b.ctl("handover")
    assert b._wait() == 0
    assert has_address(b)
    b.start()
    wait_masters(b, FOLLOWERS + 1)
    assert has_address(b)
    assert b.instance("sub-100")["reason"] == "handover"
    assert len(a.log("Entering MASTER STATE")) == masters_before
    assert not [e for e in b.json("show", "events") if e["kind"] == "vip"], "no address was removed or added"


@scene()
def test_orders_go_to_the_leader(lab, measured):
    _, b = scene_of(lab)
    with pytest.raises(RuntimeError, match="sub-100 follows leader: give the command to leader"):
        b.ctl("resign", "sub-100")
    b.ctl("resign", "leader")
    wait_masters(b, 0)
    assert b.state("sub-100") == BACKUP
