# SPDX-License-Identifier: BSD-3-Clause
"""A node that runs keepalived."""

import os
import re
import signal
import subprocess
import time

from .wait import until

PROGRAM = "/usr/sbin/keepalived"
# So 2.3.3 logs that it learns another interval of VRRPv3. For VRRPv2, where it drops the advert, it logs "mine=".
_LEARNED = r"advertisement interval mismatch ours ="

_AUTHENTICATION = {"ah": "AH", "simple": "PASS"}


def version():
    """The version, as "2.2.7" (Debian 12) or "2.3.3" (Debian 13)."""
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=10)
    return re.search(r"Keepalived v([\d.]+)", said.stdout + said.stderr).group(1)


class KeepalivedGateway:
    kind = "keepalived"
    late_ms = 0  # its first advert as master

    def __init__(self, node, router, priority, preempt=True, peers=(), extra=""):
        self.node = node
        self.router = router
        self.priority = priority
        self.preempt = preempt
        self.peers = peers  # the nodes to which a unicast router sends
        self.extra = extra  # further lines of the vrrp_instance
        self.blocks = ""  # further blocks of the file: scripts, groups
        self._process = None
        self._earlier_lines = 0  # of the log, by runs before this one
        self._base = node.lab.folder / node.name
        self.log_file = self._base.with_suffix(".keepalived.log")
        node.lab.cleanup.callback(self._end)

    @property
    def name(self):
        return self.node.name

    @property
    def has_virtual_mac(self):
        return "use_vmac" in self.extra

    # --- life

    def start(self):
        self._write()
        if self.has_virtual_mac:  # otherwise the kernel answers ARP for the addresses with the other MAC
            self.node.namespace.sysctl("net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
        self._earlier_lines = len(self.log())
        # All four pid files must belong to this instance.
        pids = [f for letter in "prcb" for f in (f"-{letter}", self._pid_file(letter))]
        self._process = self.node.namespace.start(
            PROGRAM, "--vrrp", "-n", "-l", "-D", "-G", "-f", self._base.with_suffix(".conf"), *pids,
            log=self.log_file)
        return self

    def stop(self):
        """Ends cleanly: keepalived resigns with priority 0 and removes its addresses."""
        self._process.terminate()
        self._process.wait(timeout=10)

    def kill(self):
        """SIGKILL to both processes at one moment. The stopped parent can neither start a new child nor let it resign.
        The addresses stay."""
        self._process.send_signal(signal.SIGSTOP)
        until(lambda: _process_state(self._process.pid) == "T", 2, "keepalived's parent stopped", step=0.001)
        os.kill(self._pid("r"), signal.SIGKILL)
        self._process.kill()
        self._process.wait(timeout=10)
        for letter in "prcb":
            self._pid_file(letter).unlink(missing_ok=True)

    def power_off(self):
        """A power loss: processes killed, cable down, addresses removed. Returns the time, in ns."""
        moment = time.clock_gettime_ns(time.CLOCK_REALTIME)
        self.node.unplug()
        self.kill()
        held = self.node.addresses(self.router.family)
        for address in set(self.router.addresses) & held.keys():
            self.node.namespace.ip("addr", "del", f"{address}/{self.router.prefix_length}", "dev", held[address])
        return moment

    def power_on(self):
        self.node.plug()
        return self.start()

    def freeze(self):
        """SIGSTOP: it sends no more adverts, and the kernel keeps its addresses. Returns the time, in ns."""
        moment = time.clock_gettime_ns(time.CLOCK_REALTIME)
        os.kill(self._pid("r"), signal.SIGSTOP)
        return moment

    def thaw(self):
        os.kill(self._pid("r"), signal.SIGCONT)

    def reload(self, **changes):
        for name, value in changes.items():
            setattr(self, name, value)
        self._write()
        os.kill(self._pid("p"), signal.SIGHUP)

    def running(self):
        return self._process is not None and self._process.poll() is None

    def _end(self):
        if self.running():  # killed, because its namespace is removed too
            self._process.kill()
            self._process.wait()

    # --- what it says

    def log(self, pattern=""):
        """The matching lines of its log."""
        if not self.log_file.exists():
            return []
        return [line for line in self.log_file.read_text(errors="replace").splitlines() if re.search(pattern, line)]

    def state(self):
        """MASTER, BACKUP, FAULT, or None before this run has logged a state."""
        lines = [line for line in self.log()[self._earlier_lines:] if re.search(r"Entering \w+ STATE", line)]
        return re.search(r"Entering (\w+) STATE", lines[-1]).group(1) if lines else None

    def wait_state(self, state, seconds):
        until(lambda: self.state() == state, seconds, lambda: f"{self.name} {state}; log:\n" + "\n".join(self.log()[-15:]))

    def complaints(self):
        """Log lines about adverts that it refused for authentication or sequence."""
        lines = self.log(r"already processed|sequence number|[Ii]nvalid|\bMAC\b|mismatch|received an?.*(auth|AH)")
        return [line for line in lines if not re.search(_LEARNED, line)]

    # --- files

    def _pid_file(self, letter):
        return self._base.with_suffix(f".{letter}.pid")

    def _pid(self, letter):
        file = self._pid_file(letter)
        return int(until(lambda: file.exists() and file.read_text().strip(), 5, f"keepalived's {file.name}"))

    def _write(self):
        router = self.router
        authentication = ""
        if router.version == 2 and router.authentication != "none":
            authentication = (f"    authentication {{\n        auth_type {_AUTHENTICATION[router.authentication]}\n"
                              f"        auth_pass {router.key}\n    }}\n")
        addresses = "".join(f"        {address}/{router.prefix_length}\n" for address in router.addresses)
        unicast = ""
        if router.unicast:
            peers = "".join(f"        {peer.source(router.family)}\n" for peer in self.peers)
            unicast = (f"    unicast_src_ip {self.node.source(router.family)}\n"
                       f"    unicast_peer {{\n{peers}    }}\n")
        self._base.with_suffix(".conf").write_text(
            self.blocks + f"vrrp_instance {router.name} {{\n    state BACKUP\n    interface eth0\n"
            f"    virtual_router_id {router.vrid}\n    priority {self.priority}\n    advert_int {router.interval}\n"
            f"    version {router.version}\n" + unicast
            + ("" if self.preempt else "    nopreempt\n") + authentication
            + "".join(f"    {line}\n" for line in self.extra.splitlines())
            + f"    virtual_ipaddress {{\n{addresses}    }}\n}}\n")


def _process_state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]
