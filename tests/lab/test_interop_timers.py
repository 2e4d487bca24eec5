# SPDX-License-Identifier: BSD-3-Clause
"""The takeover times of conformance section A3, live. An authentic master of priority 255 (frames made here; FRR and
keepalived do not announce 10 ms) sends one advert and falls silent: we must be master after Active_Down_Interval. Or it
sends priority 0: we must be master after Skew_Time.

One of the eight rows cannot be tested on a wire: a router of priority 255 has no down timer (V3-50). One takes 132 s:
`--long-rows`. Both are in tests/unit/vrrp, in fake time."""

import statistics
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.attacker import Attacker
from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.frames import ipv4_frame, v3_message
from harness.pair import LATE_MS
from harness.scenes import scene
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now

pytestmark = pytest.mark.daemon

# Our priority, the master's interval in centiseconds, number of samples; then the times of section A3, in ms.
ROWS = [(100, 100, 2, 609.375, 3609.375),
        (100, 10, 5, 60.9375, 360.9375),
        (100, 1, 10, 6.09375, 36.09375),
        (254, 100, 2, 7.8125, 3007.8125),
        (254, 1, 10, 0.078125, 30.078125),
        (1, 100, 2, 996.09375, 3996.09375)]
LONG_ROW = (200, 4095, 1, 8957.8125, 131807.8125)

# Both time stamps are from one CPU's clock, but are not taken at the same place as the daemon's.
EARLY_MS = 2


@scene()
def test_section_a3(lab, measured):
    play(lab, measured, ROWS)


@pytest.mark.timeout(200)
def test_section_a3_the_long_row(lab, measured, request):
    if not request.config.getoption("--long-rows"):
        pytest.skip("takes 150 s: --long-rows")
    play(lab, measured, [LONG_ROW])


def play(lab, measured, rows):
    cast = Cast(lab, rows)
    with ThreadPoolExecutor(len(rows)) as pool:
        taken = list(pool.map(cast.take_over, cast.routers, rows))
    measured("prio  AAI cs | skew ms: rule  median (worst) | down ms: rule  median (worst)")
    for (priority, interval, _, *rules), samples in zip(rows, taken):
        columns = "".join(f" | {rule:15.3f} {statistics.median(got):9.3f} ({max(got):.3f})"
                          for rule, got in zip(rules, samples))
        measured(f"{priority:4} {interval:7}{columns}")
    for (*_, skew, down), (skews, downs) in zip(rows, taken):
        for rule, got in ((skew, skews), (down, downs)):
            assert rule - EARLY_MS < min(got) and max(got) < rule + LATE_MS, (rule, got)


class Cast:
    """A master made of frames, dpvrrpd with a router for each row, and a listener."""

    def __init__(self, lab, rows):
        self.played, self.node, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(host)
        self.routers = [VirtualRouter(name=f"R{n}", vrid=n, first_host=100 + n, version=3)
                        for n in range(1, len(rows) + 1)]
        self.master = Attacker(lab, node=self.played)
        b = DpvrrpGateway(self.node, self.routers[0], 100, more=self.routers[1:]).start()
        for router, row in zip(self.routers, rows):
            b.set_priority(row[0], router.name)
        for router in self.routers:
            b.wait_state(MASTER, 8, router.name)

    def say(self, router, interval, *priorities):
        """Sends adverts. Returns the last one as the host receives it."""
        frames = [ipv4_frame(v3_message(vrid=router.vrid, priority=priority, interval_cs=interval,
                                        addresses=router.addresses, source=self.played.address),
                             source_mac=self.played.mac, source=self.played.address) for priority in priorities]
        since = now()
        for frame in frames:
            self.master.send(frame)
        return self.sniffer.next_advert(self.played, since, 2, vrid=router.vrid, priority=priorities[-1])

    def take_over(self, router, row):
        """Skews and downs in ms."""
        _, interval, count, skew, down = row
        skews, downs = [], []
        # Directly after one of our adverts, so that the next one is not being sent when we must become silent.
        self.sniffer.next_advert(self.node, now(), 3, vrid=router.vrid)
        for samples, rule, said in ((downs, down, [255]), (skews, skew, [255, 0])):
            for _ in range(count):
                last = self.say(router, interval, *said)
                ours = self.sniffer.next_advert(self.node, last.time, rule / 1000 + 3, vrid=router.vrid)
                samples.append(ms(ours.time - last.time))
        return skews, downs
