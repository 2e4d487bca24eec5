# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd on a dedicated NIC: DPDK's net_e1000_em behind vfio-pci and an IOMMU, in a guest, beside a real keepalived.

The guest's CPU is emulated. So the tests check the order of events and the state after them. The lower bound of a time
is the protocol's rule; the upper bound is generous. The times are shown."""

import socket

import pytest

from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, INITIALIZE, MASTER, Words
from harness.frames import BROADCAST, GROUP_MAC, icv_is_good, mac_bytes, mac_text
from harness.host import Pinger, neighbour
from harness.twin import TWIN, complete_checksums
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

from guest import IP, VFIO, HUGE_PAGES

ROUTER = VirtualRouter()
EARLY_MS, LATE_MS = 50, 3000
NOTICED_SECONDS = 8  # for a change of link, including the check once a second and a busy machine


def silence(lan, of, until_first_of, since):
    """The first advert of one router after `since`, and how long ago the other's last one was, in ms."""
    first = lan.sniffer.next_advert(until_first_of, since, 15)
    return first, ms(first.time - lan.sniffer.last_advert(of, before=first.time).time)


def has(node, router):
    return set(router.addresses) <= node.addresses().keys()


def test_the_port_is_a_nic_behind_vfio_with_huge_pages(lan, measured):
    guest = lan.guest
    assert guest.driver() == VFIO
    before = now()
    b = lan.dpvrrpd(ROUTER, 100)
    measured(f"boot {guest.boot_seconds:.1f} s, dpvrrpd answers after {ms(now() - before):.0f} ms")
    port = b.port()
    assert (port["driver"], port["mac"], port["device"]) == ("net_e1000_em", guest.mac, guest.pci)
    assert guest.huge_pages_free() < HUGE_PAGES
    assert guest.shell("ls /dev/vfio").split() != ["vfio"], "no IOMMU group is open to us"
    measured(f"ICV engine {b.json('show', 'status')['icv_engine']}")
    until(lambda: b.port()["link"] == "up", NOTICED_SECONDS, "link up")

    assert b.stop() == 0
    assert guest.huge_pages_free() == HUGE_PAGES
    assert guest.shell("ls /run/dpdk /dev/hugepages | grep dpvrrp", check=False) == ""


def test_the_daemon_is_limited_by_its_apparmor_profile(lan):
    """Every test here runs in the enforced profile. This one shows that it does, and that it denies."""
    guest = lan.guest
    b = lan.dpvrrpd(ROUTER, 100)
    labels = guest.shell(f"cat /proc/{b.pid}/task/*/attr/apparmor/current; "
                         "cat /proc/$(pidof dpvrrp-state || pgrep dpvrrp-state)/attr/apparmor/current").split("\n")
    assert len(labels) > 4 and set(labels) == {"dpvrrpd (enforce)", ""}
    b.wait_state(MASTER, 15)
    assert b.stop() == 0
    assert guest.shell("dmesg | grep 'apparmor=.DENIED.'", check=False) == ""

    # Outside the profile even root reads nothing.
    guest.shell("cp /tmp/dpvrrpd.toml /root/dpvrrpd.toml")
    assert guest.shell("dpvrrpd -c /root/dpvrrpd.toml 2>/tmp/refused; echo $?") == "3\n"
    assert "/root/dpvrrpd.toml" in guest.shell("cat /tmp/refused")
    denied = guest.shell("dmesg | grep 'apparmor=.DENIED.'")
    assert 'profile="dpvrrpd"' in denied and 'name="/root/dpvrrpd.toml"' in denied


def test_takes_over_from_keepalived_and_gives_back(lan, measured):
    a, b = lan.keepalived(ROUTER, 150), lan.dpvrrpd(ROUTER, 100)
    begun = now()
    a.wait_state("MASTER", 10)
    b.wait_state(BACKUP, NOTICED_SECONDS)
    until(lambda: b.instance()[Words.MASTER] == lan.node_a.address, 5, "b knows its master")

    crash = a.power_off()
    first, took = silence(lan, lan.node_a, lan.guest, crash)
    rule = ROUTER.master_down_ms(100)
    measured(f"takeover after silence: {took:.0f} ms (rule {rule:.0f})")
    assert rule - EARLY_MS < took < rule + LATE_MS
    assert first.source_mac == lan.guest.mac
    b.wait_state(MASTER, 5)
    until(lambda: has(lan.guest, ROUTER), 5, "the guest has the address")

    a.power_on()
    back, took = silence(lan, lan.guest, lan.node_a, now())
    measured(f"keepalived preempts: {took:.0f} ms after our last advert, with number {back.sequence}")
    b.wait_state(BACKUP, 5)
    assert b.instance()[Words.REASON] == "higher-priority"
    until(lambda: not has(lan.guest, ROUTER), 5, "the guest has given the address up")
    assert back.sequence > first.sequence

    ours = lan.sniffer.adverts(lan.guest, begun)
    assert all(icv_is_good(advert, ROUTER.key_bytes) for advert in ours)
    # Adverts arrive before the first check of the link reports it as up.
    assert b.drops().keys() <= {"not-vrrp", "instance-inactive"} and not a.complaints()


def test_comes_back_to_its_port_after_sigkill(lan, measured):
    """The IOMMU group and the huge pages of the dead process are free for the next one."""
    b = lan.dpvrrpd(ROUTER, 100)
    b.wait_state(MASTER, 15)
    until(lambda: has(lan.guest, ROUTER), 5, "the guest has the address")
    b.kill()
    killed = now()
    b.start()
    measured(f"restart after SIGKILL: {ms(now() - killed):.0f} ms")
    again = lan.sniffer.next_advert(lan.guest, killed, 15)
    assert again.sequence > lan.sniffer.last_advert(lan.guest, before=killed).sequence
    assert ms(again.time - killed) > ROUTER.master_down_ms(100), "it waited as a Backup does"

    # A clean end gives the NIC the time to send the last frame.
    stopped = now()
    assert b.stop() == 0
    lan.sniffer.next_advert(lan.guest, stopped, 2, priority=0)


def test_the_nic_filters(lan, measured):
    """The filter `exact` works: a frame that is not for us is on our wire but does not reach the daemon. (An 82574L has
    a hash of 12 bits for groups. None of these groups collides with ours; 33:33:00:00:00:12, VRRP's group over IPv6,
    does.)"""
    b = lan.dpvrrpd(ROUTER, 100)
    b.wait_state(BACKUP, NOTICED_SECONDS)
    assert b.port()["filter"] == "exact"
    attacker, count = Attacker(lan.lab, lan.host), 100

    def counts():
        return (lan.lab.switch.ip_json("-s", "link", "show", "nic")[0]["stats64"]["tx"]["packets"],
                b.port()["received"], b.drops().get("not-vrrp", 0))

    def reach_us(*macs):
        """How many of `count` frames to each the daemon saw; the port's own counter agrees. Frames to the port's own
        address follow: when these have been counted, all earlier frames have been counted too."""
        before = counts()
        for mac in (*macs, lan.guest.mac):
            for _ in range(count):
                attacker.send(mac_bytes(mac) + mac_bytes(lan.host.mac) + b"\x88\xb5" + bytes(46))
        until(lambda: b.drops().get("not-vrrp", 0) - before[2] >= count, 10, f"frames after those to {macs}")
        on_wire, received, seen = (then - earlier - count for then, earlier in zip(counts(), before))
        measured(f"{on_wire} frames on the wire, port received {received}, daemon saw {seen}: {', '.join(macs)}")
        assert on_wire >= count * len(macs) and abs(received - seen) < count / 10
        return seen

    assert reach_us(mac_text(GROUP_MAC), BROADCAST, lan.guest.mac) >= 3 * count
    # The IGMP and MLD queries go to the all-systems groups 01:00:5e:00:00:01 and 33:33:00:00:00:01.
    # The port needs those queries, so the two groups are absent here.
    assert reach_us("01:00:5e:00:00:05", "33:33:00:00:00:05",
                    "02:00:0a:63:ff:ff", "00:00:5e:00:01:34") < count / 10


def test_virtual_mac_comes_and_goes_with_mastership(lan):
    """RFC 3768 7.3, 8.2: adverts and gratuitous ARP of a Master have the virtual MAC, in the frame and in the ARP."""
    begun = now()
    b = lan.dpvrrpd(ROUTER, 100, source_mac="virtual")
    b.wait_state(MASTER, 15)
    assert lan.sniffer.next_advert(lan.guest, begun, 5).source_mac == ROUTER.mac
    until(lambda: lan.sniffer.arps(begun, sender=ROUTER.addresses[0], target=ROUTER.addresses[0],
                                   sender_mac=ROUTER.mac, source_mac=ROUTER.mac), 5, "gratuitous ARP")

    def kernel_device():
        return next((link for link in lan.guest.ip_json("link", "show") if link["address"] == ROUTER.mac), None)

    device = until(kernel_device, 5, "a device with the virtual MAC")
    until(lambda: lan.guest.addresses().get(ROUTER.addresses[0]) == device["ifname"], 5, "the address is on it")
    a = lan.keepalived(ROUTER, 150)
    b.wait_state(BACKUP, 15)
    until(lambda: not has(lan.guest, ROUTER) and "UP" not in kernel_device()["flags"], 5, "it is down")
    until(lambda: a.state() == "MASTER", 3, "keepalived is master")
    assert b.stop() == 0
    assert kernel_device() is None
    assert {advert.source_mac for advert in lan.sniffer.adverts(lan.guest, begun)} == {ROUTER.mac}


def test_a_pulled_cable_ends_mastership(lan, measured):
    a, b = lan.keepalived(ROUTER, 50), lan.dpvrrpd(ROUTER, 100)
    b.wait_state(MASTER, 15)
    until(lambda: has(lan.guest, ROUTER), 5, "the guest has the address")

    pulled = now()
    lan.guest.set_link(False)
    b.wait_state(INITIALIZE, NOTICED_SECONDS)
    measured(f"cable pulled: noticed within {ms(now() - pulled):.0f} ms")
    assert b.instance()[Words.REASON] == "port-down"
    assert b.port()["link"] == "down"
    until(lambda: not has(lan.guest, ROUTER), 5, "the guest has given the address up")
    _, took = silence(lan, lan.guest, lan.node_a, pulled)
    measured(f"keepalived takes over: {took:.0f} ms (rule {ROUTER.master_down_ms(50):.0f})")

    plugged = now()
    lan.guest.set_link(True)
    b.wait_state(BACKUP, NOTICED_SECONDS)
    measured(f"cable plugged: noticed within {ms(now() - plugged):.0f} ms")
    assert b.port()["link"] == "up"
    b.wait_state(MASTER, 10)  # it has the higher priority and preempts
    until(lambda: a.state() == "BACKUP" and has(lan.guest, ROUTER), 5, "mastership is back")
    assert not lan.sniffer.adverts(lan.guest, since=pulled + 10**9, priority=0)


def test_takes_over_on_a_vlan_from_a_virtual_mac(lan, measured):
    """keepalived on VLAN 7, with a virtual MAC. The same VRID on the untagged LAN is another virtual router, and
    always has its own master."""
    bystander, a = lan.keepalived(ROUTER, 200), lan.keepalived_on_vlan(7, ROUTER, 150, extra="use_vmac")
    b = lan.dpvrrpd(ROUTER, 100, vlan=[7], device="eth0.7")
    a.wait_state("MASTER", 15)
    b.wait_state(BACKUP, NOTICED_SECONDS)
    until(lambda: b.instance()[Words.MASTER] == a.node.address, 5, "b knows its master")
    heard = lan.sniffer.last_advert(a.node)
    assert heard.source_mac == ROUTER.mac

    killed = now()
    a.kill()
    first, took = silence(lan, a.node, lan.guest, killed)
    rule = ROUTER.master_down_ms(100)
    measured(f"takeover after silence, VLAN: {took:.0f} ms (rule {rule:.0f})")
    assert rule - EARLY_MS < took < rule + LATE_MS
    b.wait_state(MASTER, 5)
    until(lambda: lan.guest.addresses().get(ROUTER.addresses[0]) == "eth0.7", 5, "the guest has the address")

    # It accepts our adverts: they reach it with their tag. With priority 50 instead of 150 it leaves us master.
    a.priority = 50
    a.start()
    until(lambda: a.state() == "BACKUP", 10, "keepalived is backup")
    since = now()
    b.set_priority(40)
    assert lan.sniffer.next_advert(a.node, since, 15).sequence > first.sequence
    b.wait_state(BACKUP, 5)
    until(lambda: not has(lan.guest, ROUTER), 5, "the guest has given the address up")
    assert bystander.state() == "MASTER"
    assert b.drops()["unknown-vrid"] > 0


@pytest.mark.parametrize("source_mac", ["port", "virtual"])
def test_a_host_follows_its_gateway(lan, measured, source_mac):
    """The data plane answers for the address: no kernel sees the NIC's traffic."""
    a, b = lan.keepalived(ROUTER, 150), lan.dpvrrpd(ROUTER, 100, source_mac=source_mac, responder=True)
    a.wait_state("MASTER", 10)
    b.wait_state(BACKUP, NOTICED_SECONDS)
    pinger = Pinger(lan.host, ROUTER.addresses[0])
    pinger.wait_answers()
    crash = a.power_off()
    first, _ = silence(lan, lan.node_a, lan.guest, crash)
    pinger.wait_answers(since=first.time, seconds=2)
    measured(f"host out: {ms(pinger.outage(crash)):.0f} ms")
    pinger.stop()
    assert neighbour(lan.host, ROUTER.addresses[0]) == (ROUTER.mac if source_mac == "virtual" else lan.guest.mac)
    assert not has(lan.guest, ROUTER)
    assert b.port()["filter"] == "exact"


def test_the_port_takes_frames_to_the_virtual_mac_while_master(lan):
    b = lan.dpvrrpd(ROUTER, 100, source_mac="virtual")
    b.wait_state(MASTER, 15)
    attacker, received, count = Attacker(lan.lab, lan.host), b.port()["received"], 100
    for _ in range(count):
        attacker.send(mac_bytes(ROUTER.mac) + mac_bytes(lan.host.mac) + b"\x88\xb5" + bytes(46))
    until(lambda: b.port()["received"] - received >= count, 3, "frames to the virtual MAC are received")


def peer_pings(guest, address):
    ping = ("ping", "-c", "1", "-W", "2", address)
    return "1 packets received" in guest.run(IP, "netns", "exec", "peer", *ping, check=False)


def test_the_guests_kernel_lives_on_the_twin(lan, measured):
    """ARP, ping, IPv6, a TCP connection, a VLAN device and a virtual MAC, while mastership moves and the cable is
    out."""
    guest, host, vip = lan.guest, lan.host, ROUTER.addresses[0]
    complete_checksums(host)
    a = lan.keepalived(ROUTER, 150)
    a.wait_state("MASTER", 10)
    b = lan.dpvrrpd_with_twin(TWIN, ROUTER, 100, source_mac="virtual")
    b.wait_state(BACKUP, NOTICED_SECONDS)
    guest.start("nc", "-ll", "-p", "7007", "-e", "cat", log="/tmp/nc.log")

    own = Pinger(host, guest.address)
    own.wait_answers(seconds=NOTICED_SECONDS)
    assert neighbour(host, guest.address) == guest.mac
    guest.shell(f"echo 0 >/proc/sys/net/ipv6/conf/{TWIN}/disable_ipv6")
    guest.run(IP, "addr", "add", "2001:db8:99::50/64", "dev", TWIN, "nodad")
    host.namespace.sysctl("net.ipv6.conf.eth0.disable_ipv6=0")
    host.namespace.ip("addr", "add", "2001:db8:99::3/64", "dev", "eth0", "nodad")
    Pinger(host, "2001:db8:99::50").wait_answers(seconds=NOTICED_SECONDS)
    with host.namespace.entered():
        tcp = until(lambda: connect(guest.address), 10, "a TCP connection")
    echoes(tcp)

    guest.run(IP, "link", "add", "link", TWIN, "name", f"{TWIN}.7", "type", "vlan", "id", 7)
    guest.run(IP, "addr", "add", "10.98.0.50/24", "dev", f"{TWIN}.7")
    guest.run(IP, "link", "set", f"{TWIN}.7", "up")
    lan.peer_on_vlan(7).ip("addr", "add", "10.98.0.51/24", "dev", "eth0")
    until(lambda: peer_pings(guest, "10.98.0.50"), 10, "the VLAN device answers")

    crash = a.power_off()
    b.wait_state(MASTER, 10)
    shared = Pinger(host, vip)
    shared.wait_answers(seconds=NOTICED_SECONDS)
    assert neighbour(host, vip) == ROUTER.mac
    until(lambda: lan.guest.addresses().get(vip, "").startswith("vrrp."), 5, "the address is on the virtual-MAC device")
    a.power_on()
    b.wait_state(BACKUP, 10)
    echoes(tcp)
    measured(f"host without its own address' answers for {ms(own.outage(crash)):.0f} ms while mastership moved")

    guest.set_link(False)
    until(lambda: "LOWER_UP" not in guest.ip_json("link", "show", TWIN)[0]["flags"], NOTICED_SECONDS, "no carrier")
    guest.set_link(True)
    until(lambda: "LOWER_UP" in guest.ip_json("link", "show", TWIN)[0]["flags"], NOTICED_SECONDS, "carrier")
    echoes(tcp)
    measured(f"{b.json('show', 'twin')[0]}")
    assert b.port()["filter"] == "all-multicast" and not a.complaints()
    assert b.stop() == 0
    assert guest.address in guest.addresses()


def connect(address):
    try:
        return socket.create_connection((address, 7007), timeout=5)
    except OSError:
        return None


def echoes(tcp, size=20_000):
    data, received = bytes(range(250)) * (size // 250), b""
    tcp.settimeout(20)
    tcp.sendall(data)
    while len(received) < len(data):
        received += tcp.recv(65536)
    assert received == data
