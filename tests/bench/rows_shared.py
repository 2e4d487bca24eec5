# SPDX-License-Identifier: BSD-3-Clause
"""What a gateway on an interface costs the kernel that forwards there: keepalived, and dpvrrpd with both values of
`kernel` (docs/decisions/0028).

      src                 gw                     sink
        eth0 ------------ eth0   eth1 ---------- eth0
        UDP, adverts      forwards; a gateway    counts, and drops: the frames are for another MAC
                          on eth0
"""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from harness import frames
from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.lab import Lab, cannot_run
from harness.virtual_router import VirtualRouter
from rows import CannotRun, Row, median
from side import cpu_seconds

RATE = 500_000  # ordinary packets a second
SENDER = Path(__file__).with_name("udp_sender.py")
SENDER_CPU, GATEWAY_CPU = 0, 1  # the sender's CPU also forwards: a veth passes a packet on in the sender's thread
ADVERTS_A_SECOND = 20
ROUTER = VirtualRouter(version=3, authentication="none")
SINK = "10.98.0.2"


class Path3:
    """The three machines. Without a gateway the kernel of gw only forwards."""

    def __init__(self, lab):
        self.src, self.gw = lab.wired("src", "gw")
        self.sink = lab.bare("sink")
        self.gw.namespace.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth0", "netns",
                             self.sink.namespace.name)
        for node, device, address in ((self.src, "eth0", "10.99.0.1/24"), (self.gw, "eth0", "10.99.0.2/24"),
                                      (self.gw, "eth1", "10.98.0.1/24"), (self.sink, "eth0", f"{SINK}/24")):
            node.namespace.ip("addr", "add", address, "dev", device)
            node.namespace.ip("link", "set", device, "gso_max_segs", "1", "up")
        self.gw.namespace.sysctl("net.ipv4.ip_forward=1")
        self.gw.namespace.ip("neigh", "add", SINK, "lladdr", "02:00:0a:62:00:99", "dev", "eth1")
        self.src.namespace.ip("route", "add", "10.98.0.0/24", "via", self.gw.address)
        self.peer = Peer(lab, self.src)

    def arrived(self):
        return self.sink.namespace.ip_json("-s", "link", "show", "eth0")[0]["stats64"]["rx"]["packets"]

    def forward(self, rate, seconds):
        """Packets a second that reach the sink."""
        before, since = self.arrived(), time.monotonic()
        subprocess.run(self.src.namespace.command("nice", "-n", "-30", "taskset", "-c", SENDER_CPU, sys.executable, SENDER, SINK, rate, seconds),
                       check=True, capture_output=True, timeout=seconds + 30)
        return (self.arrived() - before) / (time.monotonic() - since)


class Peer(threading.Thread):
    """The master: sends adverts from src until the lab ends, and counts them. It sends more than the interval in its
    adverts says, so that a pause changes no gateway's state."""

    def __init__(self, lab, node):
        super().__init__(daemon=True)
        self._socket = Attacker(lab, node)
        message = frames.v3_message(vrid=ROUTER.vrid, priority=200, addresses=ROUTER.addresses, source=node.address,
                                    interval_cs=100)
        self._advert = frames.ipv4_frame(message, source_mac="02:00:0a:63:00:01", source=node.address)
        self.sent, self._running, self._sends = 0, True, threading.Event()
        self._sends.set()
        lab.cleanup.callback(self.stop)
        self.start()

    def run(self):
        while self._running:
            self._sends.wait()
            self._socket.send(self._advert)
            self.sent += 1
            time.sleep(1 / ADVERTS_A_SECOND)

    @contextmanager
    def silent(self):
        """Meanwhile no advert is sent or on its way, so that sent and received ones can be compared."""
        self._sends.clear()
        time.sleep(0.2)
        try:
            yield
        finally:
            self._sends.set()

    def stop(self):
        self._running = False
        self._sends.set()
        self.join()


class Shared(DpvrrpGateway):
    title = 'dpvrrpd, kernel = "shared"'
    kernel = "shared"

    def __init__(self, node):
        super().__init__(node, ROUTER, priority=100, idle='idle = "interrupt"')

    def write_config(self):
        super().write_config()
        text = self.config_file.read_text()
        self.config_file.write_text(text.replace('name = "lan"', f'name = "lan"\nkernel = "{self.kernel}"', 1)
                                    .replace("lcores = [1]", f"lcores = [{GATEWAY_CPU}]"))

    def begin(self):
        self.start()
        self.wait_state(BACKUP, 20)

    def pids(self):
        return [self.pid]

    def counts(self):
        port = self.json("show", "ports")[0]
        return {"adverts": self.sections()["counters"]["adverts_received"], "frames": port["received"],
                "missed": port["missed"], "rests": self.json("show", "workers")[0]["rests"]}


class All(Shared):
    title = 'dpvrrpd, kernel = "none"'
    kernel = "none"


class Theirs(KeepalivedGateway):
    title = "keepalived"

    def __init__(self, node):
        super().__init__(node, ROUTER, 100)

    def begin(self):
        self.start()
        self.wait_state("BACKUP", 20)

    def pids(self):
        return [self._pid(letter) for letter in "rp"]

    def counts(self):
        return {}


def _throughput(path, which, context, found):
    """With the gateway, against the mean of before and after: other work on the machine changes slowly."""
    seconds = 1 if context.quick else 3
    for _ in range(context.repetitions):
        gateway = which(path.gw)
        before = path.forward(0, seconds)
        gateway.begin()
        beside = path.forward(0, seconds)
        gateway.stop()
        alone = (before + path.forward(0, seconds)) / 2
        found.setdefault("pps", []).append(beside)
        found.setdefault("share", []).append(100 * beside / alone)


def _load(path, which, context, found):
    """At RATE: the gateway's CPU beyond what it takes without the packets, and what it received and lost."""
    seconds = 4 if context.quick else 15
    gateway = which(path.gw)
    gateway.begin()
    cpu = cpu_seconds(gateway.pids())
    time.sleep(seconds)
    quiet = cpu_seconds(gateway.pids()) - cpu
    with path.peer.silent():
        before, sent = gateway.counts(), path.peer.sent
    cpu = cpu_seconds(gateway.pids())
    found["rate"] = path.forward(RATE, seconds)
    found["cpu"] = 100 * (cpu_seconds(gateway.pids()) - cpu - quiet) / seconds
    with path.peer.silent():
        found["sent"] = path.peer.sent - sent
        found.update({name: after - before[name] for name, after in gateway.counts().items()})
    if "adverts" in found:
        found["lost"] = found["sent"] - found["adverts"]
    gateway.stop()


def shared_interface(name, context):
    if why := cannot_run():
        raise CannotRun(why)
    found = {}
    with Lab() as lab:
        path = Path3(lab)
        for which in (Theirs, All, Shared):
            context.say(f"  {name}: {which.title}")
            figures = found[which] = {}
            _throughput(path, which, context, figures)
            _load(path, which, context, figures)
            context.say(f"    {figures}")
    for which, figures in found.items():
        yield from _rows(f"{name} {which.title}", figures, judged=which is Shared)


def _rows(name, found, judged):
    share = found["share"]
    yield Row(f"{name}: throughput", median(share), "%", 98 if judged else None, spread=(min(share), max(share)),
              note=f"of what the kernel forwards alone; {median(found['pps']):,.0f} packets a second beside it")
    yield Row(f"{name}: forwarded", 100 * found["rate"] / RATE, "%", 98 if judged else None,
              note=f"of {RATE:,} packets a second")
    frames_note = (f"; received {found['frames']:,} frames for {found['sent']} adverts, missed {found['missed']:,}, "
                   f"rested {found['rests']:,} times" if "frames" in found else "")
    yield Row(f"{name}: CPU", found["cpu"], "% core", 1 if judged else None, at_most=True,
              note=f"beyond that without the packets{frames_note}")
    if "lost" in found:
        yield Row(f"{name}: adverts lost", found["lost"], "", 0 if judged else None, at_most=True,
                  note=f"of {found['sent']}")


ROWS = {"shared-interface": lambda *given: list(shared_interface(*given))}
