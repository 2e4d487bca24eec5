# SPDX-License-Identifier: BSD-3-Clause
"""What a port's twin carries, against testpmd between the same two kinds of device, and how late adverts are while the
twin is busy in both directions (docs/decisions/0029).

      throughput   far testpmd --- memif --- dpvrrpd, or testpmd (io) --- TAP, the kernel's
      lateness     host's eth0, flooded by testpmd --- veth --- eth0, net_pcap: dpvrrpd --- TAP, the kernel floods it
"""

import ctypes
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.lab import Lab, cannot_run
from harness.twin import hide_from_the_kernel
from harness.virtual_router import VirtualRouter
from harness.wait import until
from rows import CannotRun, Row, median, percentile

SENDER = Path(__file__).with_name("udp_sender.py")
FAR_CPU, NEAR_CPU = 0, 1
TAP = "gw0"
INTERVAL_MS = 100
ROUTERS = 20
FAR = "10.97.0.2"


class Testpmd:
    """Runs until the lab ends, or stop()."""

    def __init__(self, node, name, cpu, vdevs, mode):
        self.node = node
        devices = [f"--vdev={vdev}" for vdev in vdevs]
        self._log = open(node.lab.folder / f"{name}.log", "wb")
        self._process = subprocess.Popen(
            node.namespace.command("dpdk-testpmd", f"--lcores=0@0,1@{cpu}", "--no-huge", "-m", "256", "--no-pci",
                                   "--no-telemetry", f"--file-prefix={node.lab.prefix}{name}", *devices, "--",
                                   "-i", "--auto-start", f"--forward-mode={mode}", "--no-mlockall", "--nb-cores=1",
                                   "--total-num-mbufs=8192"),
            stdin=subprocess.PIPE, stdout=self._log, stderr=self._log)
        node.lab.cleanup.callback(self.stop)

    def stop(self):
        if self._process.poll() is None:
            try:
                self._process.communicate(b"quit\n", timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


class Gateway(DpvrrpGateway):
    """A port with a twin, and the routers' addresses on the twin."""

    def __init__(self, node, device, routers=1):
        first, *more = [VirtualRouter(name=f"VI_{i}", vrid=i, first_host=100 + i, version=3, authentication="none",
                                      interval=INTERVAL_MS / 1000) for i in range(1, routers + 1)]
        super().__init__(node, first, 100, idle='idle = "poll"', more=more,
                         port_device=f'{device}"\nkernel = "twin"\ntwin = "{TAP}')

    def _instance(self, router):
        return super()._instance(router).replace(', device = "eth0"', "")


class Near:
    """The device under test: between memif, of which it is the server, and the TAP."""

    def __init__(self, lab, name):
        self.node = lab.bare(name)
        self.socket = lab.folder / f"{name}.memif"
        self.memif = f"net_memif0,role=server,id=0,socket={self.socket},socket-abstract=no"

    def start(self):
        self.begin()
        until(self.socket.exists, 10, "the memif server")
        ip = self.node.namespace.ip
        until(lambda: any(link["ifname"] == TAP for link in self.node.namespace.ip_json("link")), 10, "the TAP")
        ip("link", "set", TAP, "gso_max_segs", "1", "up")
        ip("addr", "add", "10.97.0.1/24", "dev", TAP)
        ip("neigh", "replace", FAR, "lladdr", "02:00:0a:61:00:99", "dev", TAP)

    def counts(self):
        stats = self.node.namespace.ip_json("-s", "link", "show", TAP)[0]["stats64"]
        return {"up": stats["rx"]["packets"], "down": stats["tx"]["packets"]}

    def carried(self, direction, far, seconds):
        """Frames a second in one direction, while the far end sends or receives."""
        pmd = Testpmd(far, f"far-{self.node.name}-{direction}", FAR_CPU,
                      [f"net_memif0,role=client,id=0,socket={self.socket},socket-abstract=no"],
                      "txonly" if direction == "up" else "rxonly")
        self.wait_link()
        if direction == "down":
            sender = subprocess.Popen(self.node.namespace.command(
                "taskset", "-c", FAR_CPU, sys.executable, SENDER, FAR, 0, seconds + 3), stdout=subprocess.DEVNULL)
        time.sleep(1)
        before, since = self.counts()[direction], time.monotonic()
        time.sleep(seconds)
        rate = (self.counts()[direction] - before) / (time.monotonic() - since)
        if direction == "down":
            sender.wait()
        pmd.stop()
        return rate


class Ours(Near):
    title = "dpvrrpd"

    def begin(self):
        self.gateway = Gateway(self.node, self.memif).start()

    def wait_link(self):
        until(lambda: self.gateway.json("show", "twin")[0]["link"] == "up", 10, "memif is connected")

    def stop(self):
        self.gateway.stop()
        self.node.namespace.ip("link", "del", TAP)


class Theirs(Near):
    title = "testpmd"

    def begin(self):
        self.pmd = Testpmd(self.node, "near", NEAR_CPU, [self.memif, f"net_tap0,iface={TAP}"], "io")

    def wait_link(self):
        time.sleep(1)

    def stop(self):
        self.pmd.stop()


def _throughput(context):
    seconds = 1 if context.quick else 3
    rates = {}
    for round_number in range(context.repetitions):
        for which in (Ours, Theirs):
            with Lab(label=f"twin{round_number}") as lab:
                near, far = which(lab, "near"), lab.bare("far")
                near.start()
                for direction in ("up", "down"):
                    rates.setdefault((which, direction), []).append(near.carried(direction, far, seconds))
                near.stop()
        context.say(f"    {{{', '.join(f'{w.title} {d}: {r[-1]:,.0f}' for (w, d), r in rates.items())}}}")
    for direction in ("up", "down"):
        ours, theirs = rates[Ours, direction], rates[Theirs, direction]
        shares = [100 * a / b for a, b in zip(ours, theirs)]
        yield Row(f"twin: {direction}", median(shares), "%", 90, spread=(min(shares), max(shares)),
                  note=f"of testpmd (io) between memif and net_tap; {median(ours):,.0f} and {median(theirs):,.0f} "
                       "frames a second")


def waited_ms(pid):
    """The time in which the worker, which is pinned to NEAR_CPU, was ready and had no CPU."""
    threads = [t for t in Path(f"/proc/{pid}/task").iterdir() if (t / "comm").read_text().startswith("rte-worker")]
    return sum(int((thread / "schedstat").read_text().split()[1]) for thread in threads) / 1e6


class AdvertTimes(threading.Thread):
    """The kernel's time of each advert on a node's eth0, in ns, by VRID. A filter keeps the flood away."""

    def __init__(self, node):
        super().__init__(daemon=True)
        with node.namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # nothing before the filter
        # ldb [23]; jeq #112; ret
        program = b"".join(struct.pack("HBBI", *step) for step in (
            (0x30, 0, 0, 23), (0x15, 0, 1, 112), (0x06, 0, 0, 0xffff), (0x06, 0, 0, 0)))
        self._holder = bytearray(program)
        address = (ctypes.c_char * len(program)).from_buffer(self._holder)
        self._socket.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HP", 4, ctypes.addressof(address)))
        self._socket.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        self._socket.bind(("eth0", 3))
        self._socket.settimeout(0.2)
        self.times, self._running = {}, True
        self.start()

    def run(self):
        while self._running:
            try:
                frame, ancillary, _, _ = self._socket.recvmsg(256, 64)
            except TimeoutError:
                continue
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
            self.times.setdefault(frame[35], []).append(seconds * 10**9 + nanoseconds)

    def stop(self):
        self._running = False
        self.join()
        self._socket.close()
        return self.times


def _lateness(context):
    """Without the flood, and with it: the intervals between the adverts of each router, less the configured one."""
    seconds = 5 if context.quick else 20
    with Lab(label="late") as lab:
        host, node = lab.wired("host", "gw")
        hide_from_the_kernel(node)
        gateway = Gateway(node, "net_pcap0,iface=eth0,phy_mac=1", ROUTERS)
        gateway.start()
        node.namespace.ip("addr", "add", "10.97.0.1/24", "dev", TAP)
        node.namespace.ip("neigh", "replace", FAR, "lladdr", "02:00:0a:61:00:99", "dev", TAP)
        until(lambda: all(gateway.state(f"VI_{i}") == MASTER for i in range(1, ROUTERS + 1)), 20, "all are masters")
        for what in ("quiet", "busy"):
            if what == "busy":
                Testpmd(host, "flood", FAR_CPU, ["net_af_packet0,iface=eth0"], "txonly")
                subprocess.Popen(node.namespace.command("taskset", "-c", FAR_CPU, sys.executable, SENDER, FAR, 0,
                                                        seconds + 5), stdout=subprocess.DEVNULL)
                time.sleep(3)
            ear, before, waited = AdvertTimes(host), gateway.json("show", "twin")[0], waited_ms(gateway.pid)
            time.sleep(seconds)
            times, after, waited = ear.stop(), gateway.json("show", "twin")[0], waited_ms(gateway.pid) - waited
            late = [abs(b - a - INTERVAL_MS * 10**6) / 1e6 for of in times.values() for a, b in zip(of, of[1:])]
            missed = sum(round((b - a) / INTERVAL_MS / 1e6) - 1 for of in times.values() for a, b in zip(of, of[1:]))
            rates = {key: (after[key] - before[key]) / seconds for key in ("up", "down")}
            note = (f"median {median(late):.3f} ms, p90 {percentile(late, 0.9):.3f}, worst {max(late):.2f}, "
                    f"{missed} of {len(late)} missing; {rates['up']:,.0f} frames a second up, {rates['down']:,.0f} "
                    f"down; the worker waited {waited:.0f} ms for its CPU")
            yield Row(f"twin {what}: interval off, p99", percentile(late, 0.99), "ms", 1 if what == "busy" else None,
                      at_most=True, note=note)


def twin(name, context):
    if why := cannot_run():
        raise CannotRun(why)
    return [*_throughput(context), *_lateness(context)]


ROWS = {"twin": twin}
