# SPDX-License-Identifier: BSD-3-Clause
"""A small parser of adverts, ARP and neighbour advertisements, and builders of adverts. Written from the RFCs and
independent of the C++ under test."""

import hashlib
import hmac
import ipaddress
import struct
from dataclasses import dataclass, field

GROUP = "224.0.0.18"
GROUP_MAC = bytes.fromhex("01005e000012")
GROUP6 = "ff02::12"
GROUP6_MAC = bytes.fromhex("333300000012")
BROADCAST = "ff:ff:ff:ff:ff:ff"
VRRP, AH, ICMPV6 = 112, 51, 58


def mac_text(raw):
    return raw.hex(":")


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def ip_text(raw):
    return str(ipaddress.ip_address(raw))


def ip_bytes(text):
    return ipaddress.ip_address(text).packed


def virtual_mac(vrid, family=4):
    return f"00:00:5e:00:0{1 if family == 4 else 2}:{vrid:02x}"


@dataclass(frozen=True)
class Advert:
    """A VRRP advert of version 2 or 3. `spi` is None without AH; without `auth_type` and `password` it is version 3."""
    time: int  # ns, the kernel's time stamp
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
    auth_type: int | None
    interval: float  # seconds
    addresses: tuple
    password: bytes | None
    frame: bytes = field(repr=False)

    @property
    def version(self):
        return 3 if self.auth_type is None else 2


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


@dataclass(frozen=True)
class NeighbourAdvert:
    """RFC 4861 4.4. `mac` is the target link-layer address option, or None."""
    time: int
    source_mac: str
    source: str
    destination: str
    hop_limit: int
    router: bool
    solicited: bool
    override: bool
    target: str
    mac: str | None


def parse(time, frame):
    """An Advert, an Arp, a NeighbourAdvert, or None for anything else and anything malformed."""
    try:
        kind = frame[12:14]
        if kind == b"\x08\x00":
            return _parse_advert(time, frame)
        if kind == b"\x86\xdd":
            return _parse_ipv6(time, frame)
        if kind == b"\x08\x06":
            return _parse_arp(time, frame)
    except (struct.error, IndexError, ValueError):
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
    elif ip[vrrp] == 0x31:
        return _parse_v3(time, frame, ip_text(ip[12:16]), ip_text(ip[16:20]), ip[1], ttl, ip[vrrp:total], 4)
    version, vrid, priority, count, auth_type, interval = struct.unpack_from("!6B", ip, vrrp)
    end = vrrp + 8 + 4 * count
    if version != 0x21 or len(ip) < total or total < end + 8:
        return None
    return Advert(time, mac_text(frame[6:12]), ip_text(ip[12:16]), ip_text(ip[16:20]), ip[1], ttl, spi, sequence, icv,
                  vrid, priority, auth_type, interval,
                  tuple(ip_text(ip[at:at + 4]) for at in range(vrrp + 8, end, 4)), ip[end:end + 8], frame)


def _parse_v3(time, frame, source, destination, tos, ttl, message, address_bytes):
    vrid, priority, count, interval = struct.unpack_from("!xBBBH", message)
    if len(message) < 8 + address_bytes * count:
        return None
    addresses = tuple(ip_text(message[at:at + address_bytes])
                      for at in range(8, 8 + address_bytes * count, address_bytes))
    return Advert(time, mac_text(frame[6:12]), source, destination, tos, ttl, None, None, b"", vrid, priority, None,
                  (interval & 0xfff) / 100, addresses, None, frame)


def _parse_ipv6(time, frame):
    first, length, next_header, hop_limit = struct.unpack_from("!IHBB", frame, 14)
    source, destination = ip_text(frame[22:38]), ip_text(frame[38:54])
    message = frame[54:54 + length]
    if len(message) < length:
        return None
    if next_header == VRRP and message[0] == 0x31:
        return _parse_v3(time, frame, source, destination, first >> 20 & 0xff, hop_limit, message, 16)
    if next_header == ICMPV6 and message[0] == 136:
        flags, target, options = message[4], ip_text(message[8:24]), message[24:]
        mac = mac_text(options[2:8]) if options[:2] == b"\x02\x01" else None
        return NeighbourAdvert(time, mac_text(frame[6:12]), source, destination, hop_limit, bool(flags & 0x80),
                               bool(flags & 0x40), bool(flags & 0x20), target, mac)
    return None


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
    """An AH advert, signed with `key`, or with the 12 bytes of `icv` unchanged."""
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


def v3_message(*, vrid, priority, addresses, source, interval_cs=100, first=0x31, reserved=0, count=None,
               destination=None, pseudo_header=True, flip_checksum=0):
    """A VRRPv3 message with any values in its fields and a matching checksum."""
    destination = destination or (GROUP if len(ip_bytes(source)) == 4 else GROUP6)
    listed = b"".join(map(ip_bytes, addresses))
    head = struct.pack("!4BH", first, vrid, priority, len(addresses) if count is None else count,
                       reserved << 12 | interval_cs)
    whole = head + b"\0\0" + listed
    pseudo = b""
    if pseudo_header:
        pseudo = ip_bytes(source) + ip_bytes(destination) + struct.pack("!IxxxB", len(whole), VRRP)
    return head + struct.pack("!H", checksum(pseudo + whole) ^ flip_checksum) + listed


def ipv4_frame(payload, *, source_mac, source, destination=GROUP, destination_mac=GROUP_MAC, ttl=255, protocol=VRRP,
               first=0x45, fragment=0, total=None, options=b"", flip_checksum=0):
    """An Ethernet frame, not padded. `fragment`: flags and offset as in the header; `first`: version and IHL, for
    `options` with a right or wrong length."""
    head = struct.pack("!BBHHHBBH4s4s", first, 0xc0, 20 + len(options) + len(payload) if total is None else total, 1,
                       fragment, ttl, protocol, 0, ip_bytes(source), ip_bytes(destination)) + options
    covered = head[:max((first & 15) * 4, 20)]
    head = head[:10] + struct.pack("!H", checksum(covered) ^ flip_checksum) + head[12:]
    return destination_mac + mac_bytes(source_mac) + b"\x08\x00" + head + payload


def ipv6_frame(payload, *, source_mac, source, destination=GROUP6, destination_mac=GROUP6_MAC, hop_limit=255,
               next_header=VRRP, first=0x6c, length=None):
    head = struct.pack("!BxxxHBB16s16s", first, len(payload) if length is None else length, next_header, hop_limit,
                       ip_bytes(source), ip_bytes(destination))
    return destination_mac + mac_bytes(source_mac) + b"\x86\xdd" + head + payload
