# SPDX-License-Identifier: BSD-3-Clause
"""The main story of this project: a pair, and a third gateway with the key that must not be there. With dpvrrp the pair
keeps its states, one command names the culprit and one locks it out."""

import pytest

from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway, Words
from harness.frames import virtual_mac
from harness.host import Pinger, neighbour
from harness.keepalived import KeepalivedGateway
from harness.rogue import StaleGateway
from harness.scenes import scene
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

QUIET_SECONDS = 60


class Trio:
    """gw-a and gw-b are the healthy pair, priorities 150 and 100; gw-c starts later."""

    def __init__(self, lab, gateway, router=VirtualRouter(), **settings):
        self.router = router
        self.node_a, self.node_b, self.node_c, self.host = map(lab.node, ("gw-a", "gw-b", "gw-c", "host"))
        self.sniffer = Sniffer(self.host)
        self.a = gateway(self.node_a, router, 150, **settings).start()
        self.b = gateway(self.node_b, router, 100, **settings).start()

    def settle(self, adverts):
        until(lambda: len(self.sniffer.adverts(self.node_a)) >= adverts, 3 * adverts + 10, "adverts of gw-a")

    def longest_gap(self, since):
        return ms(self.sniffer.longest_gap(self.node_a, since, now()))


def for_seconds(seconds, since):
    until(lambda: now() > since + seconds * 1e9, seconds + 5, f"{seconds} s pass", step=0.2)


@scene()
def test_two_keepalived_flap(lab, measured):
    """The comparison: the effect of the same rogue on a pair of keepalived."""
    trio = Trio(lab, KeepalivedGateway)
    trio.a.wait_state("MASTER", 15)
    trio.settle(10)
    rogue = StaleGateway(trio.node_c, trio.router, 120).start()
    rogue.wait_state("MASTER", 15)
    since = now()
    for_seconds(QUIET_SECONDS, since)
    flaps = len(trio.b.log("Entering MASTER"))
    measured(f"two keepalived and a stale third, {QUIET_SECONDS} s: backup became master {flaps} times, "
             f"longest gap between the master's adverts {trio.longest_gap(since):.0f} ms, "
             f"{len(trio.b.log('already'))} log lines that name no sender")
    assert trio.longest_gap(since) > 1900
    assert trio.b.log("already processed") and not any(trio.node_c.address in line for line in trio.b.log("already"))


@scene()
def test_our_pair_does_not_twitch_and_names_the_stale_gateway(lab, measured):
    trio = Trio(lab, DpvrrpGateway)
    trio.a.wait_state(MASTER, 15)
    trio.settle(10)
    # Above both of the pair: a gateway that obeyed it would step down.
    rogue = StaleGateway(trio.node_c, trio.router, 200).start()
    first = trio.sniffer.next_advert(trio.node_c, 0, 20)
    second = trio.sniffer.next_advert(trio.node_c, first.time + 1, 5)
    for gateway in (trio.a, trio.b):
        found = until(lambda: gateway.json("diagnose"), 1, "diagnose names a sender")[0]
        assert (found["verdict"], found["certainty"]) == ("stale-gateway", "certain"), found
        assert (found["address"], found["mac"], found["priority"], found["vrid"], found["key"]) == (
            trio.node_c.address, trio.node_c.mac, 200, trio.router.vrid, "right")
    measured(f"diagnose on both gateways {ms(now() - second.time):.0f} ms after the culprit's second advert")

    for_seconds(QUIET_SECONDS, first.time)
    rogues = len(trio.sniffer.adverts(trio.node_c))
    measured(f"our pair and a stale third of priority 200, {QUIET_SECONDS} s, {rogues} of its adverts: longest gap "
             f"{trio.longest_gap(first.time):.0f} ms")
    assert rogues >= QUIET_SECONDS - 2
    assert trio.longest_gap(first.time) < 1100
    assert len(trio.a.transitions()) == 2 and len(trio.b.transitions()) == 1  # those of the start
    assert not trio.sniffer.adverts(trio.node_b)
    assert (trio.a.state(), trio.b.state()) == (MASTER, BACKUP)
    # One event, not one for each of its adverts.
    for gateway in (trio.a, trio.b):
        events = [text for text in gateway.events("rogue") if "stale-gateway" in text]
        assert len(events) == 1 and trio.node_c.address in events[0], events

    # One command locks it out.
    for gateway in (trio.a, trio.b):
        gateway.ctl("sender", "block", trio.node_c.address)
        until(lambda: gateway.drops().get("blocked", 0) >= 2, 5, lambda: f"blocked counted; {gateway.drops()}")
    # The same without that command, by another key.
    rogue.stop()
    assert len(trio.a.transitions()) == 2 and len(trio.b.transitions()) == 1


@scene()
def test_another_group_with_the_same_vrid_and_key(lab, measured):
    """It hears us, and has other addresses. keepalived 2.2.7 continues above our numbers."""
    trio = Trio(lab, DpvrrpGateway)
    trio.a.wait_state(MASTER, 15)
    trio.settle(5)
    other = VirtualRouter(first_host=200)
    # Without this option every advert of ours that it refuses would silence it.
    rogue = KeepalivedGateway(trio.node_c, other, 200, extra="lower_prio_no_advert true").start()
    rogue.wait_state("MASTER", 15)
    first = trio.sniffer.next_advert(trio.node_c, 0, 10)
    trio.sniffer.next_advert(trio.node_c, first.time + 1, 5)
    for gateway in (trio.a, trio.b):
        found = until(lambda: gateway.json("diagnose"), 2, "diagnose names a sender")[0]
        assert found["verdict"] == "duplicate-vrid", found
        assert (found["address"], found["mac"]) == (trio.node_c.address, trio.node_c.mac)
        assert other.addresses[0] in found["evidence"] and trio.router.addresses[0] in found["evidence"]
    for_seconds(20, first.time)
    measured(f"our pair and a group with its VRID, key and higher priority: longest gap {trio.longest_gap(first.time):.0f} ms")
    assert trio.longest_gap(first.time) < 1100
    assert len(trio.a.transitions()) == 2 and len(trio.b.transitions()) == 1
    assert trio.a.json("show", "rogues")[0]["verdict"] == "duplicate-vrid"


@pytest.mark.parametrize("source_mac", ["port", "virtual"])
@scene()
def test_a_pair_moves_to_another_vrid(lab, measured, source_mac):
    """With the virtual MAC as source each VRID has its own MAC, and hosts learn the new one with the move."""
    trio = Trio(lab, DpvrrpGateway, source_mac=source_mac)
    name, (vip,) = trio.router.name, trio.router.addresses
    trio.a.wait_state(MASTER, 15)
    trio.settle(3)
    pinger = Pinger(trio.host, vip)
    pinger.wait_answers()
    since = now()
    taken = trio.a.json("vrid", "suggest", "lan")["suggested"].split()
    new = int(taken[0])
    for gateway in (trio.b, trio.a):
        gateway.ctl("vrid", "migrate", name, new)
    until(lambda: trio.sniffer.adverts(trio.node_a, since, vrid=new), 5, "gw-a speaks the new VRID")
    until(lambda: "moved from" in trio.b.ctl("vrid", "finish", name, check=False), 5, "gw-b follows", step=0.3)
    trio.a.ctl("vrid", "finish", name)
    left = now()
    for_seconds(8, left)
    assert {a.vrid for a in trio.sniffer.adverts(trio.node_a, left + 1_100_000_000)} == {new}
    assert len(trio.a.transitions()) == 2 and len(trio.b.transitions()) == 1
    assert vip in trio.node_a.addresses() and vip not in trio.node_b.addresses()
    gap, outage = trio.longest_gap(since), ms(pinger.outage(since))
    measured(f"a pair moved from VRID 51 to {new}, source_mac {source_mac}: longest gap {gap:.0f} ms, of pings {outage:.0f} ms")
    assert gap < 1100 and outage < 1000
    if source_mac == "virtual":
        for vrid in (trio.router.vrid, new):
            spoken = trio.sniffer.adverts(trio.node_a, since, vrid=vrid)
            assert spoken and {a.source_mac for a in spoken} == {virtual_mac(vrid)}
        assert neighbour(trio.host, vip) == virtual_mac(new)
        announced = [arp for arp in trio.sniffer.arps(sender=vip, target=vip) if arp.time > left + 100_000_000]
        assert announced and {arp.sender_mac for arp in announced} == {virtual_mac(new)}

        def macs():
            return {link["address"] for link in trio.node_a.namespace.ip_json("link", "show")}
        until(lambda: virtual_mac(trio.router.vrid) not in macs(), 10, "the old virtual MAC's device goes")
        assert virtual_mac(new) in macs()
    # The backup still takes over, with the new VRID.
    trio.a.kill()
    assert trio.sniffer.next_advert(trio.node_b, left, 10).vrid == new
