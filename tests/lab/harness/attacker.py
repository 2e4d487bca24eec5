# SPDX-License-Identifier: BSD-3-Clause
"""Sends prepared frames at a fixed rate for a bounded time, only on a veth of the lab."""

import random
import socket
import time

from . import frames

MAX_RATE = 5000  # frames a second
MAX_SECONDS = 60


class Attacker:
    """`to`: the only Node to attack, through the switch's end of its cable. Without it, the whole LAN, from `node`."""

    def __init__(self, lab, node=None, to=None):
        namespace, device = (lab.switch, to.name) if to else (node.namespace, "eth0")
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self._socket.bind((device, 0))
        lab.cleanup.callback(self._socket.close)

    def send(self, frame):
        self._socket.send(frame)

    def flood(self, forged, rate, seconds):
        """Sends the list repeatedly, a part every 5 ms; returns the number of frames sent."""
        assert rate <= MAX_RATE and seconds <= MAX_SECONDS
        sent, started = 0, time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            while sent < rate * elapsed:
                self._socket.send(forged[sent % len(forged)])
                sent += 1
            time.sleep(0.005)
        return sent


def bad_icv(count, *, source_mac, source, vrid, priority, addresses, first_sequence, seed=1):
    """Adverts with fresh sequence numbers and a random ICV."""
    chance = random.Random(seed)
    return [frames.build_advert(source_mac=source_mac, source=source, vrid=vrid, priority=priority, addresses=addresses,
                                sequence=first_sequence + i, icv=chance.randbytes(12)) for i in range(count)]


def truncated(good, seed=1):
    """Good frames cut anywhere after the Ethernet header."""
    chance = random.Random(seed)
    return [frame[:chance.randrange(15, len(frame))] for frame in good]


def interleaved(*lists):
    """Alternates between the lists until each has been used as often as the longest."""
    longest = max(map(len, lists))
    return [part[i % len(part)] for i in range(longest) for part in lists]
