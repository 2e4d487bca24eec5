# SPDX-License-Identifier: BSD-3-Clause
"""keepalived in the guest, on a VLAN: the kernel outside may have no 802.1Q; the guest's kernel has it."""

from harness.keepalived import KeepalivedGateway
from harness.lab import NETWORK
from harness.wait import until

from guest import IP

NAMESPACE = "peer"
CONFIG, LOG = "/tmp/keepalived.conf", "/tmp/keepalived.log"


class PeerNode:
    """The guest's namespace `peer`, with the VLAN device as `eth0`; the NIC below it is called `trunk`. A context
    manager: the VLAN exists within it."""

    def __init__(self, guest, vlan, number=51):
        self.guest = guest
        self.lab = guest.lab
        self.name = NAMESPACE
        self.address = f"{NETWORK}.{number}"
        self.vlan = vlan

    def __enter__(self):
        self.ip("link", "set", "eth0", "down")
        self.ip("link", "set", "eth0", "name", "trunk")
        self.ip("link", "set", "trunk", "up")
        self.ip("link", "add", "link", "trunk", "name", "eth0", "type", "vlan", "id", self.vlan)
        self.ip("addr", "add", f"{self.address}/24", "dev", "eth0")
        self.ip("link", "set", "eth0", "up")
        return self

    def __exit__(self, *_):
        self.ip("link", "del", "eth0")  # and the addresses that keepalived left on it
        self.ip("link", "set", "trunk", "down")
        self.ip("link", "set", "trunk", "name", "eth0")
        self.ip("link", "set", "eth0", "up")

    def ip(self, *arguments):
        return self.guest.run(IP, "-n", NAMESPACE, *arguments)


class PeerKeepalived(KeepalivedGateway):
    """As on a namespace's node, but in the guest."""

    def start(self):
        self._write()
        self.node.guest.put(CONFIG, self._base.with_suffix(".conf").read_text())
        self._earlier_lines = len(self.log())
        self.node.guest.start(IP, "netns", "exec", NAMESPACE, "keepalived", "--vrrp", "-n", "-l", "-D", "-G",
                              "-f", CONFIG, log=LOG)
        return self

    def stop(self):
        self._signal("TERM")
        self._gone()

    def kill(self):
        """Both processes at once. They are stopped first, so that neither can react to the other's end."""
        self._signal("STOP")
        self._signal("KILL")
        self._gone()

    def running(self):
        return bool(self._pids())

    def log(self, pattern=""):
        return self.node.guest.run("grep", "-E", "-e", pattern, LOG, check=False).splitlines()

    def _pids(self):
        return self.node.guest.shell("pidof keepalived", check=False).split()

    def _signal(self, name):
        self.node.guest.run("kill", f"-{name}", *self._pids())

    def _gone(self):
        until(lambda: not self.running(), 10, "keepalived ends")

    def _end(self):
        pass  # with the guest
