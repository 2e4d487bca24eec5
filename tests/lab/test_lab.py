# SPDX-License-Identifier: BSD-3-Clause
"""The lab with keepalived on both gateways: the reference for the tests of dpvrrpd, and a test of the lab itself."""

import os
import subprocess
import sys

from harness import lab as lab_module
from harness import namespace
from harness.attacker import Attacker
from harness.host import Pinger, neighbour
from harness.keepalived import KeepalivedGateway
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until


def test_two_keepalived_take_over_and_give_back(lab, measured):
    router = VirtualRouter()
    node_a, node_b, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
    sniffer = Sniffer(host)
    a = KeepalivedGateway(node_a, router, priority=150).start()
    b = KeepalivedGateway(node_b, router, priority=100).start()
    a.wait_state("MASTER", 8)
    b.wait_state("BACKUP", 2)
    pinger = Pinger(host, router.addresses[0])
    pinger.wait_answers()
    assert neighbour(host, router.addresses[0]) == node_a.mac

    crash = a.power_off()
    first = sniffer.next_advert(node_b, crash, 8)
    took = ms(first.time - sniffer.last_advert(node_a).time)
    pinger.wait_answers(since=first.time)
    measured(f"keepalived takes over from silent keepalived after {took:.0f} ms "
             f"(rule {router.master_down_ms(100):.0f}), host out {ms(pinger.outage(crash)):.0f} ms")
    assert router.master_down_ms(100) - 50 < took < router.master_down_ms(100) + 1000
    assert neighbour(host, router.addresses[0]) == node_b.mac
    assert sniffer.arps(first.time, sender=router.addresses[0], sender_mac=node_b.mac)

    a.power_on()
    a.wait_state("MASTER", 8)
    b.wait_state("BACKUP", 2)
    a.stop()
    resigned = sniffer.next_advert(node_a, 0, 2, priority=0)
    took = ms(sniffer.next_advert(node_b, resigned.time, 3).time - resigned.time)
    measured(f"keepalived takes over from resigned keepalived after {took:.0f} ms (rule {router.skew_ms(100):.0f})")
    assert router.skew_ms(100) - 50 < took < router.skew_ms(100) + 1000
    assert not a.complaints() and not b.complaints()


def test_one_replayed_frame_reaches_only_its_target(lab):
    node_a, node_b = lab.node("gw-a"), lab.node("gw-b")
    at_a, at_b = Sniffer(node_a), Sniffer(node_b)
    KeepalivedGateway(node_a, VirtualRouter(), priority=150).start()
    frame = at_b.next_advert(node_a, 0, 8).frame
    moment = now()
    Attacker(lab, to=node_b).send(frame)
    until(lambda: [a for a in at_b.adverts(since=moment) if a.frame == frame], 2, "the replayed frame")
    assert not at_a.adverts()


def test_a_killed_run_is_swept_away_by_the_next():
    script = ("import os, signal; from harness.lab import Lab; lab = Lab(); "
              "lab.node('gw-a').namespace.start('sleep', '100', log='/dev/null'); os.kill(os.getpid(), signal.SIGKILL)")
    dead = subprocess.Popen([sys.executable, "-c", script], cwd=os.path.dirname(__file__))
    dead.wait(timeout=30)
    prefix = f"{lab_module.PREFIX}{dead.pid}-"
    assert [n for n in namespace.listed() if n.startswith(prefix)]
    lab_module.sweep()
    assert not [n for n in namespace.listed() if n.startswith(prefix)]


def test_a_lab_that_ends_leaves_nothing():
    with lab_module.Lab() as lab:
        KeepalivedGateway(lab.node("gw-a"), VirtualRouter(), priority=150).start()
        folder, prefix = lab.folder, lab.prefix
    assert not folder.exists()
    assert not [n for n in namespace.listed() if n.startswith(prefix)]
