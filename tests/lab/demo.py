#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The story of scripts/demo. Every line about the network is an observation. If a step does not happen in time, the
story ends with exit status 1."""

import re
import sys
import time

from harness import lab as lab_module
from harness.dpvrrpd import BACKUP, CONTROL, MASTER, DpvrrpGateway, Words
from harness.frames import BROADCAST
from harness.host import Pinger, neighbour
from harness.keepalived import KeepalivedGateway, version
from harness.lab import Lab, cannot_run, clean_up_at_exit
from harness.rogue import StaleGateway
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import Timeout, ms, now, until

TOPOLOGY = """
  gw-a, keepalived {version:<10} gw-b, dpvrrpd (DPDK)      host
  10.99.0.1, priority 150     10.99.0.2, priority 100   10.99.0.3, pings 10.99.0.100
        |                           |                         |
  ------+---------------------------+-------------------------+------ switch

  One virtual router, VRID 51, on both gateways: 10.99.0.100, VRRPv2, IPsec AH (HMAC-MD5-96).
"""


class Story:
    def __init__(self, lab):
        self.began = time.monotonic()
        self.step_number = 0
        self.router = VirtualRouter()
        self.vip = self.router.addresses[0]
        self.node_a, self.node_b, self.host = lab.node("gw-a"), lab.node("gw-b"), lab.node("host")
        self.node_c = lab.node("gw-c")
        self.sniffer = Sniffer(self.host)
        self.a = KeepalivedGateway(self.node_a, self.router, priority=150)
        self.b = DpvrrpGateway(self.node_b, self.router, priority=100)
        self.pinger = None

    # --- telling

    def step(self, text):
        self.step_number += 1
        print(f"\n{self.step_number}. {text}", flush=True)

    def say(self, text):
        print(f"   [{time.monotonic() - self.began:6.2f} s] {text}", flush=True)

    def show(self, prompt, text):
        print(f"   $ {prompt}")
        for line in text.rstrip().splitlines():
            print(f"     {line}")

    def show_ctl(self, *words):
        self.show(f"dpvrrpctl {' '.join(map(str, words))}", self.b.ctl(*words))

    def show_addresses(self, node):
        self.show(f"ip -br -4 addr    # on {node.name}", node.namespace.ip("-br", "-4", "addr", "show", "scope", "global"))

    def say_log(self, gateway, pattern, since_line):
        for line in gateway.log()[since_line:]:
            if re.search(pattern, line):
                self.say(f"{gateway.name}'s log: {line}")

    def say_advert(self, advert):
        self.say(f"on the wire: {advert.source} > {advert.destination}: AH spi {advert.spi:#010x} seq {advert.sequence}, "
                 f"VRRPv2 vrid {advert.vrid} prio {advert.priority} addrs {', '.join(advert.addresses)}")

    # --- happening

    def holds(self, node):
        return self.vip in node.addresses()

    def address_moves(self, to, away, since):
        """Waits until only one gateway has the address, it has been announced, and the host uses it."""
        until(lambda: self.holds(to) and not self.holds(away), 5, f"{self.vip} on {to.name} only")
        self.show_addresses(to)
        garp = until(lambda: self.sniffer.arps(since, sender=self.vip, target=self.vip, destination_mac=BROADCAST,
                                               sender_mac=to.mac), 5, f"gratuitous ARP of {to.name}")[0]
        self.say(f"on the wire: gratuitous ARP, {garp.sender} is at {garp.sender_mac}")
        self.pinger.wait_answers(since=garp.time, seconds=5)
        until(lambda: neighbour(self.host, self.vip) == to.mac, 5, f"host believes {self.vip} at {to.name}")
        self.say(f"host: {self.vip} answers, at {to.mac} ({to.name}); it was out for {ms(self.pinger.outage(since)):.0f} ms")

    def beginning(self):
        self.step("gw-a starts keepalived, becomes master; gw-b starts dpvrrpd, hears it and stays backup")
        self.a.start()
        self.b.start()
        self.a.wait_state("MASTER", 10)
        self.say(f"gw-a's log: {self.a.log('Entering MASTER')[-1]}")
        self.say_advert(self.sniffer.next_advert(self.node_a, 0, 3))
        until(lambda: self.b.instance()[Words.SEQUENCE_HEARD], 5, "gw-b authenticates an advert of gw-a")
        self.b.wait_state(BACKUP, 2)
        self.show_ctl("show", "instances")
        self.pinger = Pinger(self.host, self.vip)
        self.pinger.wait_answers()
        until(lambda: neighbour(self.host, self.vip) == self.node_a.mac, 5, "host has gw-a's MAC")
        self.say(f"host: {self.vip} answers, at {self.node_a.mac} (gw-a)")
        # A few more adverts, so that the next step does not begin with the first advert of all.
        self.say_advert(until(lambda: self.sniffer.adverts(self.node_a)[2:], 4, "a third advert of gw-a")[0])

    def crash(self):
        self.step("gw-a dies: SIGKILL, and its cable goes dark; no goodbye")
        lines = len(self.b.log())
        moment = self.a.power_off()
        first = self.sniffer.next_advert(self.node_b, moment, 8)
        self.say_advert(first)
        last = self.sniffer.last_advert(self.node_a, before=first.time)
        self.say(f"gw-b took over {ms(first.time - last.time):.0f} ms after gw-a's last advert "
                 f"(rule: 3 x 1 s + skew = {self.router.master_down_ms(100):.0f} ms)")
        self.b.wait_state(MASTER, 2)
        self.address_moves(self.node_b, self.node_a, moment)
        self.say_log(self.b, "VI_1", lines)
        self.show_ctl("show", "instances")

    def comeback(self):
        self.step("gw-a returns with its priority 150 and preempts")
        moment = now()
        self.a.power_on()
        first = self.sniffer.next_advert(self.node_a, moment, 10)
        self.say_advert(first)
        self.a.wait_state("MASTER", 2)
        self.b.wait_state(BACKUP, 2)
        self.address_moves(self.node_a, self.node_b, first.time)
        self.show_ctl("show", "instances")

    def our_turn(self):
        self.step("gw-b is given the higher priority; gw-a follows")
        moment = now()
        self.b.set_priority(200)
        self.show("dpvrrpctl set instance VI_1 priority 200", "")
        first = self.sniffer.next_advert(self.node_b, moment, 8)
        self.say_advert(first)
        self.b.wait_state(MASTER, 2)
        self.a.wait_state("BACKUP", 3)
        self.say(f"gw-a's log: {self.a.log('Entering BACKUP')[-1]}")
        self.address_moves(self.node_b, self.node_a, first.time)
        complaints = self.a.complaints()
        if complaints:
            raise AssertionError("keepalived refused adverts:\n" + "\n".join(complaints))
        self.say("keepalived refused none of our adverts")

    def rogue(self):
        self.step("a third gateway wakes up: it has the key and priority 250, and does not hear the others")
        before, lines = self.b.transitions(), len(self.a.log())
        rogue = StaleGateway(self.node_c, self.router, priority=250)
        rogue.start()
        first = self.sniffer.next_advert(self.node_c, 0, 10)
        self.say_advert(first)
        self.sniffer.next_advert(self.node_c, first.time + 1, 5)
        found = until(lambda: self.b.json("diagnose"), 2, "diagnose names the culprit")[0]
        if (found["verdict"], found["mac"]) != ("stale-gateway", self.node_c.mac):
            raise AssertionError(f"diagnose says {found}")
        self.say(f"keepalived's only message on gw-a: {self.a.log('already')[-1] if self.a.log('already') else 'nothing'}")
        self.show_ctl("diagnose")
        self.show_ctl("sender", "block", self.node_c.address)
        until(lambda: self.b.drops().get("blocked", 0) >= 3, 8, "its adverts are dropped as blocked")
        self.show_ctl("show", "rogues")
        gap = ms(self.sniffer.longest_gap(self.node_b, first.time, now()))
        if self.b.transitions() != before or self.a.log("Entering MASTER")[lines:] or gap > 1100:
            raise AssertionError(f"the pair changed state or lost adverts: {self.b.transitions()}, longest gap {gap:.0f} ms")
        self.say(f"gw-b, master, made no transition and missed no advert: longest gap {gap:.0f} ms")
        rogue.stop()

    def ending(self):
        self.step("what gw-b tells at the end")
        self.show_ctl("show", "status")
        self.show_ctl("show", "instance", self.router.name)
        self.show_ctl("show", "drops")
        self.show_ctl("show", "events")

    def entering(self):
        enter = "ip netns exec " + lab_module.KEPT
        print(f"""
The lab is left running, gw-b is master. To enter it:
  {enter}gw-b {CONTROL} -s {self.b.socket} show instances
  {enter}host ping {self.vip}
  {enter}host tcpdump -ni eth0 'proto 51 or arp'
Logs: {self.a.log_file}  {self.b.log_file}
To take it down: scripts/demo --down""")

    def tell(self):
        print(TOPOLOGY.format(version=version()))
        for part in (self.beginning, self.crash, self.comeback, self.our_turn, self.rogue, self.ending):
            part()


def main(arguments):
    reason = cannot_run()
    if reason:
        print(f"demo: {reason}", file=sys.stderr)
        return 1
    if arguments == ["--down"]:
        lab_module.take_down(lab_module.KEPT)
        return 0
    clean_up_at_exit()
    with Lab(keep="--keep" in arguments) as lab:
        story = Story(lab)
        try:
            story.tell()
        except (AssertionError, RuntimeError, OSError) as error:
            kind = "not observed" if isinstance(error, (Timeout, AssertionError)) else type(error).__name__
            print(f"\nFAILED, {kind}: {error}", flush=True)
            return 1
        print("\nEvery step was observed.")
        if lab.keep:
            story.entering()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
