# SPDX-License-Identifier: BSD-3-Clause
"""The labs of scripts/lab: each has the masters that its drawing says, and the commands do what they say."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness import namespace, topologies
from harness.dpvrrpd import BACKUP, MASTER
from harness.lab import KEPT
from harness.topologies import lag, snooping
from harness.scale import ScaleGateway
from harness.scenes import scene
from harness.wait import until

pytestmark = pytest.mark.daemon

COMMAND = Path(__file__).with_name("lab_command.py")


def needs(name):
    reason = topologies.missing(name)
    return pytest.mark.skipif(reason is not None, reason=str(reason))


@scene()
@pytest.mark.parametrize("name", [pytest.param(name, marks=needs(name)) for name in topologies.names()])
def test_masters(lab, measured, name):
    made = topologies.build(name, lab)
    expected = {gateway: gateway in made.masters for gateway in made.gateways}

    def found():
        return {each: is_master(gateway) for each, gateway in made.gateways.items()}
    until(lambda: found() == expected, 15, lambda: f"masters {expected}; found {found()}", step=0.1)


@scene()
def test_the_switch_snoops(lab, measured):
    made = topologies.build("snooping", lab)
    until(lambda: snooping.members(lab) == set(made.gateways), 15, lambda: f"members: {snooping.members(lab)}")
    until(lambda: [name for name, each in made.gateways.items() if is_master(each)] == ["gw-a"], 10, "one master")


@scene()
@needs("lag")
def test_a_lag_survives_a_cable(lab, measured):
    made = topologies.build("lag", lab)
    a, b = made.gateways["gw-a"], made.gateways["gw-b"]
    b.wait_state(MASTER, 15)
    a.wait_state(BACKUP, 10)
    for cable in ("gw-b", lag.SECOND_CABLE):
        lab.switch.ip("link", "set", cable, "down")
        begun, before = len(a.transitions()), received(a)
        until(lambda: received(a) > before + 5, 15, lambda: received(a))  # more than it waits for
        assert len(a.transitions()) == begun, a.transitions()
        lab.switch.ip("link", "set", cable, "up")
    a.set_priority(200)  # b must hear a
    b.wait_state(BACKUP, 10)
    for cable in ("gw-b", lag.SECOND_CABLE):
        lab.switch.ip("link", "set", cable, "down")
        before = received(b)
        until(lambda: received(b) > before + 5, 15, lambda: received(b))
        assert b.state() == BACKUP
        lab.switch.ip("link", "set", cable, "up")


def received(gateway):
    """Adverts that it accepted."""
    return gateway.json("show", "segments")[0]["received"]


def is_master(gateway):
    if isinstance(gateway, ScaleGateway):
        return gateway.all_are("Master")
    return (gateway.state() or "").upper() == "MASTER"


def run(*words):
    return subprocess.run([sys.executable, "-B", COMMAND, *words], capture_output=True, text=True, timeout=60)


def ours():
    return [name for name in namespace.listed() if name.startswith(KEPT)]


@pytest.mark.pure
def test_drawings_and_refusals():
    assert [line.split()[0] for line in run("list").stdout.splitlines()] == topologies.names()
    assert "gw-b, dpvrrpd" in run("show", "pair").stdout
    for words, status, message in ((("show", "ring"), 1, "lab: topology 'ring': must be one of "),
                                   (("show",), 2, "lab: show needs 1 argument, got 0"),
                                   (("shell",), 2, "lab: shell needs a node, got 0"),
                                   (("fly",), 2, "scripts/lab up NAME")):
        done = run(*words)
        assert done.returncode == status and message in done.stderr


@scene()
def test_commands(lab, measured):
    """`lab` is not used: the commands have a lab of their own, of which there is one on a machine."""
    if ours():
        pytest.skip("a lab is up: scripts/lab down")
    try:
        up = run("up", "pair-keepalived")
        assert up.returncode == 0, up.stderr
        assert run("up", "pair").stderr == "lab: a lab is up already: scripts/lab down\n"
        until(lambda: "gw-a, keepalived: MASTER" in run("status").stdout, 10, lambda: run("status").stdout, step=0.5)
        assert run("break", "gw-a").returncode == 0
        until(lambda: "gw-b, dpvrrpd: 1 master" in run("status").stdout, 10, lambda: run("status").stdout, step=0.5)
        assert "CABLE BROKEN" in run("status").stdout
        assert run("mend", "gw-a").returncode == 0
        assert "CABLE BROKEN" not in run("status").stdout
        assert "10.99.0.3/24" in run("shell", "host", "ip", "-br", "addr").stdout
        assert run("shell", "nowhere").stderr == "lab: node 'nowhere': must be one of gw-a, gw-b, host, sw\n"
    finally:
        down = run("down")
    assert down.returncode == 0 and not ours()
    assert run("status").stderr == "lab: no lab is up: scripts/lab up NAME\n"
