# SPDX-License-Identifier: BSD-3-Clause
"""Tracks of each kind beside real keepalived: the priority falls, keepalived takes over, the track is good again, our
gateway returns. The same scripts on both ends, called with the same words."""

import os
import signal
import stat
from pathlib import Path

import pytest

from harness.dpvrrpd import BACKUP, FAULT, MASTER
from harness.namespace import run
from harness.pair import Pair
from harness.scenes import scene
from harness.wait import ms, now, until

TRACK = {
    "script": 'kind = "script"\ncommand = "/usr/bin/test -e {flag}"\ninterval = "200ms"\ntimeout = "2s"\nfall = 2',
    "interface": 'kind = "interface"\ninterface = "uplink0"',
    "address": 'kind = "interface"\ninterface = "uplink0"\naddress = "192.0.2.1"',
    "manual": 'kind = "manual"',
}


class Condition:
    """What a track observes on gw-b."""

    def __init__(self, kind, lab, gateway):
        self.kind, self.gateway, self.namespace = kind, gateway, gateway.node.namespace
        self.flag = lab.folder / "healthy"
        self.text = TRACK[kind].format(flag=self.flag)
        if kind in ("interface", "address"):
            self.namespace.ip("link", "add", "uplink0", "type", "veth", "peer", "name", "uplink1")
            self.namespace.ip("link", "set", "uplink1", "up")
            self.namespace.ip("addr", "add", "192.0.2.1/24", "dev", "uplink0")
        self.set(True)

    def set(self, good):
        if self.kind == "script":
            self.flag.touch() if good else self.flag.unlink()
        elif self.kind == "interface":
            self.namespace.ip("link", "set", "uplink0", "up" if good else "down")
        elif self.kind == "address":
            self.namespace.ip("link", "set", "uplink0", "up")
            self.namespace.ip("addr", "replace" if good else "del", "192.0.2.1/24", "dev", "uplink0")
        elif self.gateway.running():
            self.gateway.ctl("track", "set", "health", "up" if good else "down")


def tracked_pair(lab, kind, use):
    """gw-a: keepalived, priority 100. gw-b: dpvrrpd, priority 120, with the track `health`."""
    pair = Pair(lab, a_priority=100, b_priority=120, extra=f"track = [ {use} ]")
    condition = Condition(kind, lab, pair.b)
    pair.b.tables = f'\n[[track]]\nname = "health"\n{condition.text}\n'
    pair.start()
    pair.b_is_master(10)
    return pair, condition


@pytest.mark.parametrize("kind", TRACK)
@scene()
def test_a_weight_hands_over_and_takes_back(lab, measured, kind):
    pair, condition = tracked_pair(lab, kind, '{ name = "health", weight = -30 }')
    since = now()
    condition.set(False)
    pair.a_is_master(10)
    measured(f"{kind}: keepalived is master {ms(now() - since):.0f} ms after the failure")
    assert pair.b.instance()["priority"] == 90
    assert pair.b.sections()["tracks"][0]["effect"] == "-30"
    since = now()
    condition.set(True)
    pair.b_is_master(10)
    measured(f"{kind}: we are master {ms(now() - since):.0f} ms after the recovery")
    pair.check_wire()
    pair.check_nothing_refused()


@scene()
def test_a_fault_resigns_and_comes_back_by_itself(lab, measured):
    pair, condition = tracked_pair(lab, "script", '"health"')
    since = now()
    condition.set(False)
    pair.b.wait_state(FAULT, 5)
    pair.a.wait_state("MASTER", 5)
    release = [a for a in pair.sniffer.adverts(pair.node_b) if a.time > since and a.priority == 0]
    assert len(release) == 1, pair.sniffer.summary()
    takeover = pair.sniffer.next_advert(pair.node_a, release[0].time, 5)
    measured(f"fault: keepalived is master {ms(takeover.time - release[0].time):.0f} ms after our priority 0")
    assert not set(pair.router.addresses) & pair.node_b.addresses().keys()
    condition.set(True)
    pair.b_is_master(10)
    went = [transition.split(" (")[0] for transition in pair.b.transitions()]
    assert went == ["Initialize -> Backup", "Backup -> Master", "Master -> Fault", "Fault -> Backup",
                    "Backup -> Master"], pair.b.transitions()


@scene()
def test_a_manual_value_outlives_the_daemon(lab, **_):
    pair, _ = tracked_pair(lab, "manual", '{ name = "health", weight = -1 }')
    pair.b.ctl("track", "set", "health", "40")
    pair.a_is_master(10)
    pair.b.kill()
    pair.b.start()
    assert pair.b.json("show", "tracks")[0]["value"] == "40"
    assert pair.b.instance()["priority"] == 80
    pair.b.ctl("track", "set", "health", "0")
    pair.b_is_master(10)


@scene()
def test_hung_and_noisy_scripts_do_not_delay_adverts(lab, measured):
    hung = "\n".join(f'[[track]]\nname = "hung{i}"\nkind = "script"\ncommand = ["/bin/sh", "-c", "{what}"]\n'
                     'interval = "200ms"\ntimeout = "1s"' for i, what in enumerate(
                         ["sleep 100", "sleep 100 & exit 1", "head -c 1000000000 /dev/zero", "kill -STOP $$"]))
    pair = Pair(lab, a_priority=100, b_priority=120,
                extra='track = [ ' + ", ".join(f'{{ name = "hung{i}", weight = -1 }}' for i in range(4)) + " ]")
    pair.b.tables = "\n" + hung + "\n"
    pair.start()
    pair.b_is_master(10)
    since = now()
    until(lambda: now() - since > 8 * 10**9, 10, "eight seconds", step=0.5)
    ours = [a for a in pair.sniffer.adverts(pair.node_b) if a.time > since]
    gaps = [ms(b.time - a.time) for a, b in zip(ours, ours[1:])]
    measured(f"four bad scripts: longest gap between adverts {max(gaps):.0f} ms")
    assert max(gaps) < 1300, gaps
    values = {row["name"]: row["observed"] for row in pair.b.json("show", "tracks")}
    assert values["hung0"].startswith("ran longer than its timeout"), values
    assert values["hung1"].startswith("exit status 1"), values
    assert values["hung3"].startswith("ran longer than its timeout"), values
    pair.check_nothing_refused()


def agent_pids(gateway):
    """The processes of the gateway's agent, the supervisor first."""
    pids = map(int, run("ip", "netns", "pids", gateway.node.namespace.name).split())
    return sorted(pid for pid in pids if Path(f"/proc/{pid}/comm").read_text().startswith("dpvrrpd-agent"))


@scene()
def test_the_agent_is_killed_and_runs_again(lab, **_):
    pair, condition = tracked_pair(lab, "script", '{ name = "health", weight = -30 }')
    os.kill(agent_pids(pair.b)[-1], signal.SIGKILL)
    until(lambda: "the agent runs again" in pair.b.events("agent"), 10, lambda: pair.b.events("agent"))
    assert pair.b.state() == MASTER
    condition.set(False)
    pair.a_is_master(10)
    condition.set(True)
    pair.b_is_master(10)


# --- notify ---

SAY = """#!/bin/sh
echo "$0 $*" | sed "s|^.*/||" >> {out}
"""


def notify_scripts(lab, owner):
    """One script a state, and a general one; each writes its name and its arguments to one file."""
    folder = lab.folder / f"notify-{owner}"
    folder.mkdir()
    out = folder / "out"
    for name in ("master", "backup", "fault", "stop", "any", "g-master", "g-backup", "g-fault", "g-stop", "g-any"):
        script = folder / name
        script.write_text(SAY.format(out=out))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def said(folder):
    out = folder / "out"
    return out.read_text().splitlines() if out.exists() else []


KEEPALIVED_NOTIFY = """\
notify_master "{0}/{1}master with args"
notify_backup {0}/{1}backup
notify_fault {0}/{1}fault
notify_stop {0}/{1}stop
notify "{0}/{1}any x"
"""
OUR_NOTIFY = """\
notify_master = "{0}/{1}master with args"
notify_backup = "{0}/{1}backup"
notify_fault = ["{0}/{1}fault"]
notify_stop = "{0}/{1}stop"
notify = "{0}/{1}any x"
"""


@scene()
def test_notify_scripts_are_called_as_keepalived_calls_them(lab, measured):
    """Both gateways live through the same: backup, master, fault of a track, backup, master, stop. Their scripts are
    called with the same words in the same order for each instance and group."""
    pair = Pair(lab, a_priority=100, b_priority=100)
    a, b = notify_scripts(lab, "a"), notify_scripts(lab, "b")
    flag_a, flag_b = lab.folder / "flag-a", lab.folder / "flag-b"
    for flag in (flag_a, flag_b):
        flag.touch()
    group = "vrrp_sync_group G {{\n group {{\n VI_1\n }}\n{0}}}\n"
    pair.a.blocks = ("global_defs {\n script_user root\n enable_script_security\n}\n"
                     f'vrrp_script chk {{\n script "/usr/bin/test -e {flag_a}"\n interval 1\n}}\n'
                     + group.format(KEEPALIVED_NOTIFY.format(a, "g-")))
    pair.a.extra = KEEPALIVED_NOTIFY.format(a, "") + "track_script {\n chk\n}\n"
    pair.b.extra = OUR_NOTIFY.format(b, "") + 'track = ["chk"]\n'
    pair.b.tables = (f'\n[[track]]\nname = "chk"\nkind = "script"\ncommand = "/usr/bin/test -e {flag_b}"\n'
                     f'\n[[group]]\nname = "G"\nmembers = ["VI_1"]\n{OUR_NOTIFY.format(b, "g-")}')

    def live(gateway, flag, folder, states):
        master, fault, backup = states
        gateway.start()
        gateway.wait_state(master, 10)
        until(lambda: any(line.startswith("any") and "MASTER" in line for line in said(folder)), 5, lambda: said(folder))
        flag.unlink()
        gateway.wait_state(fault, 10)
        flag.touch()
        gateway.wait_state(master, 15)
        for general in ("any", "g-any"):
            until(lambda: len([line for line in said(folder) if line.startswith(general) and "MASTER" in line]) == 2, 5,
                  lambda: said(folder))
        gateway.stop()
        until(lambda: any(line.startswith("any") and "STOP" in line for line in said(folder)), 5, lambda: said(folder))
        until(lambda: any(line.startswith("g-any") and "STOP" in line for line in said(folder)), 5,
              lambda: said(folder))

    live(pair.a, flag_a, a, ("MASTER", "FAULT", "BACKUP"))
    live(pair.b, flag_b, b, (MASTER, FAULT, BACKUP))

    # keepalived starts its scripts at the same time, so only the order of states is sure there.
    def of(folder, prefix):
        return [line for line in said(folder) if line.split()[0] in
                (prefix + name for name in ("master", "backup", "fault", "stop"))]

    def general(folder, prefix):
        return [line for line in said(folder) if line.split()[0] == prefix + "any"]

    for prefix in ("", "g-"):
        assert of(b, prefix) == of(a, prefix), (said(a), said(b))
        assert general(b, prefix) == general(a, prefix), (said(a), said(b))
    measured(f"notify: {len(said(b))} calls alike: {', '.join(general(b, ''))}")


@scene()
def test_the_fifo_gets_keepalived_lines(lab, **_):
    fifo = lab.folder / "fifo"
    pair = Pair(lab, a_priority=100, b_priority=120)
    pair.b.tables = f'\n[scripts]\nfifo = "{fifo}"\n'
    pair.b.start()
    until(fifo.exists, 5, "the FIFO is made")
    with open(os.open(fifo, os.O_RDWR | os.O_NONBLOCK), "rb", buffering=0) as reader:
        pair.b_is_master(10)
        text = b""

        def read():
            nonlocal text
            text += reader.read(4096) or b""
            return text.decode().splitlines()

        until(lambda: len(read()) >= 2, 5, lambda: text)
        assert text.decode().splitlines() == ['INSTANCE "VI_1" BACKUP 120', 'INSTANCE "VI_1" MASTER 120']
