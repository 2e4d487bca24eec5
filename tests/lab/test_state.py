# SPDX-License-Identifier: BSD-3-Clause
"""The disk of the state directory freezes, and others damage its files: the gateway continues, and loses nothing."""

import contextlib
import os
import shutil
import subprocess

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.lab import cannot_run
from harness.namespace import run
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

ONE = VirtualRouter(key="0nlyH3re")
FROZEN_S = 6


class LoopDisk:
    """A separate file system, on a file, which can be frozen as by a snapshot of the machine."""

    def __init__(self, folder):
        self.image, self.path = folder / "disk.img", folder / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(64 << 20)
        run("mkfs.ext4", "-q", self.image)
        try:
            run("mount", "-o", "loop", self.image, self.path)
        except RuntimeError as error:
            pytest.skip(f"no loop devices here: {error}")

    def freeze(self):
        run("fsfreeze", "--freeze", self.path)

    def thaw(self):
        subprocess.run(["fsfreeze", "--unfreeze", self.path], capture_output=True, timeout=30)

    def remove(self):
        self.thaw()
        until(lambda: subprocess.run(["umount", self.path], capture_output=True, timeout=30).returncode == 0, 20,
              "the last copier has ended")


@pytest.fixture
def disk(tmp_path):
    if reason := cannot_run():
        pytest.skip(reason)
    if not all(map(shutil.which, ("mkfs.ext4", "fsfreeze"))):
        pytest.skip("no mkfs.ext4 or fsfreeze")
    made = LoopDisk(tmp_path)
    with contextlib.ExitStack() as stack:
        stack.callback(made.remove)
        yield made


class Alone:
    def __init__(self, lab, state_directory=None):
        self.node, self.host = lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(self.host)
        self.b = DpvrrpGateway(self.node, ONE, priority=100)
        if state_directory:
            self.b.state_directory = state_directory
        self.b.start()
        self.b.wait_state(MASTER, 8)

    def sent(self):
        return self.b.instance()["sequence_sent"]


def test_a_frozen_disk_holds_nothing_up(lab, disk, measured):
    alone = Alone(lab, disk.path / "state")
    b, node, sniffer = alone.b, alone.node, alone.sniffer
    since = now()
    disk.freeze()
    answers = []
    while ms(now() - since) < FROZEN_S * 1000:
        asked = now()
        b.ctl("show", "status")
        answers.append(ms(now() - asked))
    gap = ms(sniffer.longest_gap(node, since, now()))
    measured(f"longest time without an advert, disk frozen: {gap:.0f} ms")
    measured(f"longest answer of the control socket, disk frozen: {max(answers):.0f} ms")
    assert gap < FROZEN_S * 1000 / 2 and max(answers) < FROZEN_S * 1000 / 2
    until(lambda: b.log("has not answered for 5 s"), 5, "it is said")
    last = alone.sent()
    began = now()
    assert b.stop() == 0
    took = ms(now() - began)
    measured(f"SIGTERM, disk frozen: ended after {took:.0f} ms")
    assert took < 5000
    assert not set(ONE.addresses) & node.addresses().keys()
    disk.thaw()
    b.start()  # waits for the last copier
    b.wait_state(MASTER, 8)
    until(lambda: alone.sent() > last, 5, "numbers go on")
    assert alone.sent() < last + 1000
    assert b.stop() == 0


def test_what_is_done_to_the_state_is_put_right_and_a_kill_forgets_nothing(lab):
    alone = Alone(lab)
    b, state = alone.b, alone.b.state_directory
    os.truncate(state / "sequences", 0)
    until(lambda: b.log("was changed from .* written again"), 10, "truncation is noticed")
    shutil.rmtree(state)
    until(lambda: b.log("was removed: written again"), 10, "removal is noticed")
    assert (state / "sequences").stat().st_size > 0
    assert b.state() == MASTER
    last = alone.sent()
    b.kill()
    b.start()
    b.wait_state(MASTER, 8)
    until(lambda: alone.sent() > last, 5, "numbers go on")
    assert alone.sent() < last + 1000
    assert not b.log("moved ahead")
