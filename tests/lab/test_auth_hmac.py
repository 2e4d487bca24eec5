# SPDX-License-Identifier: BSD-3-Clause
"""Two dpvrrpd with the auth_hmac trailer. Debian 12 has no keepalived 2.4 for the other side. The unit and conformance
tests use its captured adverts as input and compare ours with them."""

import dataclasses
import time

import pytest

from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway, Words
from harness.sniffer import Sniffer
from harness.trailer import trailer_of
from harness.virtual_router import VirtualRouter
from harness.wait import now, until

pytestmark = pytest.mark.daemon

KEY = "pJ4vNq8Zs1WfXe6TuYd3Hc0RbLk9MgAo"
V2 = VirtualRouter(authentication="auth-hmac", key=KEY)
V3 = dataclasses.replace(V2, version=3)
V6 = dataclasses.replace(V3, family=6)


class Two:
    def __init__(self, lab, router, b_router=None, a_extra="", b_extra=""):
        self.node_a, self.node_b, self.host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(self.node_b, cable=True) if router.unicast else Sniffer(self.host)
        self.a = DpvrrpGateway(self.node_a, router, 150, peers=[self.node_b], extra=a_extra).start()
        self.b = DpvrrpGateway(self.node_b, b_router or router, 100, peers=[self.node_a], extra=b_extra).start()
        self.a.wait_state(MASTER, 10)
        self.b.wait_state(BACKUP, 3)


@pytest.mark.parametrize("router", [V2, V3, V6, dataclasses.replace(V3, unicast=True)],
                         ids=["v2", "v3-ipv4", "v3-ipv6", "unicast"])
def test_two_gateways_believe_each_other_and_every_advert_verifies(lab, router):
    two = Two(lab, router)
    until(lambda: two.b.sections()["counters"][Words.ADVERTS_RECEIVED] >= 2, 5, "the backup hears the master")
    two.a.kill()
    two.b.wait_state(MASTER, 8)
    two.a.start()
    two.a.wait_state(MASTER, 12)
    two.b.wait_state(BACKUP, 5)
    for node in (two.node_a, two.node_b):
        adverts = two.sniffer.adverts(node)
        assert adverts
        numbers = []
        for advert in adverts:
            trailer = trailer_of(advert, KEY.encode())
            assert trailer is not None and trailer.good and (trailer.kind, trailer.key_id, trailer.reserved) == (1, 1, 0)
            assert abs(trailer.seconds - advert.time / 1e9) < 2
            numbers.append(trailer.number)
        assert all(a < b for a, b in zip(numbers, numbers[1:])), "numbers increase, also from one process to the next"
    assert two.b.drops().keys() <= {"not-vrrp", "own-echo", "extension-header"}


def test_a_capture_is_refused_before_and_after_a_restart(lab):
    two = Two(lab, V3, a_extra="", b_extra="")
    until(lambda: len(two.sniffer.adverts(two.node_a)) >= 2, 5, "adverts to replay")
    two.a.stop()  # priority 0, the most harmful frame
    two.b.wait_state(MASTER, 5)
    two.a.start()
    two.a.wait_state(MASTER, 12)
    two.b.wait_state(BACKUP, 5)
    capture = [advert.frame for advert in two.sniffer.adverts(two.node_a)]
    assert any(advert.priority == 0 for advert in two.sniffer.adverts(two.node_a))
    attacker = Attacker(lab, to=two.node_b)

    def refused():
        drops = two.b.drops()
        return drops.get("auth-ext-replay", 0) + drops.get("auth-ext-stale", 0)

    for _ in range(2):
        before, transitions = refused(), two.b.transitions()
        for frame in capture:
            attacker.send(frame)
        until(lambda: refused() >= before + len(capture), 3, lambda: f"all are refused; {two.b.drops()}")
        end = now() + 1_000_000_000
        until(lambda: now() > end, 2, "a second passes")
        assert two.b.transitions() == transitions and two.b.state() == BACKUP
        two.b.kill()
        two.b.start()
        two.b.wait_state(BACKUP, 5)
        time.sleep(0.1)


def test_a_sender_with_another_key_or_none_is_named(lab):
    two = Two(lab, V3)
    other = DpvrrpGateway(two.host, dataclasses.replace(V3, key=KEY[::-1]), 200).start()
    other.wait_state(MASTER, 10)
    until(lambda: two.b.drops().get("auth-ext-invalid-hmac", 0) >= 2, 5, "it is refused")
    event = until(lambda: [e for e in two.b.events(Words.REJECTED) if "auth-ext-invalid-hmac" in e], 3, "and named")[0]
    assert two.host.address in event
    assert (two.a.state(), two.b.state()) == (MASTER, BACKUP)
    other.stop()
    plain = DpvrrpGateway(two.host, dataclasses.replace(V3, authentication="none"), 200).start()
    plain.wait_state(MASTER, 10)
    until(lambda: two.b.drops().get("auth-ext-missing", 0) >= 2, 5, "without a trailer it is refused too")
    assert (two.a.state(), two.b.state()) == (MASTER, BACKUP)
