# SPDX-License-Identifier: BSD-3-Clause
"""Plants one fault of each kind on a LAN: `diagnose` names the fault and the culprit, and nothing else. The test in
fake time that plants all of them is tests/unit/control/rogues/diagnose_test.cc."""

import hashlib
import hmac
import struct
import subprocess
import time

import pytest

from harness import frames
from harness.appliance import VIP, VIP6, Appliance
from harness.attacker import Attacker
from harness.dpvrrpd import DpvrrpGateway
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import now, until

pytestmark = pytest.mark.daemon

AH, PLAIN, V3 = VirtualRouter(), VirtualRouter(authentication="none"), VirtualRouter(version=3)
HMAC = VirtualRouter(version=3, authentication="auth-hmac", key="Wq7vTz2mKx9pRb4nLc8sYd3gHf6jEa5u")
ROGUE, ROGUE_MAC = "10.99.0.9", "02:00:0a:63:00:09"
FIRST = 1000  # numbers from here on are ahead of the group's


def ah(i, **changes):
    return frames.build_advert(**{"source_mac": ROGUE_MAC, "source": ROGUE, "vrid": AH.vrid, "priority": 90,
                                  "addresses": AH.addresses, "sequence": FIRST + 10 * i, "key": AH.key_bytes, **changes})


def plain(priority=90, vrid=51, addresses=PLAIN.addresses, **ip):
    listed = b"".join(map(frames.ip_bytes, addresses)) + bytes(8)
    head = struct.pack("!6B", 0x21, vrid, priority, len(addresses), 0, 1)
    message = head + struct.pack("!H", frames.checksum(head + b"\0\0" + listed)) + listed
    return frames.ipv4_frame(message, **{"source_mac": ROGUE_MAC, "source": ROGUE, **ip})


def v3(**changes):
    message = frames.v3_message(**{"vrid": 51, "priority": 90, "addresses": V3.addresses, "source": ROGUE, **changes})
    return frames.ipv4_frame(message, source_mac=ROGUE_MAC, source=ROGUE)


def tagged(frame, vlan):
    return frame[:12] + b"\x81\x00" + struct.pack("!H", vlan) + frame[12:]


def each_second(make, seconds=4):
    """Sends the frames of `make` for each second, numbered from 1."""
    def plant(sender, _):
        for i in range(1, seconds + 1):
            made = make(i)
            for frame in made if isinstance(made, list) else [made]:
                sender.send(frame)
            pause(1)
    return plant


def pause(seconds):
    end = now() + seconds * 1e9
    until(lambda: now() > end, seconds + 5, f"{seconds} s pass")


def stale(sender, gateway):
    until(lambda: gateway.instance()["sequence_sent"] >= 8, 20, "a group that is ahead")
    each_second(lambda i: ah(i, sequence=i, priority=200), 2)(sender, gateway)


def restarted(sender, gateway):
    each_second(ah, 3)(sender, gateway)
    pause(25)  # as long as it takes to restart a gateway
    each_second(lambda i: ah(i, sequence=i), 4)(sender, gateway)


def looped(sender, gateway):
    each_second(lambda i: plain(priority=100, source=gateway.node.address, source_mac=gateway.node.mac))(sender, gateway)


def with_trailer(key, seconds_ahead):
    """A VRRPv3 advert with the auth_hmac trailer of a sender whose clock differs."""
    message = frames.v3_message(vrid=51, priority=90, addresses=V3.addresses, source=ROGUE)
    utc = time.time() + seconds_ahead
    trailer = struct.pack("!BBHIHH", 1, 1, 0, int(utc), int(utc % 1 * 65536), 0)
    pseudo = bytes([4, 3, 51, 0]) + frames.ip_bytes(ROGUE).ljust(16, b"\0")
    covered = message[:6] + b"\0\0" + message[8:] + trailer + bytes(16)
    mac = hmac.new(key, pseudo + covered, hashlib.sha256).digest()[:16]
    return frames.ipv4_frame(message + trailer + mac, source_mac=ROGUE_MAC, source=ROGUE)


# Verdict: router, our priority, the planted fault, and the host whose address must be named.
PLANTED = {
    "duplicate-vrid": (AH, 100, each_second(lambda i: ah(i, addresses=("10.99.0.200",))), ROGUE),
    "two-owners": (PLAIN, 255, each_second(lambda i: plain(priority=255)), ROGUE),
    "stale-gateway": (AH, 100, stale, ROGUE),
    "replay": (AH, 100, each_second(lambda i: [ah(i), ah(1, source_mac="02:00:0a:63:00:66")]), ROGUE),
    "wrong-key": (AH, 100, each_second(lambda i: ah(i, key=b"0ther\0\0\0")), ROGUE),
    "wrong-auth-kind": (AH, 100, each_second(lambda i: plain()), ROGUE),
    "nobody-hears-us": (PLAIN, 100, each_second(lambda i: plain(), 10), ROGUE),
    "two-masters": (PLAIN, 100, each_second(lambda i: [
        plain(priority=200, source="10.99.0.8", source_mac="02:00:0a:63:00:08"), plain(priority=150)], 10), ROGUE),
    "vmac-elsewhere": (PLAIN, 100, each_second(
        lambda i: tagged(plain(source_mac=frames.virtual_mac(51), source="10.99.0.1"), 7)), "10.99.0.1"),
    "vlan-mismatch": (AH, 100, each_second(lambda i: tagged(ah(i), 7)), ROGUE),
    "own-frames-looped": (PLAIN, 100, looped, "10.99.0.1"),
    "source-address-taken": (AH, 100, each_second(lambda i: ah(i, source="10.99.0.1")), "10.99.0.1"),
    "doubled-by-network": (AH, 100, each_second(lambda i: [ah(i, priority=200)] * 2, 6), ROGUE),
    "clock-skew": (HMAC, 100, each_second(lambda i: with_trailer(HMAC.key.encode(), 90)), ROGUE),
    "vip-list-mismatch": (AH, 100, each_second(lambda i: ah(i, addresses=(*AH.addresses, "10.99.0.101"))), ROGUE),
    "interval-mismatch": (AH, 100, each_second(lambda i: ah(i, interval=5)), ROGUE),
    "version-mismatch": (PLAIN, 100, each_second(lambda i: v3()), ROGUE),
    "checksum-mismatch": (V3, 100, each_second(lambda i: v3(flip_checksum=1)), ROGUE),
    "ttl-not-255": (PLAIN, 100, each_second(lambda i: plain(ttl=254)), ROGUE),
    "restarted-peer": (AH, 100, restarted, ROGUE),
    "equal-priorities": (PLAIN, 100, each_second(lambda i: plain(priority=100)), ROGUE),
    "vrid-mismatch": (PLAIN, 100, each_second(lambda i: plain(vrid=99)), ROGUE),
    "unconfigured-vrid": (PLAIN, 100, each_second(lambda i: plain(vrid=99, addresses=("10.99.0.55",))), ROGUE),
}


@pytest.mark.parametrize("verdict", PLANTED)
@scene()
def test_a_planted_fault_is_named(lab, measured, verdict):
    router, priority, plant, address = PLANTED[verdict]
    node = lab.node("gw-a")
    gateway = DpvrrpGateway(node, router, priority).start()
    gateway.wait_state("Master", 10)
    plant(Attacker(lab, to=node), gateway)
    found = gateway.json("diagnose")
    assert [(f["verdict"], f["address"]) for f in found] == [(verdict, address)], gateway.ctl("show", "senders")
    text = gateway.ctl("diagnose")
    assert address in text and "Mend:" in text


@pytest.mark.parametrize("vip", [VIP, VIP6])
@scene()
def test_another_host_answers_for_our_address(lab, measured, vip):
    """The kernel of another machine has our address and answers a host's request. The LAN delivers the answer to all
    nodes, like a hub, or like a switch that does not know the host."""
    gateway = Appliance(lab.node("gw-a"), 100).start()
    gateway.wait_both("Master")
    thief, host = lab.node("thief"), lab.node("host")
    lab.switch.run("bridge", "link", "set", "dev", "host", "learning", "off")
    lab.switch.ip("link", "set", "host", "type", "bridge_slave", "fdb_flush")
    length = 24
    if ":" in vip:
        for node in (thief, host):
            node.namespace.sysctl("net.ipv6.conf.eth0.disable_ipv6=0", "net.ipv6.conf.eth0.accept_dad=0")
        host.namespace.ip("addr", "add", "2001:db8:51::3/64", "dev", "eth0", "nodad")
        length = 64
    thief.namespace.ip("addr", "add", f"{vip}/{length}", "dev", "eth0", *(["nodad"] if ":" in vip else []))
    assert gateway.json("diagnose") == []
    asks = host.namespace.command("ping", "-c", "1", "-W", "1", "-I", "eth0", vip)
    subprocess.run(asks, capture_output=True, timeout=20)  # any answer is enough
    found = until(lambda: gateway.json("diagnose"), 5, "diagnose names a sender")
    assert [(f["verdict"], f["address"], f["mac"]) for f in found] == [("address-conflict", vip, thief.mac)]
    text = gateway.ctl("diagnose")
    assert thief.mac in text and "Mend:" in text
    assert gateway.state() == "Master"
