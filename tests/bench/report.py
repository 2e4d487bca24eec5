# SPDX-License-Identifier: BSD-3-Clause
"""Three VRRP routers measured by dpvrrp-gen in the same lab, as one page: the work of scripts/report.

   gen, dpvrrp-gen                    gw-b, the router that is measured
   10.99.0.1, priority 200            10.99.0.2, priority 100
        |                                  |
   -----+----------------------------------+-----  switch

The generator is master of all virtual routers. It falls silent, and the router must take over."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import frr
from harness.dpvrrpd import DpvrrpGateway
from harness.frr import FrrGateway
from harness.generator import Generator, by
from harness.keepalived import KeepalivedGateway, version
from harness.lab import Lab
from harness.virtual_router import VirtualRouter
from harness.wait import until
from side import cpu_seconds

SILENT_AT, SECONDS = 4, 12
FLOOD = 20_000  # frames a second
INTERVAL = 1  # seconds
FIRST_HOST = 4  # the address of VRID 1 is 10.99.0.4; those before are the hosts' addresses
MOST = 250  # virtual routers: with more, an address would be 10.99.0.254, the flood's source
SCALE = (1, MOST)  # virtual routers without other traffic, beside the count of the flood


def routers(count):
    return [VirtualRouter(name=f"VI_{vrid}", vrid=vrid, first_host=FIRST_HOST - 1 + vrid, version=3,
                          authentication="none", interval=INTERVAL) for vrid in range(1, count + 1)]


class Ours(DpvrrpGateway):
    title = "dpvrrpd"

    def __init__(self, node, all_routers):
        super().__init__(node, all_routers[0], 100, more=all_routers[1:], idle='idle = "interrupt"')

    def masters(self):
        return self.json("show", "status")["master"]

    def pids(self):
        return [self.pid]


class Keepalived(KeepalivedGateway):
    title = "keepalived"

    def __init__(self, node, all_routers):
        super().__init__(node, all_routers[0], 100)
        self.blocks = "".join(
            f"vrrp_instance {r.name} {{\n    state BACKUP\n    interface eth0\n    virtual_router_id {r.vrid}\n"
            f"    priority 100\n    advert_int {r.interval}\n    version 3\n"
            f"    virtual_ipaddress {{\n        {r.addresses[0]}/24\n    }}\n}}\n" for r in all_routers[1:])

    def masters(self):
        last = dict(re.findall(r"\((\w+)\) Entering (\w+) STATE", "\n".join(self.log())))
        return list(last.values()).count("MASTER")

    def pids(self):
        return [self._pid(letter) for letter in "rp"]


class Frr(FrrGateway):
    title = "FRR"

    def __init__(self, node, all_routers):
        self.all_routers = all_routers
        super().__init__(node, all_routers[0], 100)

    def _make_device(self):
        for r in self.all_routers:
            device = f"vrrp-{r.vrid}"
            self.node.namespace.ip("link", "add", device, "link", "eth0", "type", "macvlan", "mode", "bridge")
            self.node.namespace.ip("link", "set", device, "address", r.mac)
            self.node.namespace.ip("link", "set", device, "up")
            self.node.namespace.ip("addr", "add", f"{r.addresses[0]}/24", "dev", device)

    def _write(self):
        super()._write()
        file = self._run / "vrrpd.conf"
        file.write_text(file.read_text() + "".join(
            f" vrrp {r.vrid} version 3\n vrrp {r.vrid} priority 100\n vrrp {r.vrid} advertisement-interval "
            f"{round(r.interval * 1000)}\n vrrp {r.vrid} ip {r.addresses[0]}\n" for r in self.all_routers[1:]))

    def masters(self):
        return self.vtysh("show vrrp json").count('"Master"')

    def pids(self):
        return [process.pid for process in self._processes.values()]


def profile(count, flood):
    stream = (f'version = 3\nvrid = "1-{count}"\nadvertisement_interval = "{INTERVAL}s"\n'
              f'virtual_addresses = [{{ address = "10.99.0.{FIRST_HOST}", per_vrid = "0.0.0.1" }}]\n')
    text = (f'[generator]\nduration = "{SECONDS}s"\n[[stream]]\nname = "masters"\nkind = "master"\npriority = 200\n'
            f'source_address = "10.99.0.1"\nsilent_at = {SILENT_AT}\n{stream}')
    if flood:
        text += ('[[stream]]\nname = "flood"\nkind = "ttl"\npriority = 255\nsource_address = "10.99.0.254"\n'
                 f'rate = {FLOOD}\nframes = 0\n{stream}')
    return text


@dataclass
class Figures:
    title: str
    flood: bool
    count: int
    result: dict
    cpu: float  # percent of one CPU, over the run

    def row(self):
        masters, times = by(self.result["masters"], "stream")["masters"], by(self.result["times"], "time")
        late, announced, jitter = times["lateness"], times["announced"], times["jitter"]
        return [self.title, self.count, masters["taken_over"], trio(late), trio(announced), trio(jitter),
                masters["missed_intervals"], masters["false_transitions"], f"{self.cpu:.1f} %"]


def trio(row):
    if not row["count"]:
        return "-"
    return ", ".join(f"{row[name]:.1f}".replace("-0.0", "0.0") for name in ("median_ms", "p99_ms", "most_ms"))


HEAD = ["router", "virtual routers", "taken over", "late, ms", "announced after, ms", "jitter, ms", "missed intervals",
        "false transitions", "CPU"]


def measure(which, count, flood, picture):
    with Lab() as lab:
        generator, node = Generator(lab.node("gen")), lab.node("gw-b")
        gateway = which(node, routers(count)).start()
        until(lambda: gateway.masters() >= count, 30, step=0.2,
              what=lambda: f"{which.title}: {count} masters, found {gateway.masters()}")
        before = cpu_seconds(gateway.pids())
        result = generator.play(profile(count, flood), *(["--svg", picture] if picture else []))
        cpu = 100 * (cpu_seconds(gateway.pids()) - before) / result["run"]["seconds"]
        return Figures(which.title, flood, count, result, cpu)


def versions():
    found = {"dpvrrpd": "this tree", "keepalived": version()}
    if frr.missing() is None:
        said = subprocess.run([f"{frr.FOLDER}/vrrpd", "--version"], capture_output=True, text=True).stdout
        found["FRR"] = said.split("version", 1)[1].split()[0]
    return found


def table(figures):
    lines = [HEAD, ["---"] * len(HEAD), *(each.row() for each in figures)]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def page(quiet, flooded, count, pictures, load):
    found = ", ".join(f"{name} {which}" for name, which in versions().items())
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), "unknown")
    shown = "\n".join(f"![{title}]({file})\n" for title, file in pictures.items())
    return f"""# Three VRRP routers, measured

`scripts/report` has written this page: {found}.
Linux {os.uname().release.split("-")[0]}, {os.cpu_count()} CPUs ({cpu}). Load average {load} from begin to end:
other programs on the same CPUs delay all three routers and the generator.

Each router had 1 to {MOST} virtual routers, VRRPv3 over IPv4 at {INTERVAL} s, on a veth of a network namespace.
[dpvrrp-gen](generator.md) was their master with priority 200 and fell silent after {SILENT_AT} s.

Times are median, 99th percentile and most. "Late" is the takeover beyond the rule, 3 intervals and the skew of the
router's priority. "Announced after" is the time from the first advert to the first gratuitous ARP; a negative time is
before the advert. The generator and the router share the CPUs, and the generator looks at its port every 50 us.

## Without other traffic

{table(quiet)}

## Under a flood

{FLOOD} adverts a second with priority 255 and a TTL of 254, for the same virtual routers, from before the silence until
the end. Each of them must be discarded (RFC 9568 7.1). Without a figure for jitter, no virtual router sent a second advert.

{table(flooded)}

## Lateness of {count} virtual routers, without other traffic

{shown}"""


def write(folder, count, say):
    folder.mkdir(parents=True, exist_ok=True)
    which = [Ours, Keepalived] + ([Frr] if frr.missing() is None else [])
    pictures, quiet, flooded, load = {}, [], [], []
    for each in which:
        pictures[each.title] = f"report-{each.title.lower()}.svg"
        load.append(os.getloadavg()[0])
        for number in sorted({*SCALE, count}):
            say(f"{each.title}: {number} virtual routers")
            picture = folder / pictures[each.title] if number == count else None
            quiet.append(measure(each, number, False, picture))
        say(f"{each.title}: under a flood")
        flooded.append(measure(each, count, True, None))
    (folder / "report.md").write_text(page(
        quiet, flooded, count, pictures, " ".join(f"{each:.1f}" for each in (*load, os.getloadavg()[0]))))
