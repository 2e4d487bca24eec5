# SPDX-License-Identifier: BSD-3-Clause
"""A port that shares its interface with the kernel (docs/decisions/0028): ordinary traffic does not reach the daemon,
and everything that its virtual routers need does."""

import os
import signal
import time

import pytest

from harness import frames
from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway
from harness.pair import Pair
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

PLAIN = VirtualRouter(version=3, authentication="none")
UDP = 17


def port(gateway):
    return gateway.json("show", "ports")[0]


def received(gateway):
    return port(gateway)["received"]


def gateway_on(node, router=PLAIN, kernel="shared", **settings):
    gateway = DpvrrpGateway(node, router, priority=100, idle='idle = "interrupt"', **settings)
    device = gateway.port_device
    gateway.port_device = f'{device}"\nkernel = "{kernel}'
    return gateway.start()


def udp(to):
    """A packet for the node's kernel, which nothing there waits for."""
    return frames.ipv4_frame(bytes.fromhex("1000 0009 0010 0000") + bytes(8), source_mac="02:00:0a:63:00:63",
                             source="10.99.0.99", destination=to.address,
                             destination_mac=frames.mac_bytes(to.mac), protocol=UDP, ttl=64)


def tagged(frame, *vids):
    return frame[:12] + b"".join(b"\x81\x00" + vid.to_bytes(2, "big") for vid in vids) + frame[12:]


def advert(router=PLAIN, **fields):
    """Of a master at 10.99.0.99, without authentication."""
    message = frames.v3_message(vrid=router.vrid, priority=200, addresses=router.addresses, source="10.99.0.99")
    return frames.ipv4_frame(message, source_mac="02:00:0a:63:00:63", source="10.99.0.99", **fields)


def ah_to(destination, destination_mac):
    """AH with a wrong ICV, which the daemon counts if it receives it."""
    return frames.ipv4_frame(bytes([frames.VRRP, 4, 0, 0]) + bytes(20) + b"\x21\x33\x64\x01\x02\x01\x00\x00" + bytes(12),
                             source_mac="02:00:0a:63:00:63", source="10.99.0.99", destination=destination,
                             destination_mac=frames.mac_bytes(destination_mac), protocol=frames.AH)


def arp_reply(sender, to):
    return frames.mac_bytes(to.mac) + bytes.fromhex("02000a630063 0806 0001 0800 06 04 0002 02000a630063") + (
        frames.ip_bytes(sender) + frames.mac_bytes(to.mac) + frames.ip_bytes(to.address))


def reaches(gateway, attacker, frame, count=20):
    """How many of so many such frames the daemon receives. An advert that follows shows that they have arrived."""
    before = received(gateway)
    for _ in range(count):
        attacker.send(frame)
    accepted, last = gateway.drops().get("unknown-vrid", 0), advert(VirtualRouter(vrid=250, version=3))
    attacker.send(last)
    until(lambda: gateway.drops().get("unknown-vrid", 0) > accepted, 3, "the advert after them")
    return received(gateway) - before - 1


def test_ordinary_traffic_stays_in_the_kernel(lab, measured):
    pair = Pair(lab, idle='idle = "interrupt"').start()
    pair.a_is_master(10)
    attacker, seconds = Attacker(lab, pair.host), 3
    before, adverts = received(pair.b), len(pair.sniffer.adverts(pair.node_a))
    sent = attacker.flood([udp(pair.node_b)], 4000, seconds)
    arrived, adverts = received(pair.b) - before, len(pair.sniffer.adverts(pair.node_a)) - adverts
    measured(f"{arrived} frames received of {sent} UDP packets and {adverts} adverts; {port(pair.b)['instructions']} "
             "instructions")
    assert sent > 1000 and adverts - 1 <= arrived <= adverts + 5  # and ARP about the address
    assert (port(pair.b)["kernel"], port(pair.b)["widened"]) == ("shared", None)

    crash = pair.a.power_off()
    pair.sniffer.next_advert(pair.node_b, crash, 10)
    pair.b_is_master(3)
    pair.check_nothing_refused()


def test_without_a_filter_the_daemon_receives_all(lab):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node, kernel="none")
    assert (port(gateway)["kernel"], port(gateway)["instructions"]) == ("none", None)
    assert reaches(gateway, Attacker(lab, host), udp(node)) >= 20


# The kernel strips the outer tag before the filter sees the frame, and the driver puts it back.
@pytest.mark.parametrize("tags", [(), (7,), (100, 7)])
def test_adverts_are_heard_behind_tags(lab, tags):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway, attacker = gateway_on(node, extra=f"vlan = {list(tags)}"), Attacker(lab, host)
    for _ in range(2):
        attacker.send(tagged(advert(), *tags))
    until(lambda: gateway.instance()["master"] == "10.99.0.99", 3, gateway.instance)
    assert gateway.state() == BACKUP
    assert reaches(gateway, attacker, tagged(udp(node), *tags)) == 0


def test_the_filter_follows_a_reload(lab):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway, attacker = gateway_on(node, VirtualRouter(authentication="ah")), Attacker(lab, host)
    group, other = ah_to("224.0.0.18", "01:00:5e:00:00:12"), ah_to("224.0.0.77", "01:00:5e:00:00:4d")
    peer = arp_reply("10.99.0.98", node)
    assert [reaches(gateway, attacker, frame) for frame in (group, other, peer)] == [20, 0, 0]

    for extra, wanted in (('group = "224.0.0.77"', [20, 20, 0]), ('unicast_peers = ["10.99.0.98"]', [20, 0, 20]),
                          ('unicast_peers = ["10.99.0.97"]', [20, 0, 0]), ("", [20, 0, 0])):
        gateway.extra = extra
        gateway.write_config()
        gateway.ctl("reload")
        until(lambda: [reaches(gateway, attacker, frame) for frame in (group, other, peer)] == wanted, 5,
              lambda: (extra, port(gateway)))
    assert not gateway.log("every frame")


# Older kernels have 20480 bytes for the filters of a socket. The old and the new program do not fit together.
def test_long_filters_replace_each_other_where_there_is_little_room(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    node.namespace.sysctl("net.core.optmem_max=20480")

    def addresses(last):  # a responder's addresses are in the program three times
        return "responder = true\nexcluded_addresses = [" + ", ".join(
            f'"192.168.{n}.{last if n == 200 else 1}/24"' for n in range(240)) + "]"
    gateway, attacker, lengths = gateway_on(node, extra=addresses(1)), Attacker(lab, host), []
    for last in (2, 3):
        gateway.extra = addresses(last)
        gateway.write_config()
        gateway.ctl("reload")
        wanted, former = arp_reply(f"192.168.200.{last}", node), arp_reply(f"192.168.200.{last - 1}", node)
        until(lambda: [reaches(gateway, attacker, frame) for frame in (wanted, former, udp(node))] == [20, 0, 0], 5,
              lambda: (port(gateway), gateway.log("filter")))
        lengths.append(port(gateway)["instructions"])
    measured(f"instructions: {lengths}")
    assert min(lengths) > 750 and not gateway.log("every frame")


def test_the_filter_is_there_again_when_the_interface_is(lab):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway = gateway_on(node)
    gateway.wait_state(MASTER, 10)
    instructions = port(gateway)["instructions"]
    node.delete_interface()
    until(lambda: port(gateway)["link"] == "down" and port(gateway)["instructions"] == 0, 5, lambda: port(gateway))
    node.make_interface()
    until(lambda: port(gateway)["link"] == "up", 5, lambda: port(gateway))
    assert port(gateway)["instructions"] == instructions > 0
    assert reaches(gateway, Attacker(lab, host), udp(node)) == 0


def test_frames_without_room_are_missed(lab, measured):
    node, host = lab.node("gw-b"), lab.node("host")
    gateway, attacker = gateway_on(node), Attacker(lab, host)
    before = port(gateway)
    assert before["missed"] == 0
    os.kill(gateway.pid, signal.SIGSTOP)
    for _ in range(2000):
        attacker.send(advert())
        attacker.send(udp(node))
    os.kill(gateway.pid, signal.SIGCONT)
    until(lambda: received(gateway) + port(gateway)["missed"] >= before["received"] + 2000, 5, lambda: port(gateway))
    time.sleep(0.2)
    after = port(gateway)
    measured(f"of 2000 adverts while it was stopped: {after['received'] - before['received']} received, "
             f"{after['missed']} missed")
    assert after["missed"] > 1000 and after["received"] - before["received"] + after["missed"] <= 2020
