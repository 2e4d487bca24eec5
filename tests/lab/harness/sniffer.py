# SPDX-License-Identifier: BSD-3-Clause
"""Records the VRRP adverts, ARP frames and neighbour advertisements that reach a node, stamped by the kernel."""

import socket
import struct
import threading

from . import frames
from .wait import until

_ETH_P_ALL = 3
_SO_TIMESTAMPNS = 35
_PACKET_OUTGOING = 4


class Sniffer:
    """Listens on a node's eth0, or another device of it, until the lab ends. The switch floods adverts and broadcast ARP to every node. With
    `cable` it also records frames to one node only: all frames on the node's cable, in both directions."""

    def __init__(self, node, cable=False, device="eth0"):
        self._both_ways = cable
        namespace, device = (node.lab.switch, node.name) if cable else (node.namespace, device)
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            self._socket.bind((device, _ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.settimeout(0.1)
        self._records = []  # the results of frames.parse, in order of arrival; appended only by the thread
        self._running = True
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        node.lab.cleanup.callback(self.stop)

    def stop(self):
        self._running = False
        self._thread.join()
        self._socket.close()

    def _listen(self):
        while self._running:
            try:
                frame, ancillary, _, address = self._socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            if address[2] == _PACKET_OUTGOING and not self._both_ways:
                continue
            seconds, nanoseconds = struct.unpack("ll", ancillary[0][2])
            record = frames.parse(seconds * 10**9 + nanoseconds, frame)
            if record:
                self._records.append(record)

    def adverts(self, sender=None, since=0, **wanted):
        """Adverts of `sender` (a Node, known by its IP source, because the Ethernet source may be virtual) at or after
        `since`, with the wanted fields."""
        return [r for r in list(self._records) if isinstance(r, frames.Advert) and r.time >= since
                and (sender is None or r.source in (sender.address, getattr(sender, "link_local", None)))
                and all(getattr(r, name) == value for name, value in wanted.items())]

    def arps(self, since=0, **wanted):
        return [r for r in list(self._records) if isinstance(r, frames.Arp) and r.time >= since
                and all(getattr(r, name) == value for name, value in wanted.items())]

    def neighbour_adverts(self, since=0, **wanted):
        return [r for r in list(self._records) if isinstance(r, frames.NeighbourAdvert) and r.time >= since
                and all(getattr(r, name) == value for name, value in wanted.items())]

    def next_advert(self, sender, since, seconds, **wanted):
        """Waits for the first such advert."""
        return until(lambda: self.adverts(sender, since, **wanted), seconds,
                     lambda: f"advert of {sender.name} {wanted}; heard: {self.summary(since)}")[0]

    def last_advert(self, sender, before=None, **wanted):
        """The latest advert of `sender`, or the latest at or before a moment."""
        return [a for a in self.adverts(sender, **wanted) if before is None or a.time <= before][-1]

    def longest_gap(self, sender, since, until_time):
        """The longest time in ns within a window without an advert of `sender`, its two ends included."""
        times = [since, *(a.time for a in self.adverts(sender, since) if a.time <= until_time), until_time]
        return max(later - earlier for earlier, later in zip(times, times[1:]))

    def summary(self, since=0):
        """The latest adverts: second, source, version, priority, sequence."""
        return [(f"{a.time / 1e9 % 60:.3f}", a.source, a.version, a.priority, a.sequence)
                for a in self.adverts(since=since)][-12:]
