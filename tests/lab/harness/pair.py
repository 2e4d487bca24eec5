# SPDX-License-Identifier: BSD-3-Clause
"""The usual nodes: keepalived, or another peer, on gw-a, dpvrrpd on gw-b, one virtual router; a host that listens, and
may ping."""

from .dpvrrpd import BACKUP, MASTER, DpvrrpGateway
from .frames import icv_is_good
from .host import Pinger
from .keepalived import KeepalivedGateway
from .sniffer import Sniffer
from .virtual_router import VirtualRouter
from .wait import ms, until

EARLY_MS, LATE_MS = 50, 1500  # around the rule; a busy machine may be late, but early is wrong


class Pair:
    def __init__(self, lab, router=VirtualRouter(), a_priority=150, b_priority=100, peer=KeepalivedGateway,
                 a_settings=None, **b_settings):
        self.router = router
        self.node_a, self.node_b, self.host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(self.node_b, cable=True) if router.unicast else Sniffer(self.host)
        self.a = peer(self.node_a, router, a_priority, peers=[self.node_b], **(a_settings or {}))
        self.b = DpvrrpGateway(self.node_b, router, b_priority, peers=[self.node_a], **b_settings)

    def start(self):
        self.a.start()
        self.b.start()
        return self

    def ping(self, interval=0.01):
        pinger = Pinger(self.host, self.router.addresses[-1], interval)
        pinger.wait_answers()
        return pinger

    # --- the current master: both gateways and the kernels' addresses agree

    def a_is_master(self, seconds):
        self.a.wait_state("MASTER", seconds)
        self.b.wait_state(BACKUP, 3)
        self._addresses_stand(self.node_a, self.node_b)

    def b_is_master(self, seconds):
        self.b.wait_state(MASTER, seconds)
        if self.a.running():
            self.a.wait_state("BACKUP", 3)
        self._addresses_stand(self.node_b, self.node_a)

    def _addresses_stand(self, here, not_there):
        wanted, family = set(self.router.addresses), self.router.family
        until(lambda: wanted <= here.addresses(family).keys() and not wanted & not_there.addresses(family).keys(), 3,
              lambda: f"{sorted(wanted)} on {here.name} only; {here.name} has {sorted(here.addresses(family))}, "
                      f"{not_there.name} has {sorted(not_there.addresses(family))}")

    # --- when one took over

    def took_over(self, by, since, measured, what, rule_ms):
        """Waits for the first advert of `by` after the other's last one; checks the time between them by the rule."""
        other = self.node_a if by is self.node_b else self.node_b
        first = self.sniffer.next_advert(by, since, 10)
        took = ms(first.time - self.sniffer.last_advert(other, before=first.time).time)
        measured(f"{what}: {took:.0f} ms (rule {rule_ms:.0f})")
        assert rule_ms - EARLY_MS < took < rule_ms + LATE_MS, self.sniffer.summary()
        return first

    # --- at the end

    def check_wire(self):
        """Every advert of both sides is signed with the key, and our numbers never decrease, also across restarts."""
        for advert in self.sniffer.adverts():
            assert icv_is_good(advert, self.router.key_bytes), advert
        ours = [advert.sequence for advert in self.sniffer.adverts(self.node_b)]
        assert all(earlier < later for earlier, later in zip(ours, ours[1:])), ours

    def check_nothing_refused(self):
        """Neither side dropped an advert of the other for authentication or replay."""
        complaints = self.a.complaints()
        assert not complaints, complaints
        refusals = self.refusals()
        assert not refusals, refusals

    def refusals(self):
        """Our drops, without those that are ordinary on a LAN."""
        ordinary = ("not-vrrp", "own-echo")
        return {reason: count for reason, count in self.b.drops().items() if reason not in ordinary}
