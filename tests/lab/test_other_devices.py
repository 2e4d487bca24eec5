# SPDX-License-Identifier: BSD-3-Clause
"""Adverts on eth0, a link between the gateways; addresses on eth1, the LAN. A host of the LAN learns the new master's
MAC there at once, from dpvrrpd and from keepalived."""

from dataclasses import dataclass

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.host import Pinger, neighbour
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.second_lan import second_lan, second_mac
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

AT_ONCE_MS = 3000  # between the first advert and the announcement; a namespace that ends elsewhere holds the kernel up


@dataclass(frozen=True)
class LanRouter(VirtualRouter):
    """Its addresses belong to the second LAN."""

    @property
    def addresses(self):
        return tuple(address.replace("10.99.", "10.98.").replace("db8:99:", "db8:98:")
                     for address in super().addresses)


def router_of(family):
    return LanRouter(family=family, version=2 if family == 4 else 3)


class OurGateway(DpvrrpGateway):
    def _instance(self, router):
        return super()._instance(router).replace('device = "eth0"', 'device = "eth1"')


class TheirGateway(KeepalivedGateway):
    def _write(self):
        super()._write()
        file = self._base.with_suffix(".conf")
        text = file.read_text()
        for address in self.router.addresses:
            entry = f"{address}/{self.router.prefix_length}"
            assert text.count(f"{entry}\n") == 1, text
            text = text.replace(f"{entry}\n", f"{entry} dev eth1\n")
        file.write_text(text)


class TwoLans:
    """gw-a: keepalived, priority 150. gw-b: dpvrrpd, 100. The host is on both LANs and uses the address on eth1."""

    def __init__(self, lab, family, source_mac="port"):
        self.node_a, self.node_b, self.host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        second_lan(lab, (self.node_a, self.node_b, self.host))
        self.router = router_of(family)
        self.vip = self.router.addresses[-1]
        self.link, self.lan = Sniffer(self.host), Sniffer(self.host, device="eth1")
        self.a = TheirGateway(self.node_a, self.router, 150)
        self.b = OurGateway(self.node_b, self.router, 100, source_mac=source_mac)
        self.mac_a = second_mac(self.node_a)
        self.mac_b = self.router.mac if source_mac == "virtual" else second_mac(self.node_b)

    def announcements(self, mac, since, where=None):
        """Of the address, at this MAC."""
        where = where or self.lan
        if self.router.family == 4:
            return where.arps(since, sender=self.vip, target=self.vip, sender_mac=mac, source_mac=mac)
        return where.neighbour_adverts(since, target=self.vip, mac=mac, source_mac=mac, solicited=False, override=True)

    def host_knows(self, mac, seconds):
        until(lambda: neighbour(self.host, self.vip) == mac, seconds,
              lambda: f"the host knows {self.vip} at {mac}; it has {neighbour(self.host, self.vip)}; "
                      f"{self.b.events()[-8:]}")

    def holds(self, node, other):
        family = self.router.family
        until(lambda: node.addresses(family).get(self.vip) not in (None, "eth0")
              and self.vip not in other.addresses(family), 5,
              lambda: f"{node.name} alone holds {self.vip}: {node.addresses(family)} {other.addresses(family)}")

    def serves(self, node, since, pinger):
        """Waits until `node` is master and the host uses it. Returns the time of its first advert, the time until it
        announced the address, and the time for which the host did not reach the address, in ms."""
        mac, other = (self.mac_a, self.node_b) if node is self.node_a else (self.mac_b, self.node_a)
        first = self.link.next_advert(node, since, 15)
        announced = until(lambda: self.announcements(mac, since), 5, f"{node.name} announces {self.vip} at {mac}")[0]
        self.host_knows(mac, 2)
        self.holds(node, other)
        pinger.wait_answers(since=max(first.time, announced.time), seconds=5)
        return ms(announced.time - first.time), ms(pinger.outage(since))


@pytest.mark.parametrize("family,source_mac", [(4, "port"), (4, "virtual"), (6, "port")])
@scene(ipv6=True)
def test_a_host_follows_the_address_on_another_device(lab, measured, family, source_mac):
    g = TwoLans(lab, family, source_mac)
    what = f"IPv{family}, source_mac {source_mac}"
    g.a.start()
    g.b.start()
    g.a.wait_state("MASTER", 15)
    pinger = Pinger(g.host, g.vip)
    pinger.wait_answers()
    g.host_knows(g.mac_a, 5)

    crash = g.a.power_off()
    after, outage = g.serves(g.node_b, crash, pinger)
    measured(f"{what}, keepalived out: announced {after:.1f} ms after the first advert, host out {outage:.0f} ms")
    assert after < AT_ONCE_MS

    back = now()
    g.a.power_on()
    _, outage = g.serves(g.node_a, back, pinger)
    measured(f"{what}, keepalived back: host out {outage:.0f} ms")

    resigned = now()
    g.a.stop()
    after, outage = g.serves(g.node_b, resigned, pinger)
    measured(f"{what}, keepalived resigns: announced {after:.1f} ms after the first advert, host out {outage:.0f} ms")
    assert after < AT_ONCE_MS

    # The link that carries the adverts has no host that uses the address.
    for mac in {g.node_b.mac, g.mac_b}:
        assert not g.announcements(mac, 0, g.link)
    assert not any("cannot announce" in text for text in g.b.events()), g.b.events()
    assert not g.b.events("conflict")
    assert g.b.stop() == 0
    assert g.vip not in g.node_b.addresses(family)


@pytest.mark.parametrize("family", [4, 6])
@scene(ipv6=True)
def test_another_mac_of_the_device_is_announced(lab, measured, family):
    g = TwoLans(lab, family)
    g.b.tables = "\n[garp]\nrepeats = []\n"  # so that only the change is a reason
    g.b.start()
    g.b.wait_state(MASTER, 15)
    pinger = Pinger(g.host, g.vip)
    pinger.wait_answers()
    g.host_knows(g.mac_b, 5)
    other = "02:01:0a:63:00:77"
    since = now()
    g.node_b.namespace.ip("link", "set", "eth1", "address", other)
    announced = until(lambda: g.announcements(other, since), 3, "the new MAC is announced")[0]
    measured(f"IPv{family}: another MAC of the device announced after {ms(announced.time - since):.1f} ms")
    g.host_knows(other, 2)
    pinger.wait_answers(since=announced.time, seconds=5)


@scene(ipv6=True)
def test_a_device_that_is_made_again_announces(lab, measured):
    """The LAN's interface of a master is replaced faster than it loses patience."""
    g = TwoLans(lab, 4)
    g.b.tables = "\n[garp]\nrepeats = []\n"
    g.b.start()
    g.b.wait_state(MASTER, 15)
    pinger = Pinger(g.host, g.vip)
    pinger.wait_answers()
    lan, port, other = g.node_b.namespace, f"{g.node_b.name}-o", "02:01:0a:63:00:78"
    lan.ip("link", "del", "eth1")
    since = now()
    lan.ip("link", "add", "eth1", "address", other, "type", "veth", "peer", "name", port, "netns", lab.switch.name)
    lan.ip("link", "set", "eth1", "up")
    lab.switch.ip("link", "set", port, "master", "br1", "up")
    announced = until(lambda: g.announcements(other, since), 5,
                      lambda: f"the new device announces; {g.b.events()[-8:]}")[0]
    measured(f"device made again: announced after {ms(announced.time - since):.0f} ms")
    g.host_knows(other, 2)
    pinger.wait_answers(since=announced.time, seconds=5)
    assert g.b.state() == MASTER
