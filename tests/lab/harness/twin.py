# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd on a port that only its twin connects with the kernel, and hosts that talk to the kernel through it."""

import array
import fcntl
import socket
import struct

from .dpvrrpd import DpvrrpGateway
from .wait import until

TWIN = "gw0"
_SIOCETHTOOL, _ETHTOOL_STXCSUM = 0x8946, 0x17


def complete_checksums(node):
    """Makes a node send TCP and UDP with their checksums. A veth leaves them out, and a NIC does not."""
    with node.namespace.entered(), socket.socket() as any_socket:
        value = bytearray(struct.pack("II", _ETHTOOL_STXCSUM, 0))
        holder = array.array("B", value)
        fcntl.ioctl(any_socket, _SIOCETHTOOL, struct.pack("16sP", b"eth0", holder.buffer_info()[0]))


def hide_from_the_kernel(node):
    """A device that captures eth0 receives its frames, and the kernel drops them, as if eth0 were bound to vfio-pci: a
    bridge that is down forwards nothing."""
    node.namespace.ip("addr", "flush", "dev", "eth0")
    node.namespace.ip("link", "add", "sink", "type", "bridge")
    node.namespace.ip("link", "set", "eth0", "master", "sink")


class TwinGateway(DpvrrpGateway):
    """Its addresses have no device, so they are on the twin."""

    def __init__(self, node, router, priority, **settings):
        super().__init__(node, router, priority, port_device=f'net_pcap0,iface=eth0,phy_mac=1"\nkernel = "twin"\n'
                                                             f'twin = "{TWIN}', **settings)
        hide_from_the_kernel(node)

    def _instance(self, router):
        return super()._instance(router).replace(', device = "eth0"', "")

    def give_addresses(self):
        """Those of the node, as an operator does."""
        ip = self.node.namespace.ip
        ip("addr", "add", f"{self.node.address}/24", "dev", TWIN)
        if self.node.lab.ipv6:
            for address in (self.node.link_local, f"2001:db8:99::{self.node.number:x}"):
                ip("addr", "add", f"{address}/64", "dev", TWIN, "nodad")

    def twin(self):
        return self.json("show", "twin")[0]

    def link(self):
        return self.node.namespace.ip_json("-d", "link", "show", TWIN)[0]

    def wait_carrier(self, up, seconds=5):
        until(lambda: ("LOWER_UP" in self.link()["flags"]) == up, seconds, lambda: f"carrier {up}: {self.link()}")


class Talk:
    """A TCP connection between two nodes, which stays open. Each line is echoed."""

    def __init__(self, lab, server, address, client, port=7007):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with server.namespace.entered():
            listener = socket.create_server((address, port), family=family)
        with client.namespace.entered():
            self.client = socket.create_connection((address, port), timeout=10)
        self.server, _ = listener.accept()
        self.server.settimeout(10)
        listener.close()
        for end in (self.client, self.server):
            lab.cleanup.callback(end.close)

    def works(self, size=200_000):
        """Both ends send so many bytes, one after the other, and receive those of the other."""
        for sender, receiver in ((self.client, self.server), (self.server, self.client)):
            data, received = bytes(range(256)) * (size // 256), bytearray()
            view = memoryview(data)
            while len(received) < len(data):
                sent = min(len(view), 16_384)
                sender.sendall(view[:sent])
                view = view[sent:]
                while len(received) < len(data) - len(view):
                    received += receiver.recv(65536)
            assert received == data
