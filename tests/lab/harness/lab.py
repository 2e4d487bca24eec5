# SPDX-License-Identifier: BSD-3-Clause
"""The LAN: a bridge in its own namespace, and nodes on it.

      dpv-PID-gw-a        dpv-PID-gw-b        dpv-PID-host
        eth0 .1             eth0 .2             eth0 .3         10.99.0.0/24
          |                   |                   |
          | gw-a              | gw-b              | host        veth ends in the switch
      ----+-------------------+-------------------+----  br0 in dpv-PID-sw

On a LAN with IPv6 the nodes also have fe80::1 and 2001:db8:99::1 and so on.

Names begin with `dpv-` and the pid of the run. So runs do not collide, and a later run can remove the
remains of a killed one.
"""

import atexit
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import namespace

PREFIX = "dpv-"
KEPT = PREFIX + "keep-"  # no pid: it outlives its run, until it is taken down
NETWORK = "10.99.0"
NETWORK6 = "2001:db8:99:"
ROOT = Path(__file__).resolve().parents[3]


class Node:
    """A machine on the LAN: a namespace with eth0."""

    def __init__(self, lab, name, number):
        self.lab = lab
        self.name = name
        self.number = number
        self.address = f"{NETWORK}.{number}"
        self.link_local = f"fe80::{number:x}"
        self.mac = f"02:00:0a:63:00:{number:02x}"
        self.namespace = namespace.Namespace(lab.prefix + name)
        self.namespace.create()
        if lab.ipv6:
            self.namespace.enable_ipv6()
        self.make_interface()

    def make_interface(self):
        """eth0 with its MAC and addresses, plugged in. No arp_* settings: a router that needs them must set them
        itself."""
        self.namespace.ip("link", "add", "eth0", "address", self.mac, "type", "veth",
                          "peer", "name", self.name, "netns", self.lab.switch.name)
        self.namespace.ip("addr", "add", f"{self.address}/24", "dev", "eth0")
        if self.lab.ipv6:
            for address in (self.link_local, f"{NETWORK6}:{self.number:x}"):
                self.namespace.ip("addr", "add", f"{address}/64", "dev", "eth0", "nodad")
        self.namespace.ip("link", "set", "eth0", "up")
        self.lab.switch.ip("link", "set", self.name, "master", "br0", "up")

    def delete_interface(self):
        self.namespace.ip("link", "del", "eth0")

    def source(self, family):
        """The source address of its adverts."""
        return self.address if family == 4 else self.link_local

    def addresses(self, family=4):
        """Address -> device, of all addresses of the family that the kernel holds here on devices that are up, except
        loopback and devices that a protocol keeps down."""
        wanted = "inet" if family == 4 else "inet6"
        return {a["local"]: link["ifname"] for link in self.namespace.ip_json("addr", "show", "up")
                if link.get("ifname", "lo") != "lo" and not link.get("proto_down")
                for a in link.get("addr_info", []) if a["family"] == wanted}

    def unplug(self):
        self.lab.switch.ip("link", "set", self.name, "down")

    def plug(self):
        self.lab.switch.ip("link", "set", self.name, "up")


class WiredNode:
    """A machine at one end of a cable to another, without a switch: for more frames than a bridge can copy well."""

    def __init__(self, lab, name, number):
        self.lab = lab
        self.name = name
        self.address = f"{NETWORK}.{number}"
        self.namespace = namespace.Namespace(lab.prefix + name)
        self.namespace.create()


class Lab:
    """Use as a context manager. At the end the functions in `cleanup` run first, last in first out. `label`:
    distinguishes several labs at the same time in this process."""

    def __init__(self, keep=False, label="", ipv6=False):
        self.prefix = KEPT if keep else f"{PREFIX}{os.getpid()}{label and '.' + label}-"
        self.keep = keep
        self.ipv6 = ipv6
        self.cleanup = contextlib.ExitStack()
        self.nodes = {}
        sweep()
        if keep:
            take_down(KEPT)
        self.folder = Path(tempfile.mkdtemp(prefix=self.prefix))
        self.switch = namespace.Namespace(self.prefix + "sw")
        self.switch.create()
        # A switch forwards broken frames too.
        self.switch.sysctl("net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-arptables=0")
        self.switch.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0", "stp_state", "0")
        self.switch.ip("link", "set", "br0", "up")

    def node(self, name):
        self.nodes[name] = Node(self, name, len(self.nodes) + 1)
        return self.nodes[name]

    def wired(self, *names):
        """Two nodes whose eth0 are the ends of one cable."""
        left, right = (WiredNode(self, name, number) for number, name in enumerate(names, 1))
        left.namespace.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", right.namespace.name)
        for node in (left, right):
            node.namespace.ip("link", "set", "eth0", "up")
        return left, right

    def bare(self, name):
        """A node without any device yet."""
        return WiredNode(self, name, 0)

    def close(self):
        if self.keep:
            self.cleanup.pop_all()
            return
        try:
            self.cleanup.close()
        finally:
            take_down(self.prefix)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def take_down(prefix):
    """Ends and removes all objects whose name begins with `prefix`. The processes in such a namespace are a lab's."""
    for name in namespace.listed():
        if name.startswith(prefix):
            namespace.Namespace(name).delete()
    for folder in (Path(tempfile.gettempdir()), Path("/run/dpdk")):
        for left in folder.glob(prefix + "*"):
            shutil.rmtree(left, ignore_errors=True)


def sweep():
    """Removes the remains of dead runs."""
    left = namespace.listed() + [p.name for p in Path(tempfile.gettempdir()).glob(PREFIX + "*")]
    for pid in {int(m.group(1)) for m in (re.match(PREFIX + r"(\d+)[.-]", name) for name in left) if m}:
        if not Path(f"/proc/{pid}").exists():
            _take_down_all_of(pid)


def _take_down_all_of(pid):
    take_down(f"{PREFIX}{pid}-")
    take_down(f"{PREFIX}{pid}.")  # labelled ones


def cannot_run():
    """The reason why a lab cannot run here, or None."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    for tool in ("ip", "sysctl", "keepalived"):
        if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            return f"needs {tool}: run scripts/deps"
    try:
        probe = namespace.Namespace(f"{PREFIX}{os.getpid()}-probe")
        probe.create()
        probe.delete()
    except RuntimeError as error:
        return f"no network namespaces here: {error}"
    return None


def clean_up_at_exit():
    """Takes the labs of this process down when it ends, in any way except SIGKILL."""
    atexit.register(_take_down_all_of, os.getpid())
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
