# SPDX-License-Identifier: BSD-3-Clause
"""A node that runs FRR's zebra and vrrpd, without systemd. Only VRRPv3, both families, always with the virtual MAC."""

import json
import os
import shutil
import signal

from .namespace import run
from .wait import now, until

FOLDER = "/usr/lib/frr"
MACVLAN = "vrrp-1"


def missing():
    """The reason why FRR cannot run here, or None."""
    return None if os.path.exists(f"{FOLDER}/vrrpd") else "needs FRR's vrrpd: run scripts/deps"


class FrrGateway:
    """Interface as KeepalivedGateway's."""

    kind = "FRR"
    has_virtual_mac = True

    @property
    def late_ms(self):
        """Over IPv6 its first advert as master is lost: "Failed to find address to bind"."""
        return self.router.interval * 1000 if self.router.family == 6 else 0

    def __init__(self, node, router, priority, peers=()):
        self.node = node
        self.router = router
        self.priority = priority
        self._run = node.lab.folder / f"{node.name}.frr"
        self._run.mkdir()
        shutil.chown(self._run, "frr", "frr")  # the daemons' user
        node.lab.folder.chmod(0o711)
        self.log_file = self._run / "vrrpd.log"
        self._processes = {}
        # Forwarding, and no ARP answers with the physical MAC for the virtual address.
        node.namespace.sysctl("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                              "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
        node.link_local += ":1"  # the macvlan's, beside eth0's
        self._make_device()
        node.lab.cleanup.callback(self._end)

    @property
    def name(self):
        return self.node.name

    # --- life

    def start(self):
        self._write()
        for left in (*self._run.glob("*.pid"), *self._run.glob("*.vty"), *self._run.glob("*.api")):
            left.unlink()
        self._start("zebra", 2601)
        until(lambda: (self._run / "zserv.api").exists(), 5, "zebra's socket")
        self._start("vrrpd", 2619)
        return self

    def stop(self):
        """Ends cleanly: a master resigns with priority 0."""
        self._processes["vrrpd"].terminate()
        self._processes.pop("vrrpd").wait(timeout=10)
        self._kill("zebra")

    def kill(self):
        """SIGKILL: the macvlan keeps its addresses."""
        self._kill("vrrpd")
        self._kill("zebra")

    def power_off(self):
        """A power loss: cable down, processes killed, addresses removed. Returns the time, in ns."""
        moment = now()
        self.node.unplug()
        self.kill()
        self.node.namespace.ip("link", "del", MACVLAN)
        return moment

    def power_on(self):
        self.node.plug()
        self._make_device()
        return self.start()

    def freeze(self):
        """SIGSTOP: it sends no more adverts, and the kernel keeps its addresses. Returns the time, in ns."""
        moment = now()
        self._processes["vrrpd"].send_signal(signal.SIGSTOP)
        return moment

    def thaw(self):
        self._processes["vrrpd"].send_signal(signal.SIGCONT)

    def running(self):
        return "vrrpd" in self._processes

    def _start(self, daemon, port):
        self._processes[daemon] = self.node.namespace.start(
            f"{FOLDER}/{daemon}", "-f", self._run / f"{daemon}.conf",
            "-i", self._run / f"{daemon}.pid", "-z", self._run / "zserv.api", "--vty_socket", self._run,
            "-A", "127.0.0.1", "-P", port, log=self.node.lab.folder / f"{self.name}.frr.output")

    def _kill(self, daemon):
        process = self._processes.pop(daemon, None)
        if process:
            process.kill()
            process.wait(timeout=10)

    def _end(self):
        for daemon in ("vrrpd", "zebra"):
            self._kill(daemon)

    # --- what it says

    def vtysh(self, command):
        return run("vtysh", "--vty_socket", self._run, "-d", "vrrpd", "-c", command, check=False)

    def state(self):
        """MASTER, BACKUP, INITIALIZE, or None while it does not answer."""
        answer = self.vtysh("show vrrp json")
        if not answer.startswith("["):
            return None
        family = "v4" if self.router.family == 4 else "v6"
        return next((r[family]["status"].upper() for r in json.loads(answer) if r["vrid"] == self.router.vrid), None)

    def wait_state(self, state, seconds):
        until(lambda: self.state() == state, seconds, step=0.1,
              what=lambda: f"{self.name} {state}; it says {self.vtysh('show vrrp')}; log:\n"
                           + "\n".join(self.log()[-15:]))

    def log(self):
        lines = self.log_file.read_text(errors="replace").splitlines() if self.log_file.exists() else []
        return [line for line in lines if "Refusing to start" not in line]  # it logs this at every change

    def complaints(self):
        """Log lines about adverts that it refused."""
        return [line for line in self.log() if "VRRP" in line and ("invalid" in line.lower() or "mismatch" in line)]

    # --- the node

    def _make_device(self):
        """FRR makes no device itself. The virtual MAC and the addresses always exist, and zebra sets the device down
        (protodown) while vrrpd is a backup."""
        namespace, router = self.node.namespace, self.router
        namespace.ip("link", "add", MACVLAN, "link", "eth0", "type", "macvlan", "mode", "bridge")
        namespace.ip("link", "set", MACVLAN, "address", router.mac)
        namespace.ip("link", "set", MACVLAN, "up")
        addresses, nodad = router.addresses, []
        if router.family == 6:
            # Adverts have as source the link-local address that was added last.
            addresses, nodad = (*addresses, self.node.link_local), ["nodad"]
        for address in addresses:
            namespace.ip("addr", "add", f"{address}/{router.prefix_length}", "dev", MACVLAN, *nodad)

    def _write(self):
        router, log = self.router, f"log file {self.log_file}\n"
        (self._run / "zebra.conf").write_text("hostname zebra\n")
        word = "ip" if router.family == 4 else "ipv6"
        (self._run / "vrrpd.conf").write_text(
            f"hostname vrrpd\n{log}debug vrrp protocol\ninterface eth0\n vrrp {router.vrid} version 3\n"
            f" vrrp {router.vrid} priority {self.priority}\n"
            f" vrrp {router.vrid} advertisement-interval {round(router.interval * 1000)}\n"
            + "".join(f" vrrp {router.vrid} {word} {address}\n" for address in router.addresses))
