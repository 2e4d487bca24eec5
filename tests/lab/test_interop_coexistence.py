# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd between a keepalived with VRRPv2 and one with VRRPv3, on one LAN and one VRID (RFC 9568 8.4). The two do not
understand each other: while we are master there is one master; without us each keepalived is master of its version."""

import dataclasses

import pytest

from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway, Words
from harness.keepalived import KeepalivedGateway
from harness.pair import EARLY_MS, LATE_MS
from harness.scenes import scene
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

V2 = VirtualRouter(authentication="none")
V3 = dataclasses.replace(V2, version=3)
V2_PRIORITY, V3_PRIORITY = 150, 90
# keepalived 2.2.7 delays its own advert at any frame of its VRID, also of the other version.
KEEPALIVED = "lower_prio_no_advert"


@scene()
def test_v2_and_v3_on_one_lan(lab, measured):
    node_2, node, node_3, host = (lab.node(name) for name in ("gw-a", "gw-b", "gw-c", "host"))
    sniffer = Sniffer(host)
    v2 = KeepalivedGateway(node_2, V2, V2_PRIORITY, extra=KEEPALIVED)
    v3 = KeepalivedGateway(node_3, V3, V3_PRIORITY, extra=KEEPALIVED)
    b = DpvrrpGateway(node, V3, 200, extra="v2_coexistence = true").start()
    b.wait_state(MASTER, 8)

    # V3-141: both kinds at our rate. Each peer obeys what it understands.
    since = now()
    v2.start()
    v3.start()
    until(lambda: now() > since + 4_500_000_000, 6, "a master-down interval of both")
    assert (v2.state(), v3.state(), b.state()) == ("BACKUP", "BACKUP", MASTER)
    assert not sniffer.adverts(node_2) and not sniffer.adverts(node_3)
    for version in (2, 3):
        ours = sniffer.adverts(node, since, version=version)
        assert len(ours) >= 4
        assert {(a.priority, a.interval, a.addresses) for a in ours} == {(200, 1, V2.addresses)}
        assert max(y.time - x.time for x, y in zip(ours, ours[1:])) < 1.5e9

    # We resign to both, and each takes over by its own rule.
    moment = now()
    assert b.stop() == 0
    for version, peer, router, priority in ((2, node_2, V2, V2_PRIORITY), (3, node_3, V3, V3_PRIORITY)):
        resigned = sniffer.next_advert(node, moment, 2, version=version, priority=0)
        rule = router.skew_ms(priority)
        took = ms(sniffer.next_advert(peer, resigned.time, 4).time - resigned.time)
        measured(f"keepalived of version {version} after our priority 0: {took:.0f} ms (rule {rule:.0f})")
        assert rule - EARLY_MS < took < rule + LATE_MS

    # V3-142: we are a backup of the VRRPv2 router, and time it out by its interval.
    v3.stop()
    b.priority = 100
    b.start()
    until(lambda: b.instance()[Words.MASTER] == node_2.address, 3, "b knows its master")
    since = now()
    until(lambda: now() > since + 4_000_000_000, 6, "a master-down interval")
    assert b.state() == BACKUP and not sniffer.adverts(node, since)
    crash = v2.power_off()
    first = sniffer.next_advert(node, crash, 8)
    took, rule = ms(first.time - sniffer.last_advert(node_2).time), V3.master_down_ms(100)
    measured(f"we after the silence of VRRPv2: {took:.0f} ms (rule {rule:.0f})")
    assert rule - EARLY_MS < took < rule + LATE_MS

    # It preempts us by VRRPv2.
    v2.power_on()
    v2.wait_state("MASTER", 8)
    b.wait_state(BACKUP, 2)
    assert b.instance()[Words.REASON] == "higher-priority"
    refused = {reason for reason in b.drops() if reason not in ("not-vrrp", "own-echo")}
    assert not refused, refused
