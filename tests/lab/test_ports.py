# SPDX-License-Identifier: BSD-3-Clause
"""Another driver that shares a kernel interface, and another way to wait for frames, with keepalived as peer. (Unit
tests cover rings and net_null, tests/nic a PCI device.)"""

import time

import pytest

from harness.dpvrrpd import INITIALIZE, MASTER, DpvrrpGateway
from harness.pair import Pair
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon


@pytest.mark.parametrize("driver", ["net_pcap", "net_af_xdp"])
def test_mastership_comes_and_goes_by_another_driver(lab, measured, driver):
    pair = Pair(lab, port_device=f"{driver}0,iface=eth0").start()
    pair.a_is_master(10)
    assert pair.b.json("show", "ports")[0]["driver"] == driver

    crash = pair.a.power_off()
    first = pair.sniffer.next_advert(pair.node_b, crash, 10)
    pair.b_is_master(3)
    measured(f"{driver}: takeover after silence: "
             f"{ms(first.time - pair.sniffer.last_advert(pair.node_a, before=first.time).time):.0f} ms")

    moment = now()
    pair.a.power_on()
    pair.a_is_master(10)
    assert pair.sniffer.next_advert(pair.node_a, moment, 3).sequence > first.sequence
    pair.check_wire()
    pair.check_nothing_refused()


# Polling has no rests, and sleeping has 8,000 a second.
def test_frames_wake_a_worker_that_waits_for_interrupts(lab, measured):
    pair = Pair(lab, idle='idle = "interrupt"').start()
    pair.a_is_master(10)
    since, before = now(), rests(pair.b)
    time.sleep(2)
    a_second = (rests(pair.b) - before) * 1000 / ms(now() - since)
    measured(f"idle = \"interrupt\": {a_second:.0f} rests a second")
    assert 0 < a_second < 1000

    crash = pair.a.power_off()
    first = pair.sniffer.next_advert(pair.node_b, crash, 10)
    measured(f"takeover after silence: "
             f"{ms(first.time - pair.sniffer.last_advert(pair.node_a, before=first.time).time):.0f} ms")
    pair.b_is_master(3)
    pair.a.power_on()
    pair.a_is_master(10)
    pair.check_wire()
    pair.check_nothing_refused()


def rests(gateway):
    return gateway.json("show", "workers")[0]["rests"]


# net_tap has a link state but does not announce changes, so it is polled, more often while it is down.
def test_a_link_change_without_an_announcement_is_noticed(lab, measured):
    gateway = DpvrrpGateway(lab.node("gw-b"), VirtualRouter(), priority=100, port_device="net_tap0,iface=tap0").start()
    gateway.wait_state(MASTER, 10)
    for state, link in ((INITIALIZE, "down"), (MASTER, "up")):
        since = now()
        gateway.node.namespace.ip("link", "set", "tap0", link)
        until(lambda: len(gateway.events("port")) == (1 if link == "down" else 2), 5,
              lambda: gateway.log()[-10:], step=0.005)
        measured(f"net_tap: link {link} noticed after {ms(now() - since):.0f} ms")
        gateway.wait_state(state, 10)
