# SPDX-License-Identifier: BSD-3-Clause
"""16,000 instances change state at once, and each has a notify program."""

import time
from pathlib import Path

from harness.dpvrrpd import MASTER
from harness.lab import Lab, cannot_run
from harness.wait import until
from rows import CannotRun, Row
from rows_lab import longest_gap
from side import Ear, Ours

AT_ONCE = 16  # programs, of the agent


class NotifyingGateway(Ours):
    """Each instance runs a program that appends its arguments to one file."""

    def __init__(self, node, instances, priority, cpus):
        super().__init__(node, instances, priority, cpus)
        self.calls_file = node.lab.folder / f"{node.name}.calls"
        self.program = node.lab.folder / f"{node.name}.notify"
        self.calls_file.touch()
        self.program.write_text(f'#!/bin/sh\necho "$2 $3" >>{self.calls_file}\n')
        self.program.chmod(0o755)

    def write_config(self):
        super().write_config()
        text = self.config_file.read_text()
        notify = f'port = "trunk"\nnotify = "{self.program}"\nvlan'
        self.config_file.write_text(text.replace('port = "trunk"\nvlan', notify))

    def calls(self):
        return self.calls_file.read_text().splitlines()

    def programs_now(self):
        """How many programs the agent runs at the moment."""
        return sum(1 for task in Path("/proc").glob("[0-9]*/cmdline") if str(self.program).encode() in _read(task))


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _watched(gateway, count):
    """Waits until so many programs have run. Returns the most that ran at one time."""
    most = 0

    def done():
        nonlocal most
        most = max(most, gateway.programs_now())
        return len(gateway.calls()) >= count
    until(done, 300, lambda: f"{len(gateway.calls())} of {count} programs have run", step=0.2)
    return most


def notify_storm(name, context):
    if why := cannot_run():
        raise CannotRun(why)
    count = 1000 if context.quick else 16000
    with Lab() as lab:
        node, other = lab.wired("gw-a", "gw-b")
        gateway = NotifyingGateway(node, count, 150, (0, 1))
        gateway.start_and_time()
        _watched(gateway, count)  # BACKUP, or already MASTER
        gateway.wait_all(MASTER, 60)
        _watched(gateway, 2 * count)
        time.sleep(1)
        before, began = len(gateway.calls()), time.monotonic()
        node.namespace.ip("link", "set", "eth0", "down")
        time.sleep(0.3)
        node.namespace.ip("link", "set", "eth0", "up")
        time.sleep(2)
        gateway.wait_all(MASTER, 60)
        ear = Ear(other.namespace)
        left = 3 * count - (len(gateway.calls()) - before)
        most = _watched(gateway, before + 3 * count)
        took = time.monotonic() - began
        time.sleep(2)
        lost = ear.stop()
        words = {}
        for line in gateway.calls()[before:]:
            instance, word = line.split()
            words.setdefault(instance, []).append(word)
        wrong = [f"{i}: {w}" for i, w in words.items() if w != ["FAULT", "BACKUP", "MASTER"]]
        yield Row(f"{name} order", len(wrong), "", 0, at_most=True,
                  note=f"instances of {count} whose programs did not run as FAULT, BACKUP, MASTER {wrong[:2]}")
        yield Row(f"{name} at once", most, "", AT_ONCE, at_most=True, note="most programs seen at one time")
        yield Row(f"{name} all run", took, "s", note=f"{3 * count} programs after the link loss; the ear lost {lost}")
        yield Row(f"{name} gap", longest_gap(ear.heard, count), "ms", 1500, at_most=True,
                  note=f"longest time between two adverts of one master, 1 s apart, while {left} programs run")


ROWS = {"notify-storm": lambda *given: list(notify_storm(*given))}
