# SPDX-License-Identifier: BSD-3-Clause
"""The auth_hmac trailer of adverts, read and verified from the draft's text, independent of the C++ under test."""

import hashlib
import hmac
import struct
from dataclasses import dataclass

from .frames import checksum, ip_bytes


@dataclass(frozen=True)
class Trailer:
    kind: int
    key_id: int
    reserved: int
    seconds: int
    fraction: int
    counter: int
    good: bool  # HMAC and VRRP checksum

    @property
    def number(self):
        return self.seconds << 32 | self.fraction << 16 | self.counter


def trailer_of(advert, key):
    """None if the advert has no trailer."""
    ip = advert.frame[14:]
    family = ip[0] >> 4
    payload = ip[20:int.from_bytes(ip[2:4], "big")] if family == 4 else ip[40:40 + int.from_bytes(ip[4:6], "big")]
    source, destination = ip_bytes(advert.source), ip_bytes(advert.destination)
    version, vrid, count = payload[0] >> 4, payload[1], payload[3]
    end = 8 + count * len(source) + (8 if version == 2 else 0)
    if len(payload) != end + 28:
        return None
    covered = bytearray(payload[:end + 12])
    covered[6:8] = b"\0\0"
    pseudo = bytes([family, version, vrid, 0]) + source.ljust(16, b"\0")
    right = hmac.new(key, pseudo + bytes(covered) + bytes(16), hashlib.sha256).digest()[:16]
    summed = payload if family == 6 else payload[:end]  # IPv6: the kernel's checksum covers the trailer too
    if version == 3:
        summed = source + destination + struct.pack("!IxxxB", len(summed), 112) + summed
    return Trailer(*struct.unpack_from("!BBHIHH", payload, end), right == payload[end + 12:] and checksum(summed) == 0)
