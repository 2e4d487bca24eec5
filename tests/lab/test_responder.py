# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd on a port without a kernel: a host resolves and pings virtual addresses that no kernel holds."""

import subprocess

import pytest

from harness.appliance import LINK_LOCAL_VIP, VIP, VIP6, Appliance
from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER
from harness.frames import BROADCAST, ip_bytes, mac_bytes
from harness.host import neighbour
from harness.wait import until

pytestmark = pytest.mark.daemon

MAC, MAC6 = "00:00:5e:00:01:33", "00:00:5e:00:02:33"
VIP6_GROUP, VRRP_GROUP6 = "ff02::1:ff00:254", "ff02::12"


class Host:
    """A host of both families, with a cache that a test may clear."""

    def __init__(self, lab):
        self.node = lab.node("host")
        self.namespace = self.node.namespace
        self.namespace.sysctl("net.ipv6.conf.eth0.disable_ipv6=0", "net.ipv6.conf.eth0.accept_dad=0")
        self.namespace.ip("addr", "add", "2001:db8:51::3/64", "dev", "eth0", "nodad")

    def forget(self):
        self.namespace.ip("neigh", "flush", "dev", "eth0")

    def pings(self, address, seconds=1, size=56):
        return subprocess.run(
            self.namespace.command("ping", "-c", "1", "-W", str(seconds), "-s", str(size), "-I", "eth0", address),
            capture_output=True, timeout=20).returncode == 0

    def mac_of(self, address):
        return neighbour(self.node, address)


@pytest.fixture
def host(lab):
    return Host(lab)


def test_a_host_resolves_and_pings_what_no_kernel_owns(lab, host):
    b = Appliance(lab.node("gw-b"), 100).start()
    b.wait_both(MASTER)
    host.forget()
    for address, mac in ((VIP, MAC), (VIP6, MAC6), (LINK_LOCAL_VIP, MAC6)):
        until(lambda: host.pings(address), 5, f"{address} answers")
        assert host.pings(address, size=1400)
        assert host.mac_of(address) == mac
    assert b.node.namespace.ip_json("addr", "show", "dev", "eth0")[0]["addr_info"] == []
    answered = b.json("show", "responder")[0]
    assert answered["arp_replies"] >= 1 and answered["neighbour_advertisements"] >= 2 and answered["echo_replies"] >= 6


def test_nothing_answers_while_backup(lab, host):
    """V3-60, V3-61, V3-64: the backup beside its master answers nothing, not even frames to its own port. When the
    master resigns it answers, and the host need not ask again."""
    a, b = Appliance(lab.node("gw-a"), 150).start(), Appliance(lab.node("gw-b"), 100).start()
    a.wait_both(MASTER)
    b.wait_both(BACKUP)
    host.forget()
    for address in (VIP, VIP6):
        until(lambda: host.pings(address), 5, f"{address} answers")
    asked = b.json("show", "responder")[0]
    assert (asked["arp_replies"], asked["neighbour_advertisements"], asked["echo_replies"]) == (0, 0, 0)
    assert asked["not_master"] >= 2  # both questions reached it

    assert a.stop() == 0
    b.wait_both(MASTER)
    for address, mac in ((VIP, MAC), (VIP6, MAC6)):  # with the host's existing cache
        assert host.mac_of(address) == mac
        until(lambda: host.pings(address), 5, f"{address} answers")

    b.set_priority(90)
    a.start()
    b.wait_both(BACKUP)
    for address in (VIP, VIP6):  # permanent: the master announces itself meanwhile
        host.namespace.ip("neigh", "replace", address, "lladdr", b.node.mac, "dev", "eth0", "nud", "permanent")
    assert not host.pings(VIP) and not host.pings(VIP6)
    assert b.json("show", "responder")[0]["not_master"] >= asked["not_master"] + 2

    for address in (VIP, VIP6):
        host.namespace.ip("neigh", "del", address, "dev", "eth0")
    assert a.stop() == 0
    b.wait_both(MASTER)
    b.kill()
    host.forget()
    assert not host.pings(VIP) and not host.pings(VIP6)


def test_without_accept_mode_an_address_resolves_but_is_silent(lab, host):
    """V3-84, V3-86."""
    b = Appliance(lab.node("gw-b"), 100, accept=False).start()
    b.wait_both(MASTER)
    host.forget()
    assert not host.pings(VIP) and not host.pings(VIP6)
    assert (host.mac_of(VIP), host.mac_of(VIP6)) == (MAC, MAC6)
    assert b.json("show", "responder")[0]["not_accepted"] >= 2


def test_duplicate_address_detection_finds_the_master(lab, host):
    """A host that configures a virtual address gets an answer, sent to all nodes (RFC 4862 5.4.3)."""
    b = Appliance(lab.node("gw-b"), 100).start()
    b.wait_both(MASTER)
    host.namespace.sysctl("net.ipv6.conf.eth0.accept_dad=1", "net.ipv6.conf.all.accept_dad=1")
    host.namespace.ip("addr", "add", f"{VIP6}/64", "dev", "eth0")
    until(lambda: any(a["local"] == VIP6 and a.get("dadfailed")
                      for a in host.namespace.ip_json("-6", "addr", "show", "dev", "eth0")[0]["addr_info"]),
          5, "the host sees that the address is taken")


def test_the_claim_of_another_host_is_reported(lab, host):
    b = Appliance(lab.node("gw-b"), 100).start()
    b.wait_both(MASTER)
    mac, vip = mac_bytes(host.node.mac), ip_bytes(VIP)
    Attacker(lab, host.node).send(mac_bytes(BROADCAST) + mac + bytes.fromhex("08060001080006040001") + mac + vip +
                                  bytes(6) + vip)
    until(lambda: b.events("conflict"), 5, "the claim is in the event log")
    assert host.node.mac in b.events("conflict")[0]


def test_a_snooping_switch_delivers_its_groups(lab, host):
    """V3-81. (Linux's bridge always forwards 224.0.0.0/24, so only IPv6 shows it.)"""
    switch = lab.switch
    switch.sysctl("net.ipv6.conf.br0.disable_ipv6=0")
    switch.ip("link", "set", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
              "mcast_query_response_interval", "100", "mcast_startup_query_interval", "100")
    a, b = Appliance(lab.node("gw-a"), 150).start(), Appliance(lab.node("gw-b"), 100).start()

    def groups(port):
        listed = switch.run("bridge", "mdb", "show", "dev", "br0")
        return {line.split(" grp ")[1].split()[0] for line in listed.splitlines() if f"port {port} " in line}

    a.wait_both(MASTER)
    b.wait_both(BACKUP)
    until(lambda: {VRRP_GROUP6, VIP6_GROUP} <= groups("gw-a"), 5, lambda: f"groups of the master: {groups('gw-a')}")
    until(lambda: VRRP_GROUP6 in groups("gw-b"), 5, lambda: f"groups of the backup: {groups('gw-b')}")
    assert VIP6_GROUP not in groups("gw-b")
    reports = b.json("show", "responder")[0]["group_reports"]
    until(lambda: b.json("show", "responder")[0]["group_reports"] > reports, 20, "a query is answered")
    b.wait_both(BACKUP)  # its master's adverts always reach it
    assert a.stop() == 0
    b.wait_both(MASTER)
    until(lambda: VIP6_GROUP in groups("gw-b"), 5, lambda: f"groups of the new master: {groups('gw-b')}")
