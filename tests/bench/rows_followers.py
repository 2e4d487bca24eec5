# SPDX-License-Identifier: BSD-3-Clause
"""One leader and 100,000 followers, each on a VLAN of its own: two gateways change hands."""

import time

from harness.dpvrrpd import DpvrrpGateway
from harness.lab import Lab, cannot_run
from harness.virtual_router import VirtualRouter
from harness.wait import until
from rows import CannotRun, Row
from side import Ear, cpu_seconds, ether_type_at, memory_mib

INNER = 4000  # VLANs below one outer VLAN
LEADER, GROUP = "gw", "subscribers"


class FollowerGateway(DpvrrpGateway):
    """`count` followers behind the responder, so that the kernel has no address of them. Nothing paces their gratuitous
    ARPs. `cpus` are the control thread's and the worker's."""

    def __init__(self, node, count, priority, cpus):
        super().__init__(node, VirtualRouter(), priority, idle='idle = "interrupt"')
        self.count, self.cpus = count, cpus

    def write_config(self):
        outer, host = self.count // INNER, self.node.address.rsplit(".", 1)[1]
        self.config_file.write_text(f"""\
[daemon]
control_socket = "{self.socket}"
state_directory = "{self.state_directory}"
main_lcore = {self.cpus[0]}
lcores = [{self.cpus[1]}]
{self.idle}

[garp]
repeats = []

[[port]]
name = "trunk"
device = "net_af_packet0,iface=eth0,framesz=512,framecnt=8192,qdisc_bypass=1"

[[instance]]
name = "{LEADER}"
port = "trunk"
vrid = 51
priority = {self.priority}
source_address = "10.99.0.{host}"
virtual_addresses = [ "10.99.0.100/24" ]

[[template]]
name = "sub-{{vlan}}"
port = "trunk"
vlan = [ "100-{99 + outer}", "1-{INNER}" ]
vrid = 1
source_address = "10.99.0.{host}"
virtual_addresses = [ {{ address = "10.100.0.1/8", per_vlan = "0.0.16.0", per_inner_vlan = "0.0.0.1" }} ]
responder = true

[[group]]
name = "{GROUP}"
kind = "follow"
leader = "{LEADER}"
pattern = "sub-*"
""")

    def masters(self):
        return next(g["masters"] for g in self.json("show", "groups") if g["name"] == GROUP)

    def wait_masters(self, count, seconds):
        until(lambda: self.masters() == count, seconds, lambda: f"{self.name}: {self.masters()} followers are master")


class FollowerEar(Ear):
    """Records the times of the leader's adverts, and of the first gratuitous ARP for each address."""

    def __init__(self, namespace):
        self.adverts, self.announced = [], {}
        super().__init__(namespace)

    def hear(self, stamp, frame):
        at = ether_type_at(frame)
        if frame[at:at + 2] == b"\x08\x06":
            self.announced.setdefault(frame[at + 16:at + 20], stamp)
        elif frame[at:at + 2] == b"\x08\x00" and frame[at + 11] == 112:
            self.adverts.append(stamp)


def _gap_ms(times):
    return max(b - a for a, b in zip(times, times[1:])) / 1e6


def followers(name, context):
    if why := cannot_run():
        raise CannotRun(why)
    count = 20_000 if context.quick else 100_000
    with Lab() as lab:
        node_a, node_b = lab.wired("gw-a", "gw-b")
        a = FollowerGateway(node_a, count, 150, (0, 1))
        b = FollowerGateway(node_b, count, 100, (1, 0))
        began = time.monotonic()
        for gateway in (a, b):
            gateway.start(240)
        started = (time.monotonic() - began) / 2
        a.wait_masters(count, 60)
        b.wait_masters(0, 60)
        context.say(f"  {name}: {count} followers started")
        yield Row(f"{name} start", started, "s", note="until the control socket answers")
        yield Row(f"{name} memory", memory_mib(b.pid), "MiB",
                  note=f"resident, of the backup: {memory_mib(b.pid) * 1024 / count:.2f} KiB a follower")
        idle = cpu_seconds([b.pid])
        time.sleep(3)
        yield Row(f"{name} idle", 100 * (cpu_seconds([b.pid]) - idle) / 3, "% core", note="of the backup")
        for turn in (1, 2, 3) if not context.quick else (1,):
            yield from _change_hands(f"{name} {turn}", a, b, count)
            a, b = b, a


def _change_hands(name, old, new, count):
    """The master resigns. The new one's leader becomes master within Skew_Time."""
    ear = FollowerEar(old.node.namespace)
    old.ctl("resign", LEADER)
    new.wait_masters(count, 60)
    old.wait_masters(0, 60)
    time.sleep(2.5)
    ear.stop()
    followers_of = {address: stamp for address, stamp in ear.announced.items() if address[:2] != b"\x0a\x63"}
    if len(followers_of) != count:
        raise RuntimeError(f"{len(followers_of)} of {count} followers were announced")
    first = ear.adverts[0]
    yield Row(f"{name} announced", (max(followers_of.values()) - first) / 1e9, "s", 1, at_most=True,
              note=f"first advert to last announcement; longest time without an advert {_gap_ms(ear.adverts):.0f} ms; "
                   f"{[e['text'] for e in new.json('show', 'events') if e['kind'] == 'group'][-1:]}")


ROWS = {"followers": lambda *given: list(followers(*given))}
