# SPDX-License-Identifier: BSD-3-Clause
"""A master's addresses while its process, its kernel devices and the host's own addresses are removed and added."""

import os
import signal

import pytest

from harness.attacker import Attacker
from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.host import neighbour
from harness.frames import BROADCAST, ip_bytes, mac_bytes
from harness.namespace import run
from harness.pair import Pair
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon


def route_source(node, to):
    return node.namespace.ip_json("route", "get", to)[0].get("prefsrc")


def test_hosts_come_back_to_a_master_that_was_stopped(lab, measured):
    pair = Pair(lab, a_priority=100, b_priority=150).start()
    a, b, node_a, node_b, host = pair.a, pair.b, pair.node_a, pair.node_b, pair.host
    vip = pair.router.addresses[0]
    pair.b_is_master(10)
    pair.ping()
    until(lambda: neighbour(host, vip) == node_b.mac, 5, "the host knows us")

    # The process is stopped for as long as a snapshot of the machine takes; another router is master meanwhile.
    os.kill(b.pid, signal.SIGSTOP)
    try:
        a.wait_state("MASTER", 10)
        until(lambda: neighbour(host, vip) == node_a.mac, 5, "the host knows the other router")
    finally:
        os.kill(b.pid, signal.SIGCONT)
    continued = now()
    a.wait_state("BACKUP", 5)
    until(lambda: pair.sniffer.arps(continued, sender=vip, target=vip, sender_mac=node_b.mac), 3, "it is announced")
    until(lambda: neighbour(host, vip) == node_b.mac, 3, "the host knows us again")
    first = pair.sniffer.arps(continued, sender=vip, target=vip, sender_mac=node_b.mac)[0]
    measured(f"stopped master: announced {ms(first.time - continued):.0f} ms after SIGCONT")
    assert len(b.transitions()) == 2, "it was master all the time"
    assert b.events("announce")

    # The host's own address is flushed. When it is added again, it must precede the virtual one.
    own = node_b.address
    # `ip` fails if the flushed address exists again: the daemon adds its address immediately.
    run("ip", "-n", node_b.namespace.name, "addr", "flush", "dev", "eth0", check=False)
    until(lambda: vip in node_b.addresses(), 3, "the virtual address is put back")
    node_b.namespace.ip("addr", "add", f"{own}/24", "dev", "eth0")
    until(lambda: route_source(node_b, host.address) == own, 3, "the host's own traffic leaves from its own address")
    assert vip in node_b.addresses()

    # Another host claims the address. The port has no responder. (The claims of the other router while we were stopped
    # are a conflict too, and two events are ten seconds apart.)
    mac = mac_bytes(host.mac)
    attacker = Attacker(lab, host)
    claim = (mac_bytes(BROADCAST) + mac + bytes.fromhex("08060001080006040001") + mac + ip_bytes(vip) + bytes(6) +
             ip_bytes(vip))
    until(lambda: attacker.send(claim) or any(host.mac in text for text in b.events("conflict")), 15,
          "the claim is in the event log", step=0.5)


class OnMacvlan(DpvrrpGateway):
    """Its address is on an operator's device, with another MAC than the port."""

    device_mac = "02:02:0a:63:00:02"

    def _instance(self, router):
        return super()._instance(router).replace('device = "eth0"', 'device = "mv0"')

    def make_device(self):
        self.node.namespace.ip("link", "add", "mv0", "link", "eth0", "address", self.device_mac,
                               "type", "macvlan", "mode", "bridge")
        self.node.namespace.ip("link", "set", "mv0", "up")


def test_a_master_without_its_device_gives_way_and_comes_back(lab, measured):
    pair = Pair(lab, a_priority=100)
    a, node_b, sniffer = pair.a, pair.node_b, pair.sniffer
    vip = pair.router.addresses[0]
    pair.b = b = OnMacvlan(node_b, pair.router, 150)
    b.make_device()
    pair.start()
    pair.b_is_master(10)
    until(lambda: sniffer.arps(0, sender=vip, target=vip, source_mac=b.device_mac), 3, "it is announced")
    pair.ping()

    node_b.namespace.ip("link", "del", "mv0")
    gone = now()
    first = sniffer.next_advert(pair.node_a, gone, 10)
    measured(f"device gone: the other router is master after {ms(first.time - gone):.0f} ms")
    pair.a_is_master(5)
    assert b.instance()["reason"] == "address-lost"
    for mac in (b.device_mac, node_b.mac):
        assert not sniffer.arps(gone, sender=vip, target=vip, source_mac=mac), "what it does not have"

    back = now()
    b.make_device()
    pair.b_is_master(15)
    assert node_b.addresses()[vip] == "mv0"
    until(lambda: sniffer.arps(back, sender=vip, target=vip, source_mac=b.device_mac), 3, "it is announced again")
    assert not sniffer.arps(0, sender=vip, target=vip, source_mac=node_b.mac), "with the MAC of its device only"
    assert b.state() == MASTER
    # keepalived announces a second time 5 s after it became master, which may be just after we are master again.
    claims = [text for text in b.events("conflict") if pair.node_a.mac not in text]
    assert not claims, "the kernel's answers come from the device's own MAC"
