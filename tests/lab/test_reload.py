# SPDX-License-Identifier: BSD-3-Clause
"""A reload changes a running master in place, beside a real keepalived: no priority 0, no gap, no transition."""

import dataclasses

from harness.host import Pinger
from harness.pair import Pair
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

LONGEST_GAP_MS = 1500


class Scene:
    def __init__(self, lab, router):
        self.pair = Pair(lab, router, a_priority=100, b_priority=150)
        self.pair.start()
        self.pair.b_is_master(10)
        self.pinger = self.pair.ping()
        self.since = now()
        self.before = self.pair.b.transitions()

    def reload(self, router=None, with_peer=False, **changes):
        """Changes dpvrrpd's file, and keepalived's if it must have the same value; returns the answer."""
        b = self.pair.b
        if router is not None:
            b.routers[0] = router
        for name, value in changes.items():
            setattr(b, name, value)
        b.write_config()
        if with_peer:
            self.pair.a.reload(router=router)
        answer = b.ctl("reload")
        assert "1 changed in place, 0 removed and added" in answer, answer
        return answer

    def check(self, measured, what):
        pair = self.pair
        last = pair.sniffer.last_advert(pair.node_b).time
        gap = ms(pair.sniffer.longest_gap(pair.node_b, self.since, last))
        measured(f"{what}: longest gap between adverts {gap:.0f} ms, ping out {ms(self.pinger.outage(self.since)):.0f} ms")
        assert gap < LONGEST_GAP_MS
        assert not pair.sniffer.adverts(pair.node_b, self.since, priority=0)
        assert not pair.sniffer.adverts(pair.node_a, self.since), pair.sniffer.summary(self.since)
        assert pair.b.transitions() == self.before


def test_addresses_and_settings_of_an_ah_master_change_in_place(lab, measured):
    router = VirtualRouter()
    scene = Scene(lab, router)
    pair = scene.pair
    two = dataclasses.replace(router, address_count=2)
    new = two.addresses[-1]

    changed_at = now()
    scene.reload(two, with_peer=True)
    first = pair.sniffer.next_advert(pair.node_b, changed_at, 3, addresses=two.addresses)
    measured(f"the new list was advertised after {ms(first.time - changed_at):.0f} ms")
    Pinger(pair.host, new).wait_answers()
    until(lambda: pair.sniffer.arps(changed_at, sender=new), 3, f"gratuitous ARP for {new}")
    assert not pair.sniffer.arps(changed_at, sender=router.addresses[0], target=router.addresses[0])

    scene.reload(preempt=False)
    scene.reload(extra="responder = true")
    scene.reload(extra="")
    scene.reload(router, with_peer=True)
    until(lambda: new not in pair.node_b.addresses(), 3, f"{new} removed")
    end = now() + 2e9
    until(lambda: now() > end, 3, "some adverts pass")
    scene.check(measured, "AH, VRRPv2")
    pair.check_wire()


def test_the_interval_of_a_v3_master_changes_in_place_and_the_backup_learns_it(lab, measured):
    scene = Scene(lab, VirtualRouter(version=3))
    pair = scene.pair
    for interval in (0.2, 1):
        changed_at = now()
        scene.reload(interval=interval)
        end = now() + 3e9
        until(lambda: now() > end, 4, "some adverts pass")
        adverts = pair.sniffer.adverts(pair.node_b, changed_at)
        assert {round(a.interval, 2) for a in adverts[1:]} == {interval}, adverts[:3]
    scene.check(measured, "VRRPv3 interval 1 s, 0.2 s, 1 s")
