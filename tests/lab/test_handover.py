# SPDX-License-Identifier: BSD-3-Clause
"""`dpvrrpctl handover`: the daemon is restarted, and no other router becomes master (docs/decisions/0026)."""

import subprocess

import pytest

from harness.dpvrrpd import BACKUP, DAEMON, MASTER
from harness.pair import Pair
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

RESTARTS = 10
MOST_LOST = 2  # pings, in all restarts: a busy machine's kernel may drop one
RESUMED = "Initialize -> Master (handover)"


def hand_over(gateway, *words):
    """Ends the daemon, which leaves its addresses. Returns the time of the command."""
    since = now()
    answer = gateway.ctl("handover", *words)
    assert "handed over" in answer, answer
    assert gateway._wait() == 0, gateway.log()[-10:]
    return since


def master_with(lab, router, **settings):
    """gw-a: keepalived, priority 100. gw-b: dpvrrpd, priority 150, master."""
    pair = Pair(lab, router=router, a_priority=100, b_priority=150, **settings).start()
    pair.b_is_master(20)
    return pair


def entered_master(keepalived):
    return len(keepalived.log("Entering MASTER STATE"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("source_mac", ["port", "virtual"])
@scene()
def test_restarts_in_a_row_under_ping(lab, measured, source_mac):
    pair = master_with(lab, VirtualRouter(interval=2), source_mac=source_mac)
    masters_before = entered_master(pair.a)
    pinger = pair.ping(0.01)
    began = now()
    for _ in range(RESTARTS):
        hand_over(pair.b)
        assert set(pair.router.addresses) <= pair.node_b.addresses().keys()
        pair.b.start()
        pair.b.wait_state(MASTER, 5)
        assert pair.b.transitions() == [RESUMED]
    ended = now()
    pinger.wait_answers(since=ended)
    lost = pinger.unanswered(began, ended)
    last = pair.sniffer.next_advert(pair.node_b, ended, 5).time
    measured(f"{source_mac}: {RESTARTS} restarts, {lost} pings lost, longest gap between adverts "
             f"{ms(pair.sniffer.longest_gap(pair.node_b, began, last)):.0f} ms")
    assert lost <= MOST_LOST, pair.b.log()[-20:]
    assert entered_master(pair.a) == masters_before, pair.a.log()[-10:]
    assert not pair.sniffer.adverts(pair.node_a, since=began), pair.sniffer.summary()
    pair.check_wire()
    pair.check_nothing_refused()


@scene()
def test_a_quick_router_lets_its_backups_wait(lab, measured):
    router = VirtualRouter(version=3, authentication="none", interval=0.1)
    pair = master_with(lab, router)
    masters_before = entered_master(pair.a)
    since = hand_over(pair.b, "for", "12")
    pair.b.start()
    pair.b.wait_state(MASTER, 5)
    measured(f"VRRPv3 at 100 ms: {ms(pair.sniffer.longest_gap(pair.node_b, since, now())):.0f} ms without an advert")
    assert entered_master(pair.a) == masters_before, pair.a.log()[-10:]
    until(lambda: pair.sniffer.longest_gap(pair.node_b, now() - 10**9, now()) < 0.5e9, 5, "adverts each 100 ms again")


@scene()
def test_no_start_in_time(lab, **_):
    """The backup takes over, --clear and a late start remove the address."""
    pair = master_with(lab, VirtualRouter())
    hand_over(pair.b)
    clear = pair.node_b.namespace.command(DAEMON, "--clear", "-c", pair.b.config_file)
    kept = subprocess.run(clear, capture_output=True, text=True, timeout=30)
    assert kept.returncode == 0 and "kept what" in kept.stderr, kept.stderr
    pair.a.wait_state("MASTER", 10)
    cleared = subprocess.run(clear, capture_output=True, text=True, timeout=30)
    assert cleared.returncode == 0 and "removed 1 virtual IP" in cleared.stderr, cleared.stderr
    assert not set(pair.router.addresses) & pair.node_b.addresses().keys()

    pair.b.start()
    pair.b_is_master(10)
    assert any("too late for 1" in line for line in pair.b.events("daemon")), pair.b.events("daemon")


@scene()
def test_another_configuration_and_a_kill_are_no_hand_over(lab, **_):
    pair = master_with(lab, VirtualRouter(interval=3))
    hand_over(pair.b)
    pair.b.source_mac = "virtual"
    pair.b.start()
    assert pair.b.transitions() in ([], ["Initialize -> Backup (startup)"])
    assert any("1 with another configuration" in line for line in pair.b.events("daemon")), pair.b.events("daemon")
    pair.b.wait_state(MASTER, 20)
    pair.b.kill()
    pair.b.start()
    assert pair.b.state() == BACKUP
    assert not any("last run" in line for line in pair.b.events("daemon")), pair.b.events("daemon")
