# SPDX-License-Identifier: BSD-3-Clause
"""Changes of the kernel interface on which a port depends (docs/operations.md, "A kernel interface"): set down,
unplugged, deleted and made again, given another MAC; and snooping switches. keepalived is the other router."""

import pytest

from harness.dpvrrpd import BACKUP, INITIALIZE, MASTER, DpvrrpGateway
from harness.host import neighbour
from harness.pair import Pair
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

OTHER_MAC = "02:00:0a:63:00:99"


def port(gateway):
    return gateway.json("show", "ports")[0]


def lose_and_regain(pair, measured, what, lose, regain, reason):
    """We are master. Our interface fails: keepalived takes over. The interface is restored: we are master again."""
    b, since = pair.b, now()
    lose()
    b.wait_state(INITIALIZE, 5)
    until(lambda: port(b)["down_reason"] == reason, 3, lambda: port(b))
    assert port(b)["link"] == "down"
    first = pair.sniffer.next_advert(pair.node_a, since, 10)
    pair.a.wait_state("MASTER", 3)
    assert not set(pair.router.addresses) & pair.node_b.addresses(pair.router.family).keys()
    gap = ms(first.time - pair.sniffer.last_advert(pair.node_b, before=first.time).time)

    since = now()
    regain()
    b.wait_state(BACKUP, 10)
    ours = pair.sniffer.next_advert(pair.node_b, since, 15)
    pair.b_is_master(5)
    measured(f"{what}: without a master for {gap:.0f} ms; back as master after {ms(ours.time - since):.0f} ms")
    if pair.router.version == 2:
        pair.check_wire()


def sets_of(pair):
    node, switch = pair.node_b, pair.node_b.lab.switch

    return {
        "interface set down": (lambda: node.namespace.ip("link", "set", "eth0", "down"),
                               lambda: node.namespace.ip("link", "set", "eth0", "up"),
                               "interface eth0 is administratively down"),
        "cable unplugged": (lambda: switch.ip("link", "set", node.name, "down"),
                            lambda: switch.ip("link", "set", node.name, "up"), "interface eth0 has no carrier"),
        "interface deleted": (node.delete_interface, node.make_interface, "interface eth0 was removed"),
    }


@scene()
@pytest.mark.parametrize("driver,idle", [("net_af_packet", "interrupt"), ("net_pcap", "sleep")])
def test_a_port_follows_its_interface(lab, measured, driver, idle):
    pair = Pair(lab, a_priority=100, b_priority=150, port_device=f"{driver}0,iface=eth0",
                idle=f'idle = "{idle}"').start()
    pair.b_is_master(10)
    for what, (lose, regain, reason) in sets_of(pair).items():
        lose_and_regain(pair, measured, f"{driver}: {what}", lose, regain, reason)
    events = pair.b.events("port")
    assert {"port lan: interface eth0 was removed", "port lan: opened again on interface eth0"} <= set(events), events
    pair.check_nothing_refused()


@scene(ipv6=True)
def test_an_ipv6_port_is_opened_again(lab, measured):
    pair = Pair(lab, VirtualRouter(version=3, family=6), a_priority=100, b_priority=150).start()
    pair.b_is_master(10)
    lose, regain, reason = sets_of(pair)["interface deleted"]
    lose_and_regain(pair, measured, "IPv6: interface deleted", lose, regain, reason)


@scene()
def test_a_port_follows_the_mac_of_its_interface(lab, measured):
    pair = Pair(lab, a_priority=100, b_priority=150).start()
    pair.b_is_master(10)
    vip = pair.router.addresses[0]
    ping = pair.ping()
    since = now()
    pair.node_b.namespace.ip("link", "set", "eth0", "address", OTHER_MAC)
    announced = until(lambda: pair.sniffer.arps(since, source_mac=OTHER_MAC, sender=vip), 5, "announcement")[0]
    until(lambda: neighbour(pair.host, vip) == OTHER_MAC, 3, lambda: neighbour(pair.host, vip))
    advert = pair.sniffer.next_advert(pair.node_b, since, 5, source_mac=OTHER_MAC)
    ping.wait_answers(since=advert.time)
    measured(f"another MAC: announced after {ms(announced.time - since):.0f} ms, ping out for "
             f"{ms(ping.outage(since)):.0f} ms")
    assert port(pair.b)["mac"] == OTHER_MAC
    assert len(pair.b.transitions()) == 2  # Initialize -> Backup -> Master, as at the start
    pair.check_wire()
    pair.check_nothing_refused()


@scene(ipv6=True)
def test_the_group_passes_a_switch_that_snoops(lab, measured):
    """The kernel joins the group on the shared interface, and again after the interface was made again. (Linux's bridge
    always forwards 224.0.0.0/24, so only IPv6 shows it.)"""
    switch = lab.switch
    switch.sysctl("net.ipv6.conf.br0.disable_ipv6=0")
    switch.ip("link", "set", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
              "mcast_query_interval", "200", "mcast_query_response_interval", "100", "mcast_startup_query_interval", "50",
              "mcast_membership_interval", "500")
    pair = Pair(lab, VirtualRouter(version=3, family=6), a_priority=150, b_priority=100)

    def is_member():
        listed = switch.run("bridge", "mdb", "show", "dev", "br0")
        return any("ff02::12" in line and "port gw-b " in line for line in listed.splitlines())

    pair.start()
    pair.a_is_master(10)
    for what in ("at the start", "made anew"):
        until(is_member, 5, f"member {what}")
        # The switch has lost the membership if it was not reported again.
        since = now()
        until(lambda: now() - since > 6 * 10**9, 10, "the switch's memory is over", step=0.5)
        # It asks every 2 s. On a busy machine an answer may be late, so the second one counts, too.
        until(is_member, 3, f"member {what}, reported again")
        pair.a_is_master(1)  # its adverts always reach us
        if what == "at the start":
            pair.node_b.delete_interface()
            pair.b.wait_state(INITIALIZE, 5)
            pair.node_b.make_interface()
            pair.b.wait_state(BACKUP, 10)


def test_a_port_whose_interface_is_missing_at_the_start_is_opened_later(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), VirtualRouter(), priority=150, source_mac="port")
    gateway.node.delete_interface()
    gateway.start()
    gateway.wait_state(INITIALIZE, 5)
    assert port(gateway)["down_reason"] == "interface eth0 does not exist"
    gateway.node.make_interface()
    gateway.wait_state(MASTER, 15)
    assert port(gateway)["mac"] == gateway.node.mac
    until(lambda: set(gateway.router.addresses) <= gateway.node.addresses().keys(), 8, "the address is there")
