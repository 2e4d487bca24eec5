# SPDX-License-Identifier: BSD-3-Clause
"""One story for every peer, version, family and kind of addressing: a virtual router moves between a peer of priority
150 and dpvrrpd of priority 100, in every possible way, while a host uses it."""

from .dpvrrpd import MASTER, Words
from .host import neighbour
from .wait import now, until

PEER, OURS, ABOVE = 150, 100, 200  # priorities; ABOVE is ours, raised


def to_and_fro(pair, measured):
    router, a, b = pair.router, pair.a, pair.b
    pair.start()
    pair.a_is_master(10)
    until(lambda: b.instance()[Words.MASTER] == pair.node_a.source(router.family), 3,
          lambda: f"b knows its master; {b.instance()} {b.drops()}")
    pinger = pair.ping(0.05)
    _host_is_led_to_peer(pair, pinger)

    # The peer falls silent because its machine loses power: 3 x its interval + our skew of it.
    crash = a.power_off()
    first = pair.took_over(pair.node_b, crash, measured, "we after its silence",
                           router.master_down_ms(OURS, router.interval))
    pair.b_is_master(3)
    _announced(pair, first.time)
    _host_is_led_to_us(pair, pinger)
    assert b.instance()[Words.REASON] == "master-timeout"

    # It preempts us.
    a.power_on()
    pair.a_is_master(10)
    assert b.instance()[Words.REASON] == "higher-priority"
    _host_is_led_to_peer(pair, pinger)

    # We preempt it.
    moment = now()
    b.set_priority(ABOVE)
    assert pair.sniffer.next_advert(pair.node_b, moment, 6).priority == ABOVE
    pair.b_is_master(3)
    assert b.instance()[Words.REASON] == "preempted"
    _host_is_led_to_us(pair, pinger)

    # It preempts us again, without the end of a process; and it resigns: skew only.
    b.set_priority(OURS)
    pair.a_is_master(10)
    moment = now()
    a.stop()
    resigned = pair.sniffer.next_advert(pair.node_a, moment, 2, priority=0)
    pair.took_over(pair.node_b, resigned.time, measured, "we after its priority 0",
                   router.skew_ms(OURS, router.interval))
    pair.b_is_master(3)
    assert b.instance()[Words.REASON] == "master-resigned"
    _host_is_led_to_us(pair, pinger)

    # The peer returns as our backup. Up to here neither side has refused an advert.
    b.set_priority(ABOVE)
    a.start()
    a.wait_state("BACKUP", 5)
    # Long enough for a takeover if it did not accept our adverts.
    our_interval = b.interval or router.interval
    heard_out = now() + (router.master_down_ms(PEER, our_interval) + 500) * 1e6
    until(lambda: now() > heard_out, 10, "a master-down interval")
    pair.b_is_master(1)
    pair.check_nothing_refused()

    # We resign.
    moment = now()
    assert b.stop() == 0
    resigned = pair.sniffer.next_advert(pair.node_b, moment, 1, priority=0)
    pair.took_over(pair.node_a, resigned.time, measured, f"{a.kind} after our priority 0",
                   router.skew_ms(PEER, our_interval) + a.late_ms)
    a.wait_state("MASTER", 3)
    _host_is_led_to_peer(pair, pinger)

    # We fall silent.
    b.start()
    b.set_priority(ABOVE)
    pair.b_is_master(10)
    moment = now()
    b.kill()
    pair.took_over(pair.node_a, moment, measured, f"{a.kind} after our silence",
                   router.master_down_ms(PEER, our_interval) + a.late_ms)
    a.wait_state("MASTER", 3)
    assert not a.complaints(), a.complaints()
    _adverts_are_well_addressed(pair)


def frozen_and_thawed(pair, measured):
    """A peer that hangs while its kernel runs, and then continues as master: its first advert shows it."""
    router, a = pair.router, pair.a
    pair.start()
    pair.a_is_master(10)
    pinger = pair.ping(0.05)
    frozen = a.freeze()
    first = pair.took_over(pair.node_b, frozen, measured, "we after it froze", router.master_down_ms(OURS))
    pair.b.wait_state(MASTER, 3)
    pinger.wait_answers(since=first.time)
    a.thaw()
    pair.a_is_master(3)
    assert pair.b.instance()[Words.REASON] == "higher-priority"
    pinger.wait_answers(since=now())
    pair.check_nothing_refused()


def _host_is_led_to_us(pair, pinger):
    _host_is_led(pair, pinger, pair.router.mac if pair.b.source_mac == "virtual" else pair.node_b.mac)


def _host_is_led_to_peer(pair, pinger):
    _host_is_led(pair, pinger, pair.router.mac if pair.a.has_virtual_mac else pair.node_a.mac)


def _host_is_led(pair, pinger, mac):
    pinger.wait_answers(since=now())
    assert neighbour(pair.host, pinger.target) == mac


def _announced(pair, since):
    """V3-51, V3-52: for each address, with the right MAC in every place."""
    sniffer, router = pair.sniffer, pair.router
    mac = router.mac if pair.b.source_mac == "virtual" else pair.node_b.mac
    for address in router.addresses:
        if router.family == 4:
            until(lambda: sniffer.arps(since, sender=address, target=address, sender_mac=mac, target_mac=mac,
                                       source_mac=mac), 3, f"gratuitous ARP for {address}")
        else:
            until(lambda: sniffer.neighbour_adverts(
                since, target=address, mac=mac, source_mac=mac, destination="ff02::1", hop_limit=255, router=True,
                solicited=False, override=True), 3, f"neighbour advertisement of {address}")


def _adverts_are_well_addressed(pair):
    """V3-01 to V3-12, of all that we sent."""
    router = pair.router
    group = pair.node_a.source(router.family) if router.unicast else "224.0.0.18" if router.family == 4 else "ff02::12"
    for advert in pair.sniffer.adverts(pair.node_b):
        assert (advert.destination, advert.ttl, advert.version) == (group, 255, router.version), advert
        assert advert.source_mac == (router.mac if pair.b.source_mac == "virtual" else pair.node_b.mac), advert
        assert advert.addresses == router.addresses
