# SPDX-License-Identifier: BSD-3-Clause
"""A user of the virtual router: pings an address continuously and measures how long it was unreachable."""

import os
import select
import socket
import struct
import threading
import time

from .frames import checksum
from .wait import now, until


class Pinger:
    """Sends an ICMP echo every `interval` seconds from a node and records the sending time of each answered one."""

    def __init__(self, node, target, interval=0.01):
        self.target = target
        self._interval = interval
        self._v6 = ":" in target
        with node.namespace.entered():
            self._socket = (socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) if self._v6 else
                            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        self._socket.setblocking(False)
        self._answered = []  # sending times in ns, appended by the thread only
        self._sent = {}
        self._running = True
        self._thread = threading.Thread(target=self._ping, daemon=True)
        self._thread.start()
        node.lab.cleanup.callback(self.stop)

    def stop(self):
        self._running = False
        self._thread.join()
        self._socket.close()

    def _ping(self):
        ident = os.getpid() & 0xffff
        number = 0
        due = time.monotonic()
        while self._running:
            number = number + 1 & 0xffff
            self._sent[number] = now()
            body = struct.pack("!HH", ident, number)
            kind = b"\x80\0" if self._v6 else b"\x08\0"
            echo = kind + struct.pack("!H", checksum(kind + b"\0\0" + body)) + body  # IPv6's is the kernel's
            try:
                self._socket.sendto(echo, (self.target, 0))
            except OSError:  # no neighbour yet: counts as unanswered
                pass
            due = max(due + self._interval, time.monotonic())
            while (left := due - time.monotonic()) > 0:
                if select.select([self._socket], [], [], left)[0]:
                    self._take(ident)

    def _take(self, ident):
        try:
            packet, (source, *_) = self._socket.recvfrom(256)
        except OSError:
            return
        if len(packet) < (header := 0 if self._v6 else 20) + 8:
            return
        kind, answer_ident, number = struct.unpack_from("!BxxxHH", packet, header)
        answer = kind == (129 if self._v6 else 0) and answer_ident == ident and source == self.target
        if answer and number in self._sent:
            self._answered.append(self._sent.pop(number))

    def wait_answers(self, count=3, since=0, seconds=10):
        """Waits for `count` answers to echoes sent at or after `since`."""
        until(lambda: sum(t >= since for t in self._answered[-count:]) >= count, seconds,
              f"{count} ping answers from {self.target}")

    def unanswered(self, since, until_time):
        """The number of echoes sent between these times in ns that were not answered."""
        return sum(since < t < until_time for t in list(self._sent.values()))

    def outage(self, since=0):
        """The longest time in ns between two answered echoes in a row, from the last one before `since` on."""
        times = sorted(self._answered)
        before = [t for t in times if t < since][-1:]
        after = before + [t for t in times if t >= since]
        return max((b - a for a, b in zip(after, after[1:])), default=0)


def neighbour(node, address):
    """The MAC that a node has for an address in its ARP or neighbour cache, or None."""
    return next((e.get("lladdr") for e in node.namespace.ip_json("neigh", "show", address)), None)


def forget_neighbours(node):
    node.namespace.ip("neigh", "flush", "dev", "eth0")
