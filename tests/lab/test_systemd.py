# SPDX-License-Identifier: BSD-3-Clause
"""The service of docs/systemd under a real systemd, beside keepalived."""

import os
import signal
import time

import pytest

from harness.booted import BootedGateway, kill
from harness.dpvrrpd import MASTER
from harness.host import Pinger
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(300)]

ROUTER = VirtualRouter(interval=2)  # a busy machine has 6 s for a restart


class Scene:
    """gw-a: keepalived, priority 100. gw-b: dpvrrpd, priority 150, master."""

    def __init__(self, lab):
        self.node_a, self.node_b, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(host)
        self.a = KeepalivedGateway(self.node_a, ROUTER, 100)
        self.b = BootedGateway(self.node_b, ROUTER, 150)
        self.a.start()
        self.b.start()
        self.b.wait_state(MASTER, 20)
        until(lambda: ROUTER.addresses[0] in self.node_b.addresses(), 5, "the address")
        self.a.wait_state("BACKUP", 5)
        self.host = host

    def keepalived_was_master(self):
        return len(self.a.log("Entering MASTER STATE"))


@scene()
def test_a_restart_keeps_mastership(lab, measured):
    s = Scene(lab)
    before = s.keepalived_was_master()
    pinger = Pinger(s.host, ROUTER.addresses[0], 0.01)
    pinger.wait_answers()
    since, first = now(), s.b.pid
    s.b.systemctl("restart", "dpvrrpd")  # returns when the daemon is ready
    s.b.wait_state(MASTER, 10)
    ended = now()
    assert s.b.pid != first
    pinger.wait_answers(since=ended)
    last = s.sniffer.next_advert(s.node_b, ended, 5).time
    assert s.keepalived_was_master() == before
    assert s.b.transitions() == ["Initialize -> Master (handover)"]
    lost = pinger.unanswered(since, ended)
    assert lost <= 1
    measured(f"systemctl restart: {lost} pings lost, {ms(s.sniffer.longest_gap(s.node_b, since, last)):.0f} ms "
             "without an advert, no transition of keepalived")


@scene()
def test_a_stop_resigns(lab, measured):
    s = Scene(lab)
    since = now()
    s.b.systemctl("stop", "dpvrrpd")
    assert ROUTER.addresses[0] not in s.node_b.addresses()
    until(lambda: ROUTER.addresses[0] in s.node_a.addresses(), 5, "keepalived is master")
    measured(f"systemctl stop: keepalived is master {ms(now() - since):.0f} ms later")
    assert s.b.show("Result") == "success"


@scene()
def test_a_killed_daemon_leaves_no_address_and_runs_again(lab, measured):
    s = Scene(lab)
    first = s.b.pid
    since = now()
    kill(s.b)
    until(lambda: ROUTER.addresses[0] not in s.node_b.addresses(), 15, "ExecStopPost removes the address")
    removed = now()
    until(lambda: s.b.pid not in (None, first) and s.b._answers(), 30, "it runs again")
    measured(f"killed: the address is removed after {ms(removed - since):.0f} ms, it runs again after "
             f"{ms(now() - since):.0f} ms")


@scene()
def test_a_reload_by_systemd(lab, measured):
    s = Scene(lab)
    first = s.b.pid
    s.b.systemctl("reload", "dpvrrpd")
    until(lambda: s.b.events("reload"), 5, "the event of a reload")
    assert s.b.pid == first and s.b.state() == MASTER
    assert s.b.show("ActiveState") == "active"


@scene()
def test_the_status_line_counts_masters(lab, measured):
    s = Scene(lab)
    until(lambda: s.b.show("StatusText") == "1 instance, 1 master", 5, lambda: s.b.show("StatusText"))
    s.b.ctl("resign", ROUTER.name)
    until(lambda: s.b.show("StatusText") == "1 instance, 1 backup", 5, lambda: s.b.show("StatusText"))


@scene()
def test_the_watchdog_restarts_a_daemon_that_does_not_run(lab, measured):
    s = Scene(lab)
    s.b.inside("sh", "-c", "mkdir -p /run/systemd/system/dpvrrpd.service.d && printf '[Service]\\nWatchdogSec=2\\n"
               "TimeoutStopSec=2\\n' >/run/systemd/system/dpvrrpd.service.d/quick.conf && systemctl daemon-reload")
    s.b.systemctl("restart", "dpvrrpd")
    first, since = s.b.pid, now()
    time.sleep(4)
    assert s.b.pid == first, "a daemon that works is not ended"
    os.kill(first, signal.SIGSTOP)
    until(lambda: s.b.pid not in (None, first) and s.b._answers(), 40, lambda: s.b.journal())
    measured(f"stopped by SIGSTOP, with WatchdogSec=2: it runs again after {ms(now() - since) - 4000:.0f} ms")
