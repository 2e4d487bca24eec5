# SPDX-License-Identifier: BSD-3-Clause
"""The two ends of the side-by-side rows, keepalived or dpvrrpd, and a listener at each."""

import os
import re
import resource
import select
import signal
import socket
import struct
import threading
import time
from pathlib import Path

from harness.dpvrrpd import BACKUP, MASTER
from harness.scale import FIRST_VLAN, VRIDS, ScaleGateway
from harness.virtual_router import KEY
from harness.wait import until

_SO_TIMESTAMPNS, _SO_RCVBUFFORCE, _OUTGOING = 35, 33, 4


def cpu_seconds(pids):
    """User and system time of all threads so far, to the nanosecond; /proc/PID/stat counts in ticks of 10 ms."""
    return sum(int(task.read_text().split()[0]) for pid in pids for task in Path(f"/proc/{pid}/task").glob("*/schedstat")
               ) / 1e9


def memory_mib(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def ether_type_at(frame):
    """Where the EtherType is, behind the VLAN tags that the kernel has left in the frame."""
    at = 12
    while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    return at


class Ear(threading.Thread):
    """Records the AH adverts that reach a namespace on any device: (the kernel's time stamp in ns, virtual address), in
    order. The virtual address identifies the instance, whatever its VRID and VLAN."""

    def __init__(self, namespace):
        super().__init__(daemon=True)
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 256 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.heard = []
        self._running = True
        self.start()

    def run(self):
        while self._running:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            frame, ancillary, _, address = self._socket.recvmsg(256, 64)
            if address[2] == _OUTGOING:
                continue
            seconds, nanoseconds = struct.unpack("ll", ancillary[0][2])
            self.hear(seconds * 10**9 + nanoseconds, frame)

    def hear(self, stamp, frame):
        at = ether_type_at(frame)
        if frame[at:at + 2] == b"\x08\x00" and frame[at + 11] == 51:
            self.heard.append((stamp, frame[at + 54:at + 58]))

    def stop(self):
        self._running = False
        self.join()
        lost = struct.unpack("II", self._socket.getsockopt(263, 6, 8))[1]  # SOL_PACKET, PACKET_STATISTICS
        self._socket.close()
        return lost


class Ours(ScaleGateway):
    """dpvrrpd with VLANs on one veth."""

    title = "dpvrrpd"

    def __init__(self, node, instances, priority, cpus, **settings):
        super().__init__(node, instances // VRIDS, priority, cpus, **settings)

    def start_and_time(self):
        since = time.monotonic()
        self.start(60, step=0.005)
        until(lambda: self.all_are(BACKUP) or self.all_are(MASTER), 60, lambda: self.status(), step=0.005)
        return time.monotonic() - since

    def wait_all(self, state, seconds):
        until(lambda: self.all_are(state), seconds, lambda: f"{self.name} all {state}: {self.status()}", step=0.05)

    def resign(self, number):
        """Its instance with this number, below VRIDS, resigns."""
        self.ctl("resign", f"v{FIRST_VLAN}-{number + 1}")

    def pids(self):
        return [self.pid]


class Keepalived:
    """keepalived, with VRIDS instances on each of its veths."""

    title = "keepalived"

    def __init__(self, node, instances, priority):
        self.node, self.count = node, instances
        base = node.lab.folder / node.name
        self.log_file = base.with_suffix(".keepalived.log")
        self._conf = base.with_suffix(".conf")
        self._pid_files = {letter: base.with_suffix(f".{letter}.pid") for letter in "prcb"}
        self._process = None
        text = ["global_defs {\n vrrp_garp_master_repeat 1\n vrrp_garp_master_delay 0\n}\n"]
        for n in range(instances):
            link, vrid = n // VRIDS, n % VRIDS + 1
            text.append(f"vrrp_instance i{n} {{\n state BACKUP\n interface v{link}\n virtual_router_id {vrid}\n"
                        f" priority {priority}\n advert_int 1\n"
                        f" authentication {{\n auth_type AH\n auth_pass {KEY}\n }}\n"
                        f" virtual_ipaddress {{\n 10.{100 + link}.1.{vrid}/32\n }}\n}}\n")
        self._conf.write_text("".join(text))
        node.lab.cleanup.callback(self._end)

    def start_and_time(self):
        since = time.monotonic()
        with open(self.log_file, "wb"):
            pass
        files = [f for letter, path in self._pid_files.items() for f in (f"-{letter}", path)]
        self._process = self.node.namespace.start("/usr/sbin/keepalived", "--vrrp", "-n", "-l", "-G", "-f", self._conf,
                                                  *files, log=self.log_file)
        self._wait_said("BACKUP", 90)
        return time.monotonic() - since

    def _wait_said(self, state, seconds):
        """Every instance has logged this state since the log began."""
        word, names, position = re.compile(rb"\((i\d+)\) Entering " + state.encode() + rb" STATE"), set(), 0

        def said():
            nonlocal position
            with open(self.log_file, "rb") as log:
                log.seek(position)
                new = log.read()
            whole = new.rfind(b"\n") + 1
            position += whole
            names.update(word.findall(new[:whole]))
            return len(names) >= self.count
        until(said, seconds, lambda: f"{self.count} instances {state}: {len(names)}; log: {self._end_of_log()}", step=0.005)

    def wait_all(self, state, seconds):
        self._wait_said(state.upper(), seconds)

    def _end_of_log(self):
        return self.log_file.read_bytes()[-500:].decode(errors="replace")

    def pids(self):
        return [int(self._pid_files[letter].read_text()) for letter in "rp"]

    def memory_mib(self):
        return sum(map(memory_mib, self.pids()))

    def hang_up(self):
        os.kill(self.pids()[1], signal.SIGHUP)

    def kill(self):
        """Kills both at one moment: a stopped parent starts no new child and lets none resign."""
        child, parent = self.pids()
        os.kill(parent, signal.SIGSTOP)
        os.kill(child, signal.SIGKILL)
        os.kill(parent, signal.SIGKILL)
        self._process.wait(10)

    def _end(self):
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)


def wire_many(left, right, links):
    """Veths v0, v1, ... between two namespaces, an address on each end."""
    for n in range(links):
        left.namespace.ip("link", "add", f"v{n}", "type", "veth", "peer", "name", f"v{n}", "netns", right.namespace.name)
        for host, node in enumerate((left, right), 1):
            node.namespace.ip("addr", "add", f"10.{100 + n}.0.{host}/22", "dev", f"v{n}")
            node.namespace.ip("link", "set", f"v{n}", "up")
