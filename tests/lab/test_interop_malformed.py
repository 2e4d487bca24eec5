# SPDX-License-Identifier: BSD-3-Clause
"""Frames that disturb other routers, live, one of each kind: to a master with a priority that would demote it, and to a
backup with priority 0 that would make it take over. Each is counted under its own reason and changes nothing. Valid
frames of the same kind do."""

import pytest

from harness import frames
from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway, Words
from harness.scenes import scene
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

V4 = VirtualRouter(version=3, interval=0.5)
V6 = VirtualRouter(name="VI_6", version=3, interval=0.5, family=6)
FORGER = {4: "10.99.0.66", 6: "fe80::66"}
FORGER_MAC = "02:00:0a:63:00:42"


class Forge:
    """Frames of a priority for V4 and V6."""

    def __init__(self, priority):
        self.priority = priority

    def v4(self, ip=None, behind=b"", cut=None, **vrrp):
        ip = {"source_mac": FORGER_MAC, "source": FORGER[4], **(ip or {})}
        message = self._message(V4, ip, vrrp) + behind
        return frames.ipv4_frame(message[:cut], **ip)

    def v6(self, ip=None, ahead=b"", **vrrp):
        ip = {"source_mac": FORGER_MAC, "source": FORGER[6], **(ip or {})}
        return frames.ipv6_frame(ahead + self._message(V6, ip, vrrp), **ip)

    def _message(self, router, ip, vrrp):
        return frames.v3_message(**{"vrid": router.vrid, "priority": self.priority, "addresses": router.addresses,
                                    "interval_cs": 50, "source": ip["source"], **vrrp})

    def extended(self, next_header):
        """One extension header of 8 bytes; as a fragment header, with more-fragments set."""
        return self.v6({"next_header": next_header}, ahead=bytes([frames.VRRP, 0]) + b"\0\x01\0\0\0\x07")


# Name: reason, frame.
MALFORMED = {
    "interval 0": ("bad-interval", lambda f: f.v4(interval_cs=0)),
    "interval 0, reserved 0xF": ("bad-interval", lambda f: f.v4(interval_cs=0, reserved=15)),
    "count 255": ("bad-length", lambda f: f.v4(count=255)),
    "count 0": ("no-addresses", lambda f: f.v4(addresses=[])),
    "count 0 and an address": ("bad-length", lambda f: f.v4(count=0)),
    "bytes behind": ("bad-length", lambda f: f.v4(behind=bytes(4))),
    "half a header": ("truncated", lambda f: f.v4(cut=6)),
    "VRRP checksum": ("bad-checksum", lambda f: f.v4(flip_checksum=1)),
    "VRRP version 4": ("bad-version", lambda f: f.v4(first=0x41)),
    "VRRP version 2": ("bad-version", lambda f: f.v4(first=0x21, behind=bytes(8))),
    "VRRP type 2": ("bad-type", lambda f: f.v4(first=0x32)),
    "VRID 0": ("unknown-vrid", lambda f: f.v4(vrid=0)),
    "VRID of nobody": ("unknown-vrid", lambda f: f.v4(vrid=99)),
    "IHL 4": ("bad-ip-header", lambda f: f.v4({"first": 0x44})),
    "IHL 0": ("bad-ip-header", lambda f: f.v4({"first": 0x40})),
    "IHL beyond the packet": ("truncated", lambda f: f.v4({"first": 0x4f})),
    "total length 19": ("bad-ip-header", lambda f: f.v4({"total": 19})),
    "total length beyond the frame": ("truncated", lambda f: f.v4({"total": 33})),
    "IP checksum": ("bad-ip-checksum", lambda f: f.v4({"flip_checksum": 1})),
    "first fragment": ("fragment", lambda f: f.v4({"fragment": 0x2000})),
    "last fragment": ("fragment", lambda f: f.v4({"fragment": 1})),
    "TTL 254": ("bad-ttl", lambda f: f.v4({"ttl": 254})),
    "TTL 0": ("bad-ttl", lambda f: f.v4({"ttl": 0})),
    "to another group": ("bad-destination", lambda f: f.v4({"destination": "224.0.0.1"})),
    "from nowhere": ("bad-source", lambda f: f.v4({"source": "0.0.0.0"})),
    "from a group": ("bad-source", lambda f: f.v4({"source": "224.0.0.18"})),
    "from broadcast": ("bad-source", lambda f: f.v4({"source": "255.255.255.255"})),
    "IPv6, interval 0": ("bad-interval", lambda f: f.v6(interval_cs=0)),
    "IPv6, count 255": ("bad-length", lambda f: f.v6(count=255)),
    "IPv6, count 0": ("no-addresses", lambda f: f.v6(addresses=[])),
    "IPv6, VRRP checksum": ("bad-checksum", lambda f: f.v6(flip_checksum=1)),
    "IPv6, checksum without pseudo-header": ("bad-checksum", lambda f: f.v6(pseudo_header=False)),
    "IPv6, hop limit 254": ("bad-ttl", lambda f: f.v6({"hop_limit": 254})),
    "IPv6, IP version 4": ("bad-ip-header", lambda f: f.v6({"first": 0x45})),
    "IPv6, length beyond the frame": ("truncated", lambda f: f.v6({"length": 41})),
    "IPv6, from a global address": ("bad-source", lambda f: f.v6({"source": "2001:db8:99::66"})),
    "IPv6, from nowhere": ("bad-source", lambda f: f.v6({"source": "::"})),
    "IPv6, hop-by-hop options": ("extension-header", lambda f: f.extended(0)),
    "IPv6, routing header": ("extension-header", lambda f: f.extended(43)),
    "IPv6, fragment": ("extension-header", lambda f: f.extended(44)),
    "IPv6, destination options": ("extension-header", lambda f: f.extended(60)),
}

# Unusual but valid frames: V3-28, V3-32, V3-106, V3-107.
SOUND = {
    "46 bytes, no padding": lambda f: f.v4(),
    "padded to 60 bytes": lambda f: f.v4() + bytes(14),
    "padded with what is not zero": lambda f: f.v4() + b"\xff" * 14,
    "reserved 0xF": lambda f: f.v4(reserved=15),
    "checksum without pseudo-header": lambda f: f.v4(pseudo_header=False),
    "router alert": lambda f: f.v4({"first": 0x46, "options": b"\x94\x04\0\0"}),
    "IPv6, reserved 0xF": lambda f: f.v6(reserved=15),
    "IPv6, padded": lambda f: f.v6() + bytes(14),
}


@scene(ipv6=True)
def test_malformed_frames(lab, measured):
    node_a, node_b, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
    sniffer = Sniffer(host)
    # net_pcap shows single fragments in every configuration; net_af_packet not with qpairs= or kernel = "none".
    settings = {"more": [V6], "port_device": "net_pcap0,iface=eth0"}
    master = DpvrrpGateway(node_a, V4, 150, **settings).start()
    backup = DpvrrpGateway(node_b, V4, 100, **settings).start()
    for router in (V4, V6):
        master.wait_state(MASTER, 8, router.name)
        until(lambda: backup.instance(router.name)[Words.MASTER] == node_a.source(router.family), 3, "its master")

    since = now()
    for gateway, priority in ((master, 255), (backup, 0)):
        transitions = gateway.transitions()
        victim, forge = Attacker(lab, to=gateway.node), Forge(priority)
        for what, (reason, make) in MALFORMED.items():
            before = drops(gateway)
            victim.send(make(forge))
            expected = {**before, reason: before.get(reason, 0) + 1}
            until(lambda: drops(gateway) != before, 3, f"{what} counted by the {gateway.name}")
            assert drops(gateway) == expected, what
        assert gateway.transitions() == transitions
    # If priority 0 had been accepted, the backup would have taken over within the skew time.
    heard_out = now() + int(1.2 * V4.skew_ms(100) * 1e6)
    until(lambda: now() > heard_out, 3, "a skew time")
    assert not sniffer.adverts(node_b)
    for router in (V4, V6):
        assert (master.state(router.name), backup.state(router.name)) == (MASTER, BACKUP)
        times = [since, *(a.time for a in sniffer.adverts(since=since, source=node_a.source(router.family))), now()]
        gap = ms(max(later - earlier for earlier, later in zip(times, times[1:])))
        measured(f"{router.name}: longest gap between adverts under {len(MALFORMED)} malformed frames: {gap:.0f} ms")
        assert gap < 1500
    measured(f"{2 * len(MALFORMED)} frames, reasons: {len({reason for reason, _ in MALFORMED.values()})}")

    accepts_what_is_sound(backup, Attacker(lab, to=node_b))
    sound_twins_have_their_effect(master, backup, Attacker(lab, to=node_a), Attacker(lab, to=node_b))


def accepts_what_is_sound(backup, sender):
    forge, before, transitions = Forge(200), drops(backup), backup.transitions()
    assert len(SOUND["46 bytes, no padding"](forge)) == 46
    for what, make in SOUND.items():
        name = V6.name if what.startswith("IPv6") else V4.name
        forger = FORGER[6 if name == V6.name else 4]

        def is_believed():
            # The sender counts as master until the real one sends, which may be before we read the state.
            sender.send(make(forge))
            return backup.instance(name)[Words.MASTER] == forger
        until(is_believed, 3, lambda: f"{what} accepted; drops {drops(backup)}")
        until(lambda: backup.instance(name)[Words.MASTER] not in FORGER.values(), 3, "the master heard again")
    assert drops(backup) == before
    assert backup.transitions() == transitions


def sound_twins_have_their_effect(master, backup, to_master, to_backup):
    to_backup.send(Forge(0).v4(reserved=15))
    # Not for long: the master answers a lower priority at once.
    until(lambda: [t for t in backup.transitions() if "master-resigned" in t], 2, "the backup took over")
    to_master.send(Forge(255).v6(reserved=15))
    until(lambda: [t for t in master.transitions() if "higher-priority" in t], 2, "the master gave way")


def drops(gateway):
    """Without the drops that are ordinary on a LAN."""
    return {reason: count for reason, count in gateway.drops().items() if reason != "not-vrrp"}
