# SPDX-License-Identifier: BSD-3-Clause
"""Frames as the lab sees them: a small parser of adverts and ARP, and a builder of adverts, written from the RFCs and
independent of the C++ under test."""

import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass, field

GROUP = "224.0.0.18"
GROUP_MAC = bytes.fromhex("01005e000012")
BROADCAST = "ff:ff:ff:ff:ff:ff"
VRRP, AH = 112, 51


def mac_text(raw):
    return raw.hex(":")


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def ip_text(raw):
    return str(ipaddress.IPv4Address(raw))


def ip_bytes(text):
    return ipaddress.IPv4Address(text).packed


def virtual_mac(vrid):
    return f"00:00:5e:00:01:{vrid:02x}"


@dataclass(frozen=True)
class Advert:
    """A VRRPv2 advert. `spi` is None without AH."""
    time: int  # ns, when the kernel stamped it
    source_mac: str
    source: str
    destination: str
    tos: int
    ttl: int
    spi: int | None
    sequence: int | None
    icv: bytes
    vrid: int
    priority: int
    auth_type: int
    interval: int
    addresses: tuple
    password: bytes
    frame: bytes = field(repr=False)


@dataclass(frozen=True)
class Arp:
    time: int
    source_mac: str
    destination_mac: str
    operation: int  # 1 request, 2 reply
    sender_mac: str
    sender: str
    target_mac: str
    target: str

    @property
    def gratuitous(self):
        return self.sender == self.target


def parse(time, frame):
    """An Advert, an Arp, or None for anything else and anything malformed."""
    try:
        kind = frame[12:14]
        if kind == b"\x08\x00":
            return _parse_advert(time, frame)
        if kind == b"\x08\x06":
            return _parse_arp(time, frame)
    except (struct.error, IndexError):
        pass
    return None


def _parse_advert(time, frame):
    ip = frame[14:]
    total, ttl, protocol = struct.unpack_from("!2xH4xBB", ip)
    vrrp, spi, sequence, icv = 20, None, None, b""
    if protocol == AH:
        next_header, words, spi, sequence = struct.unpack_from("!BBxxII", ip, 20)
        if next_header != VRRP:
            return None
        vrrp = 20 + (words + 2) * 4
        icv = ip[32:vrrp]
    elif protocol != VRRP:
        return None
    version, vrid, priority, count, auth_type, interval = struct.unpack_from("!6B", ip, vrrp)
    end = vrrp + 8 + 4 * count
    if version != 0x21 or len(ip) < total or total < end + 8:
        return None
    return Advert(time, mac_text(frame[6:12]), ip_text(ip[12:16]), ip_text(ip[16:20]), ip[1], ttl, spi, sequence, icv,
                  vrid, priority, auth_type, interval,
                  tuple(ip_text(ip[at:at + 4]) for at in range(vrrp + 8, end, 4)), ip[end:end + 8], frame)


def _parse_arp(time, frame):
    operation, sender_mac, sender, target_mac, target = struct.unpack_from("!6xH6s4s6s4s", frame, 14)
    return Arp(time, mac_text(frame[6:12]), mac_text(frame[:6]), operation,
               mac_text(sender_mac), ip_text(sender), mac_text(target_mac), ip_text(target))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icv_of(key, ip):
    """HMAC-MD5-96 as keepalived computes it for multicast: TOS, flags, header checksum and ICV as zero, TTL as sent."""
    covered = bytearray(ip)
    covered[1] = 0
    covered[6:8] = covered[10:12] = b"\0\0"
    covered[32:44] = bytes(12)
    return hmac.new(key, bytes(covered), hashlib.md5).digest()[:12]


def icv_is_good(advert, key):
    ip = advert.frame[14:]
    return hmac.compare_digest(icv_of(key, ip[:int.from_bytes(ip[2:4], "big")]), advert.icv)


def build_advert(*, source_mac, source, vrid, priority, addresses, sequence, key=None, icv=None, interval=1, ip_id=1):
    """An AH advert, signed with `key` or carrying the 12 bytes `icv` as they are."""
    vrrp = struct.pack("!6BH", 0x21, vrid, priority, len(addresses), 2, interval, 0)
    vrrp += b"".join(map(ip_bytes, addresses)) + bytes(8)
    vrrp = vrrp[:6] + struct.pack("!H", checksum(vrrp)) + vrrp[8:]
    ah = struct.pack("!BBH4sI12x", VRRP, 4, 0, ip_bytes(source), sequence)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 20 + len(ah) + len(vrrp), ip_id, 0, 255, AH, 0, ip_bytes(source),
                       ip_bytes(GROUP))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    ip = head + ah + vrrp
    ip = ip[:32] + (icv if icv is not None else icv_of(key, ip)) + ip[44:]
    return GROUP_MAC + mac_bytes(source_mac) + b"\x08\x00" + ip
