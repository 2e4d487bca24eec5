# SPDX-License-Identifier: BSD-3-Clause
"""A port whose twin is the kernel's interface (docs/decisions/0029): the node's addresses, TCP, tags and virtual MACs
work on it, while the port is a gateway's."""

import contextlib
import fcntl
import socket
import struct
import subprocess

import pytest

from harness import frr
from harness.bgp import BgpSpeaker
from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway
from harness.frames import mac_bytes
from harness.generator import Generator
from harness.host import Pinger, neighbour
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.twin import TWIN, Talk, TwinGateway, complete_checksums
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

ROUTER = VirtualRouter(version=3, authentication="none", interval=0.2)


def gateway_on(node, priority=100, router=ROUTER, **settings):
    gateway = TwinGateway(node, router, priority, **settings).start()
    gateway.give_addresses()
    return gateway


def listener(node, device):
    with node.namespace.entered():
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        raw.bind((device, 0))
    raw.settimeout(0.2)
    return raw


def receives(raw, frame, seconds=5):
    """Reads past other frames, of which there may be many."""
    def seen():
        with contextlib.suppress(TimeoutError):
            while raw.recv(4096)[:len(frame)] != frame:
                continue
            return True
    until(seen, seconds, f"a frame that begins with {frame[:20].hex()}")


@scene(ipv6=True)
def test_the_kernel_lives_on_the_twin(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    complete_checksums(host)
    gateway = gateway_on(node)
    gateway.wait_carrier(True)
    assert gateway.link()["address"] == node.mac == gateway.json("show", "ports")[0]["mac"]
    for address, own in ((node.address, node.mac), (f"2001:db8:99::{node.number:x}", node.mac)):
        Pinger(host, address).wait_answers()
        assert neighbour(host, address) == own
        Talk(lab, node, address, host).works()
    Pinger(node, host.address).wait_answers()
    twin = gateway.twin()
    measured(f"{twin}")
    assert twin["interface"] == TWIN and twin["link"] == "up" and twin["up"] > 100 and twin["down"] > 100
    assert [twin[c] for c in ("up_refused", "up_dropped", "down_dropped", "down_too_long")] == [0, 0, 0, 0]


@scene()
def test_frames_pass_unchanged(lab, measured):
    """Tags, foreign source addresses and unknown protocols, both ways; a tagged segment may be the kernel's alone."""
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node)
    gateway.wait_state(MASTER, 10)
    there, here = listener(host, "eth0"), listener(node, TWIN)
    for tags in (b"", bytes.fromhex("8100 e007"), bytes.fromhex("88a8 0064 8100 0007")):
        for destination in ("ff:ff:ff:ff:ff:ff", "01:00:5e:01:02:03"):
            for sender, receiver in ((there, here), (here, there)):
                macs = mac_bytes(destination) + mac_bytes("02:00:0a:63:00:77")
                frame = macs + tags + bytes.fromhex("88b5") + bytes(60)
                sender.send(frame)
                if not tags:  # the kernel shows a packet socket a frame without its tag
                    receives(receiver, frame)
                else:
                    receives(receiver, macs)
    # The largest frame of the MTU, and none of our own adverts.
    there.send(frame := mac_bytes(node.mac) + mac_bytes(host.mac) + bytes.fromhex("88b5") + bytes(1500))
    receives(here, frame)
    here.settimeout(1)
    begun = now()
    while ms(now() - begun) < 800:
        try:
            assert here.recv(4096)[23] != 112, "an advert of ours came back through the twin"
        except TimeoutError:
            break


@scene()
def test_two_workers_share_a_twin(lab, measured):
    """The port has one queue, so one worker hands the frames of odd VLANs to the other, which writes them too."""
    node, host = lab.node("gw-b"), lab.node("host")

    class TwoWorkers(TwinGateway):
        eal = (*TwinGateway.eal, "--lcores=0@0,1@1,2@0")

        def write_config(self):
            super().write_config()
            self.config_file.write_text(self.config_file.read_text().replace("lcores = [1]", "lcores = [1, 2]"))

    gateway = TwoWorkers(node, ROUTER, 100).start()
    gateway.give_addresses()
    Pinger(host, node.address).wait_answers()
    assert gateway.json("show", "ports")[0]["steering"] == "hand-off"
    there, here = listener(host, "eth0"), listener(node, TWIN)
    for vid in (6, 7, 8, 9):
        frame = mac_bytes("ff:ff:ff:ff:ff:ff") + mac_bytes(f"02:00:0a:63:00:{vid:02x}") + b"\x81\0\0" + bytes([vid])
        there.send(frame + bytes.fromhex("88b5") + bytes(46))
        receives(here, frame[:12])
    workers = gateway.json("show", "workers")
    assert all(worker["handed_over"] > 0 or worker["received"] == 0 for worker in workers), workers
    twin = gateway.twin()
    assert (twin["up_dropped"], twin["up_refused"], twin["down_dropped"]) == (0, 0, 0)


@pytest.mark.parametrize("source_mac", ["port", "virtual"])
@scene()
def test_connections_stay_while_mastership_moves(lab, measured, source_mac):
    node_a, node, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
    for one in (node_a, host):
        complete_checksums(one)
    a = KeepalivedGateway(node_a, ROUTER, 150)
    b = gateway_on(node, source_mac=source_mac)
    b.wait_state(MASTER, 10)
    vip = ROUTER.addresses[0]
    until(lambda: vip in node.addresses(), 5, lambda: f"the address is on the twin: {node.addresses()}")
    if source_mac == "port":
        assert node.addresses()[vip] == TWIN
    own, shared = Talk(lab, node, node.address, host), Pinger(host, vip)
    shared.wait_answers()
    assert neighbour(host, vip) == (ROUTER.mac if source_mac == "virtual" else node.mac)

    a.start()
    a.wait_state("MASTER", 10)
    b.wait_state(BACKUP, 5)
    own.works()
    shared.wait_answers(since=now())
    until(lambda: vip not in node.addresses(), 5, lambda: f"b gave it up: {node.addresses()}")
    crash = a.power_off()
    b.wait_state(MASTER, 10)
    shared.wait_answers(since=now())
    measured(f"{source_mac}: host out {ms(shared.outage(crash)):.0f} ms after keepalived's crash")
    own.works()
    a.power_on()
    a.wait_state("MASTER", 10)
    b.wait_state(BACKUP, 5)
    assert not a.complaints() and not set(b.drops()) - {"not-vrrp", "own-echo"}
    assert b.stop() == 0


@pytest.mark.skipif(frr.missing() is not None, reason=str(frr.missing()))
@scene()
def test_a_bgp_session_stays_over_takeovers_and_reloads(lab, measured):
    node_a, node, host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
    for one in (node_a, host):
        complete_checksums(one)
    a = KeepalivedGateway(node_a, ROUTER, 150)
    b = gateway_on(node)
    b.wait_state(MASTER, 10)
    speakers = [BgpSpeaker(node, 65001, host.address, 65002), BgpSpeaker(host, 65002, node.address, 65001)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.wait_established()
    began = [speaker.session()["bgpTimerUpEstablishedEpoch"] for speaker in speakers]

    def hears_more(step):
        """Both hear another keepalive, which is every 3 s."""
        heard = [speaker.keepalives() for speaker in speakers]
        until(lambda: all(s.keepalives() > n for s, n in zip(speakers, heard)), 8, f"keepalives after {step}", step=0.2)

    a.start()
    b.wait_state(BACKUP, 10)
    hears_more("keepalived took over")
    a.power_off()
    b.wait_state(MASTER, 10)
    hears_more("dpvrrpd took over")
    b.priority = 120
    b.write_config()
    b.ctl("reload")
    until(lambda: b.instance()["priority"] == 120, 5, b.instance)
    hears_more("a reload")
    for speaker, epoch in zip(speakers, began):
        session = speaker.session()
        assert session["bgpState"] == "Established" and abs(session["bgpTimerUpEstablishedEpoch"] - epoch) <= 1, session
        assert (session["connectionsEstablished"], session["connectionsDropped"]) == (1, 0), session
    measured(f"BGP stays Established for {speakers[0].session()['bgpTimerUpMsec'] / 1000:.0f} s")


@scene()
def test_a_jumbo_frame_is_not_cut(lab, measured):
    """The port receives it in several buffers. The worker drops and counts it, and the twin carries no part of it."""
    node, host = lab.node("gw-b"), lab.node("host")
    allow_jumbo_frames(lab, host, node)
    gateway = gateway_on(node)
    gateway.wait_carrier(True)
    there, here = listener(host, "eth0"), listener(node, TWIN)
    macs = mac_bytes(node.mac) + mac_bytes(host.mac)
    jumbo, small = macs + bytes.fromhex("88b5") + bytes(8900), macs + bytes.fromhex("88b6") + bytes(60)
    there.send(jumbo)
    there.send(small)
    seen = []

    def comes_small():
        with contextlib.suppress(TimeoutError):
            seen.append(here.recv(16_384))
        return bool(seen) and seen[-1].startswith(small[:14])

    until(comes_small, 5, "the frame behind it")
    assert not [len(frame) for frame in seen if frame.startswith(jumbo[:14])]
    until(lambda: gateway.json("show", "workers")[0]["lost"] == 1, 5, lambda: gateway.json("show", "workers"))


def allow_jumbo_frames(lab, *nodes):
    lab.switch.ip("link", "set", "br0", "mtu", "9000")
    for node in nodes:
        lab.switch.ip("link", "set", node.name, "mtu", "9000")
        node.namespace.ip("link", "set", "eth0", "mtu", "9000")


@contextlib.contextmanager
def joined(node, device, groups):
    """The node's kernel is a member of so many groups of each family on the device."""
    node.namespace.sysctl(f"net.ipv4.igmp_max_memberships={groups}")
    index = node.namespace.ip_json("link", "show", device)[0]["ifindex"]
    with node.namespace.entered(), contextlib.ExitStack() as stack:
        for first in range(0, groups, 100):  # the kernel limits the memory of a socket
            four = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            six = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            for i in range(first, min(first + 100, groups)):
                group = socket.inet_aton(f"239.1.{i // 250}.{i % 250}")
                four.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + struct.pack("4xi", index))
                group = socket.inet_pton(socket.AF_INET6, f"ff05::1:{i:x}")
                six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("i", index))
        yield


@scene(ipv6=True)
def test_a_flood_does_not_delay_adverts(lab, measured):
    """1,000 groups of each family on the twin, as many frames as the generator sends, and jumbo frames, which the port
    receives and the twin does not carry. A backup on the LAN, which would take over after three missed adverts, stays
    backup."""
    router = VirtualRouter(version=3, authentication="none", interval=1)
    node_a, node, host = (lab.node(name) for name in ("gw-a", "gw-b", "host"))
    allow_jumbo_frames(lab, node_a, node, host)
    gateway = gateway_on(node, router=router)
    gateway.wait_state(MASTER, 15)
    backup = DpvrrpGateway(node_a, router, 50).start()
    backup.wait_state(BACKUP, 10)
    there, here = listener(host, "eth0"), listener(node, TWIN)
    macs = mac_bytes("01:00:5e:01:00:01") + mac_bytes(host.mac)
    jumbo, largest = macs + bytes.fromhex("88b5") + bytes(8900), macs + bytes.fromhex("88b5") + bytes(1500)
    before, sent = gateway.twin(), gateway.json("show", "segments")[0]["sent"]
    with joined(node, TWIN, 1000):
        flood = subprocess.Popen(Generator(host).command(
            "--kind", "udp", "--vrid", "51", "--source-address", host.address, "--address", "10.99.0.100",
            "--rate", "1000000", "--frames", "0", "--duration", "8s"), stdout=subprocess.DEVNULL)
        lab.cleanup.callback(flood.kill)
        while flood.poll() is None:
            for sender, frame in ((there, jumbo), (here, largest)):
                with contextlib.suppress(OSError):  # the queue is full
                    sender.send(frame)
    after = gateway.twin()
    assert flood.returncode == 0
    measured(f"{after['up'] - before['up']} frames up, {after['down'] - before['down']} down")
    assert after["up"] - before["up"] > 10_000 and after["down"] > before["down"], after
    assert gateway.json("show", "segments")[0]["sent"] - sent >= 7  # one a second; the last may be on its way
    assert (gateway.state(), backup.state()) == (MASTER, BACKUP)
    assert not [event for event in backup.events() if "Backup -> Master" in str(event)], backup.events()


@scene()
def test_the_twin_follows_the_port_and_outlives_the_daemon(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node)
    index = gateway.link()["ifindex"]
    gateway.wait_carrier(True)
    node.unplug()
    gateway.wait_carrier(False)
    assert gateway.twin()["link"] == "down"
    node.plug()
    gateway.wait_carrier(True)
    pinger = Pinger(host, node.address)
    pinger.wait_answers(since=now())
    node.namespace.ip("link", "set", "eth0", "down")  # the port is closed, and opened again
    gateway.wait_carrier(False)
    node.namespace.ip("link", "set", "eth0", "up")
    gateway.wait_carrier(True)
    pinger.wait_answers(since=now())
    for end in (gateway.stop, gateway.kill):
        end()
        gateway.wait_carrier(False)
        assert node.address in node.addresses()
        gateway.start()
        gateway.wait_carrier(True)
        pinger.wait_answers(since=now())
    assert gateway.link()["ifindex"] == index


@scene()
def test_the_port_follows_the_twin(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node)
    gateway.wait_state(MASTER, 10)
    ip, other = node.namespace.ip, "02:00:0a:63:00:99"
    ip("link", "set", TWIN, "mtu", "9000")
    until(lambda: gateway.link()["mtu"] == 1500, 5, lambda: gateway.link())
    until(lambda: gateway.log("MTU 9000: must be at most 2022"), 5, gateway.log)
    ip("link", "set", TWIN, "mtu", "1400")
    until(lambda: gateway.twin()["mtu"] == 1400, 5, gateway.twin)
    ip("link", "set", TWIN, "address", other)
    until(lambda: gateway.json("show", "ports")[0]["mac"] == other, 5, lambda: gateway.json("show", "ports"))
    pinger = Pinger(host, node.address)
    pinger.wait_answers(since=now())
    assert neighbour(host, node.address) == other
    assert not gateway.twin()["promiscuous"]
    ip("link", "set", TWIN, "promisc", "on")
    until(lambda: gateway.twin()["promiscuous"], 5, gateway.twin)
    ip("link", "set", TWIN, "down")
    until(lambda: gateway.twin()["up_refused"] > 0, 5, gateway.twin)


@scene()
def test_a_twin_waits_for_a_port_that_is_missing_at_the_start(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = TwinGateway(node, ROUTER, 100)
    node.delete_interface()
    gateway.start()
    gateway.wait_carrier(False)
    node.make_interface()
    node.namespace.ip("addr", "flush", "dev", "eth0")
    node.namespace.ip("link", "set", "eth0", "master", "sink")
    gateway.wait_carrier(True)
    assert gateway.link()["address"] == node.mac
    gateway.give_addresses()
    Pinger(host, node.address).wait_answers()
    until(lambda: gateway.json("show", "ports")[0]["mac"] == node.mac, 5, lambda: gateway.json("show", "ports"))
    assert not gateway.log("keeps")


@pytest.mark.parametrize("how", ["delete", "rename", "replace"])
@scene()
def test_a_twin_that_another_program_removes_is_made_again(lab, measured, how):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node)
    gateway.wait_state(MASTER, 10)
    ip, index, vip = node.namespace.ip, gateway.link()["ifindex"], ROUTER.addresses[0]
    until(lambda: vip in node.addresses(), 5, node.addresses)
    if how == "rename":
        ip("link", "set", TWIN, "name", "gw1")
    else:
        ip("link", "del", TWIN)
    if how == "replace":
        with contextlib.suppress(RuntimeError):  # the daemon may be faster
            ip("tuntap", "add", TWIN, "mode", "tap", "multi_queue")
            ip("link", "set", TWIN, "up")
    until(lambda: gateway.log("made again"), 5, gateway.log)
    assert gateway.link()["ifindex"] != index
    gateway.wait_carrier(True)
    assert gateway.link()["address"] == node.mac
    if how == "rename":  # it has the addresses, and no carrier
        ip("link", "del", "gw1")
    node.namespace.ip("addr", "add", f"{node.address}/24", "dev", TWIN)
    Pinger(host, node.address).wait_answers()
    gateway.wait_state(MASTER, 10)
    if how != "rename":  # the virtual address was on the renamed device too
        until(lambda: node.addresses().get(vip) == TWIN, 10, node.addresses)


@pytest.mark.parametrize("kind,why", [("bridge", "is not a TAP device"), ("tap", "another program uses this TAP")])
@scene()
def test_a_name_that_is_taken_is_refused(lab, measured, kind, why):
    node = lab.node("gw-b")
    gateway = TwinGateway(node, ROUTER, 100)
    if kind == "bridge":
        node.namespace.ip("link", "add", TWIN, "type", "bridge")
    else:
        with node.namespace.entered():
            tap = open("/dev/net/tun", "r+b", buffering=0)
            fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", TWIN.encode(), 0x0002 | 0x1000 | 0x0100))
        lab.cleanup.callback(tap.close)
    with pytest.raises(AssertionError, match="dpvrrpd ended with"):
        gateway.start()
    lines = gateway.log(f"'{TWIN}'|\"{TWIN}\"")
    assert len(lines) == 1 and why in lines[0], gateway.log()
