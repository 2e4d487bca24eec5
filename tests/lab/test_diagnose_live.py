# SPDX-License-Identifier: BSD-3-Clause
"""Faults between real gateways on a real network: `diagnose` names the cause, and advises nothing that would lock out
the healthy peer."""

import shutil

import pytest

from harness.dpvrrpd import DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon


def named(gateway, verdict, seconds=20):
    """Waits until `diagnose` has this verdict and no other; returns it."""
    def found():
        return [f["verdict"] for f in gateway.json("diagnose")] == [verdict]
    until(found, seconds, lambda: f"{verdict}; it says:\n{gateway.ctl('diagnose')}\n{gateway.ctl('show', 'senders')}",
          step=0.5)
    finding = gateway.json("diagnose")[0]
    assert "sender block" not in finding["mend"]
    return finding


@scene()
def test_keepalived_cuts_the_key_at_an_exclamation_mark(lab, measured):
    """Both files have the same text. keepalived takes the part after ! for a comment."""
    router = VirtualRouter(key="Xk3!vQ9z")
    gateway = DpvrrpGateway(lab.node("gw-a"), router, 100).start()
    # Without this, our adverts, which it refuses, would silence it (docs/bogus-vrrp-packet.md).
    peer = KeepalivedGateway(lab.node("gw-b"), router, 150, extra="lower_prio_no_advert true").start()
    peer.wait_state("MASTER", 15)
    finding = named(gateway, "key-cut-by-keepalived")
    assert finding["certainty"] == "certain" and finding["address"] == peer.node.address
    assert "'!'" in finding["sentence"] and "vQ9z" not in str(finding)


@scene()
def test_keepalived_speaks_unicast_and_we_multicast(lab, measured):
    router = VirtualRouter()
    node, peer_node = lab.node("gw-a"), lab.node("gw-b")
    gateway = DpvrrpGateway(node, router, 100).start()
    peer = KeepalivedGateway(peer_node, VirtualRouter(unicast=True), 150, peers=[node]).start()
    peer.wait_state("MASTER", 15)
    finding = named(gateway, "addressing-mismatch")
    assert finding["address"] == peer_node.address
    assert node.address in finding["sentence"] and "224.0.0.18" in finding["sentence"]
    assert peer_node.address in finding["mend"]


class Rfc4302Gateway(DpvrrpGateway):
    def _instance(self, router):
        return super()._instance(router).replace('icv_rule = "keepalived"', 'icv_rule = "rfc4302"')


@scene()
def test_a_gateway_was_restored_from_a_snapshot(lab, measured):
    """Its state directory is restored to its contents of some seconds ago, and the other gateway refuses its numbers."""
    router = VirtualRouter(key="Wq7vTz2mKx9pRb4n")
    restored = Rfc4302Gateway(lab.node("gw-a"), router, 150).start()
    witness = Rfc4302Gateway(lab.node("gw-b"), router, 100).start()
    restored.wait_state("Master", 15)

    def has_sent(count):
        return lambda: restored.instance()["sequence_sent"] >= count

    until(has_sent(14), 40, "numbers that no restarted gateway begins with")
    snapshot = restored.state_directory.with_suffix(".snapshot")
    restored.stop()  # a copy of a running gateway's state counts as a crash, and numbers are moved ahead
    shutil.copytree(restored.state_directory, snapshot)
    restored.start()
    restored.wait_state("Master", 15)
    until(has_sent(restored.instance()["sequence_sent"] + 8), 20, "numbers that the snapshot does not know")
    restored.stop()
    shutil.rmtree(restored.state_directory)
    shutil.copytree(snapshot, restored.state_directory)
    restored.start()
    finding = named(witness, "numbers-went-back", 30)
    assert finding["address"] == restored.node.address and "readmit" in finding["mend"]


class ResponderGateway(DpvrrpGateway):
    """Sees ARP by itself: no kernel has the addresses."""

    def _instance(self, router):
        return super()._instance(router).replace(', device = "eth0"', "")


@scene()
def test_multicast_does_not_reach_us(lab, measured):
    """The switch stops flooding multicast to our port. Then both are master, and keepalived announces the address again
    whenever it hears our lower priority."""
    router = VirtualRouter()
    gateway = ResponderGateway(lab.node("gw-a"), router, 100, extra="responder = true").start()
    peer = KeepalivedGateway(lab.node("gw-b"), router, 150).start()
    peer.wait_state("MASTER", 15)
    until(lambda: gateway.json("show", "senders"), 10, "the peer is heard")
    lab.switch.run("bridge", "link", "set", "dev", "gw-a", "mcast_flood", "off")
    gateway.wait_state("Master", 15)
    finding = named(gateway, "we-hear-nobody", 30)
    assert finding["mac"] == peer.node.mac and "multicast flooding" in finding["mend"]


@scene()
def test_our_own_interface_is_down(lab, measured):
    node = lab.node("gw-a")
    gateway = DpvrrpGateway(node, VirtualRouter(), 100).start()
    gateway.wait_state("Master", 10)
    text = gateway.ctl("diagnose")
    assert "nothing suspicious" in text and "no other gateway was heard since" in text
    node.namespace.ip("link", "set", "eth0", "down")
    finding = named(gateway, "port-down")
    assert "eth0" in finding["sentence"] and finding["instance"] == gateway.router.name
    node.namespace.ip("link", "set", "eth0", "up")
    until(lambda: gateway.json("diagnose") == [], 20, "it is over")
