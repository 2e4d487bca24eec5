# SPDX-License-Identifier: BSD-3-Clause
"""A router moves between dpvrrpd and keepalived 2.2.7. Rules: RFC 3768 6.4; keepalived.md's shared AH counter."""

import pytest

from harness.dpvrrpd import BACKUP, MASTER, Words
from harness.host import neighbour
from harness.pair import Pair
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon


@pytest.mark.parametrize("address_count", [1, 20])
def test_mastership_goes_to_and_fro_over_ah(lab, measured, address_count):
    router = VirtualRouter(address_count=address_count)
    pair = Pair(lab, router).start()
    a, b, node_a, node_b, sniffer = pair.a, pair.b, pair.node_a, pair.node_b, pair.sniffer
    pair.a_is_master(10)
    until(lambda: b.instance()[Words.MASTER] == node_a.address, 3, "b knows its master")
    pinger = pair.ping()

    # Silence: 3 x interval + skew. The new master's addresses are announced and the host follows.
    crash = a.power_off()
    first = pair.took_over(node_b, crash, measured, "takeover after silence", router.master_down_ms(100))
    pair.b_is_master(3)
    for address in router.addresses:
        until(lambda: sniffer.arps(first.time, sender=address, target=address, sender_mac=node_b.mac,
                                   source_mac=node_b.mac), 3, f"gratuitous ARP for {address}")
    pinger.wait_answers(since=first.time)
    measured(f"host out, silence: {ms(pinger.outage(crash)):.0f} ms")
    assert neighbour(host := pair.host, pinger.target) == node_b.mac

    # It preempts us, having learned our numbers while it waited.
    moment = now()
    a.power_on()
    pair.a_is_master(10)
    assert sniffer.next_advert(node_a, moment, 1).sequence > first.sequence
    assert b.instance()[Words.REASON] == "higher-priority"
    pinger.wait_answers(since=now())
    assert neighbour(host, pinger.target) == node_a.mac

    # We preempt it.
    moment = now()
    b.set_priority(200)
    first = sniffer.next_advert(node_b, moment, 6)
    assert first.priority == 200
    assert first.sequence > sniffer.last_advert(node_a, before=first.time).sequence
    pair.b_is_master(3)
    assert b.instance()[Words.REASON] == "preempted"

    # It preempts us again, without the end of a process.
    b.set_priority(100)
    pair.a_is_master(8)

    # Priority 0: skew only.
    a.stop()
    resigned = sniffer.next_advert(node_a, 0, 2, priority=0)
    pair.took_over(node_b, resigned.time, measured, "takeover after priority 0", router.skew_ms(100))
    pair.b_is_master(3)
    assert b.instance()[Words.REASON] == "master-resigned"

    a.start()
    pair.a_is_master(10)
    pair.check_nothing_refused()
    moment = now()
    assert b.stop() == 0
    assert not sniffer.adverts(node_b, moment), "a backup has nothing to resign"
    pair.check_wire()


def test_we_go_and_come_back_by_sigterm_and_sigkill(lab, measured):
    router = VirtualRouter()
    pair = Pair(lab, router, a_priority=150, b_priority=200).start()
    a, b, node_a, node_b, sniffer = pair.a, pair.b, pair.node_a, pair.node_b, pair.sniffer
    pair.b_is_master(10)

    # SIGTERM: one advert of priority 0, the address is removed, and keepalived waits only its skew.
    moment = now()
    assert b.stop() == 0
    resigned = sniffer.next_advert(node_b, moment, 1, priority=0)
    assert sniffer.adverts(node_b, resigned.time) == [resigned]
    assert not set(router.addresses) & node_b.addresses().keys()
    pair.took_over(node_a, resigned.time, measured, "keepalived after our priority 0", router.skew_ms(150))
    a.wait_state("MASTER", 3)

    b.start()
    pair.b_is_master(10)

    # SIGKILL: no advert is sent and the kernel keeps the address; keepalived waits for silence.
    moment = now()
    b.kill()
    assert set(router.addresses) <= node_b.addresses().keys()
    pair.took_over(node_a, moment, measured, "keepalived after our SIGKILL", router.master_down_ms(150))
    a.wait_state("MASTER", 3)

    # The next run finds the leftover address and removes it: no address without mastership.
    b.start()
    assert b.state() == BACKUP
    until(lambda: not set(router.addresses) & node_b.addresses().keys(), 2, "leftover removed")
    assert b.state() == BACKUP
    pair.b_is_master(10)

    # keepalived, restarted beside us by SIGKILL and cleanly, learns our numbers again.
    for end in (a.kill, a.stop):
        before = b.transitions()
        end()
        a.start()
        a.wait_state("BACKUP", 5)
        # Long enough for a takeover, if it had not accepted our adverts.
        heard_out = now() + 4_200_000_000
        until(lambda: now() > heard_out, 6, "a master-down interval")
        assert a.state() == "BACKUP"
        assert b.transitions() == before
    pair.check_nothing_refused()
    pair.check_wire()


@pytest.mark.parametrize("authentication", ["simple", "none"])
def test_without_ah_too(lab, measured, authentication):
    router = VirtualRouter(authentication=authentication)
    pair = Pair(lab, router).start()
    pair.a_is_master(10)
    crash = pair.a.power_off()
    first = pair.took_over(pair.node_b, crash, measured, "takeover after silence", router.master_down_ms(100))
    pair.b_is_master(3)
    assert (first.spi, first.auth_type) == (None, {"simple": 1, "none": 0}[authentication])
    assert first.password == (router.key_bytes if authentication == "simple" else bytes(8))
    pair.a.power_on()
    pair.a_is_master(10)
    pair.a.stop()
    pair.b_is_master(4)
    pair.check_nothing_refused()


def test_virtual_mac(lab):
    """RFC 3768 7.3 and 8.2: adverts, announcements and ARP answers carry the virtual MAC; its own answers do not."""
    router = VirtualRouter()
    pair = Pair(lab, router, a_priority=50, source_mac="virtual")
    pair.b.start()
    pair.b.wait_state(MASTER, 8)
    pair.a.start()
    advert = pair.sniffer.next_advert(pair.node_b, 0, 3)
    assert advert.source_mac == router.mac
    vip = router.addresses[0]
    announced = until(lambda: pair.sniffer.arps(sender=vip, target=vip), 3, "gratuitous ARP")
    assert {(arp.source_mac, arp.sender_mac) for arp in announced} == {(router.mac, router.mac)}

    pinger = pair.ping()
    assert neighbour(pair.host, vip) == router.mac
    pair.host.namespace.ip("neigh", "flush", "dev", "eth0")
    pair.host.namespace.run("ping", "-c", "1", "-W", "2", pair.node_b.address)
    assert neighbour(pair.host, pair.node_b.address) == pair.node_b.mac
    # No frame about the virtual address had another MAC.
    assert {arp.sender_mac for arp in pair.sniffer.arps(sender=vip)} == {router.mac}

    # Another program sets the device of the address down, and removes it: the device is made again, and announced.
    links = pair.node_b.namespace.ip_json("link", "show")
    device = next(link["ifname"] for link in links if link["address"] == router.mac)
    pair.node_b.namespace.ip("link", "set", device, "down")
    pinger.wait_answers(since=now())
    removed = now()
    pair.node_b.namespace.ip("link", "del", device)
    until(lambda: vip in pair.node_b.addresses(), 3, "the address is back")
    until(lambda: pair.sniffer.arps(removed, sender=vip, target=vip, sender_mac=router.mac), 3, "gratuitous ARP again")
    pinger.wait_answers(since=now())

    pair.a.wait_state("BACKUP", 3)
    assert pair.b.stop() == 0
    assert vip not in pair.node_b.addresses()
    pair.a.wait_state("MASTER", 4)
    pair.check_wire()
