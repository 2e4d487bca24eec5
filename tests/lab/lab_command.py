#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A lab that stays until it is taken down: the commands of scripts/lab.

  scripts/lab list                     the topologies
  scripts/lab show NAME                draws one
  scripts/lab up NAME                  builds it and starts its gateways; one lab at a time
  scripts/lab status                   who is master, which addresses each node has, which cables are broken
  scripts/lab shell NODE [COMMAND...]  a shell on a node (sw: the switch), or one command
  scripts/lab capture NODE LINK FILE   records VRRP, ARP and ICMPv6 on an interface of a node, until Ctrl-C
  scripts/lab break LINK               takes a cable down: that of a node has its name, the drawing shows others
  scripts/lab mend LINK                connects it again
  scripts/lab down                     ends every process of the lab and removes its namespaces
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import lab as lab_module
from harness import namespace, topologies
from harness.dpvrrpd import CONTROL, DpvrrpGateway
from harness.frr import FrrGateway
from harness.lab import KEPT, Lab, cannot_run
from harness.wait import Timeout

SWITCH = "sw"
FILTER = "arp or icmp6 or igmp or proto 112 or proto 51 or (vlan and (arp or proto 112 or proto 51 or icmp6))"


class Refused(Exception):
    """What the user asked for cannot be done; the message says why."""


def folder_of_lab():
    """The folder of the lab that is up, or None."""
    found = [path.parent for path in Path(tempfile.gettempdir()).glob(f"{KEPT}*/lab.json")]
    return found[0] if found else None


def description():
    folder = folder_of_lab()
    if folder is None:
        if any(each.startswith(KEPT) for each in namespace.listed()):
            raise Refused("the lab that is up is not one of scripts/lab: it is that of scripts/demo, or unfinished")
        raise Refused("no lab is up: scripts/lab up NAME")
    return folder, json.loads((folder / "lab.json").read_text())


def known(name, what, among):
    if name not in among:
        raise Refused(f"{what} '{name}': must be one of {', '.join(among)}")
    return name


def nodes_of(lab):
    return [*lab["nodes"], SWITCH]


def kind_of(gateway):
    if isinstance(gateway, DpvrrpGateway):
        return "dpvrrpd"
    return "FRR" if isinstance(gateway, FrrGateway) else "keepalived"


# --- commands

def list_all():
    for name in topologies.names():
        print(f"{name:<16} {topologies.drawing(name).splitlines()[0].split(': ', 1)[1]}")


def show(name):
    print(topologies.drawing(known(name, "topology", topologies.names())))


def up(name):
    known(name, "topology", topologies.names())
    reason = cannot_run() or topologies.missing(name)
    if reason:
        raise Refused(reason)
    if any(each.startswith(KEPT) for each in namespace.listed()):
        raise Refused("a lab is up already: scripts/lab down")
    with Lab(keep=True) as lab:
        try:
            made = topologies.build(name, lab)
        except BaseException:
            lab.keep = False  # closes it
            raise
        (lab.folder / "lab.json").write_text(json.dumps({
            "topology": name, "nodes": list(lab.nodes),
            "gateways": {name: kind_of(gateway) for name, gateway in made.gateways.items()}}))
    print(topologies.drawing(name))
    print("\n  scripts/lab status, scripts/lab shell gw-b, scripts/lab down")


def down():
    if not any(each.startswith(KEPT) for each in namespace.listed()) and folder_of_lab() is None:
        raise Refused("no lab is up")
    lab_module.take_down(KEPT)


def status():
    folder, lab = description()
    print(f"{lab['topology']}, files in {folder}")
    broken = {link["ifname"] for link in namespace.Namespace(KEPT + SWITCH).ip_json("link", "show")
              if "UP" not in link["flags"]}
    for node in lab["nodes"]:
        kind = lab["gateways"].get(node)
        cable = "  CABLE BROKEN" if node in broken else ""
        cable += "".join(f"  CABLE {each} BROKEN" for each in sorted(broken) if each.startswith(f"{node}-"))
        print(f"\n{node}{f', {kind}: {state_of(folder, node, kind)}' if kind else ''}{cable}")
        addresses = namespace.Namespace(KEPT + node).ip("-br", "addr", "show", "scope", "global")
        print("  " + addresses.strip().replace("\n", "\n  "))


def state_of(folder, node, kind):
    if kind == "dpvrrpd":
        answer = namespace.run(CONTROL, "-s", folder / f"{node}.sock", "--json", "show", "status", check=False)
        if not answer:
            return "does not answer"
        found = json.loads(answer)
        states = ("master", "backup", "initialize", "fault")
        return ", ".join(f"{found[state]} {state}" for state in states if found.get(state))
    if kind == "FRR":
        answer = namespace.run("vtysh", "--vty_socket", folder / f"{node}.frr", "-d", "vrrpd", "-c", "show vrrp json",
                               check=False)
        if not answer.startswith("["):
            return "does not answer"
        return ", ".join(router["v4"]["status"] for router in json.loads(answer))
    lines = re.findall(r"Entering (\w+) STATE", (folder / f"{node}.keepalived.log").read_text(errors="replace"))
    return lines[-1] if lines else "no state yet"


def shell(node, *command):
    folder, lab = description()
    known(node, "node", nodes_of(lab))
    socket = folder / f"{node}.sock"
    environment = {**os.environ, "PS1": f"{node}# "}
    if socket.exists():
        environment["DPVRRP_LAB_SOCKET"] = str(socket)
    if not command:
        if socket.exists():
            print(f"dpvrrpctl: {CONTROL} -s $DPVRRP_LAB_SOCKET show instances")
        command = ("bash", "--norc")
    inside = namespace.Namespace(KEPT + node).command(*command)
    os.execvpe(inside[0], inside, environment)


def capture(node, link, file):
    _, lab = description()
    inside = namespace.Namespace(KEPT + known(node, "node", nodes_of(lab)))
    known(link, "link", [each["ifname"] for each in inside.ip_json("link", "show") if each["ifname"] != "lo"])
    # -Z root: tcpdump would drop its rights before it opens a file that only root may write.
    command = inside.command("tcpdump", "-Z", "root", "-U", "-ni", link, "-w", Path(file).absolute(), FILTER)
    os.execvp(command[0], command)


def set_cable(link, state):
    description()
    switch = namespace.Namespace(KEPT + SWITCH)
    known(link, "link", [each["ifname"] for each in switch.ip_json("link", "show", "type", "veth")])
    switch.ip("link", "set", link, state)


COMMANDS = {"list": (list_all, 0), "show": (show, 1), "up": (up, 1), "down": (down, 0), "status": (status, 0),
            "shell": (shell, None), "capture": (capture, 3),
            "break": (lambda link: set_cable(link, "down"), 1), "mend": (lambda link: set_cable(link, "up"), 1)}


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__.split("\n\n", 1)[1], end="", file=sys.stderr)
        return 2
    command, count = COMMANDS[arguments[0]]
    given = arguments[1:]
    if len(given) != count and not (count is None and given):
        wanted = "a node" if count is None else f"{count} argument{'' if count == 1 else 's'}"
        print(f"lab: {arguments[0]} needs {wanted}, got {len(given)}", file=sys.stderr)
        return 2
    if arguments[0] not in ("list", "show") and os.geteuid() != 0:
        print("lab: needs root for network namespaces", file=sys.stderr)
        return 1
    try:
        command(*given)
    except (Refused, RuntimeError, Timeout, AssertionError, subprocess.TimeoutExpired) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
