# SPDX-License-Identifier: BSD-3-Clause
"""`dpvrrpctl import`: the command, and pairs of which one router is keepalived with its file, and the other one dpvrrpd
with the import of the same file. They behave as two keepalived routers do: the addresses move, and programs run."""

import json
import re
import subprocess

import pytest

from harness.dpvrrpd import BACKUP, CONTROL, DAEMON, MASTER
from harness.imported import ImportedGateway, OriginalGateway
from harness.lab import ROOT
from harness.scenes import scene
from harness.second_lan import second_lan
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon


def instance(node, priority, lines, addresses="10.99.0.100/24", name="VI_1", vrid=51, interface="eth0"):
    return f"""vrrp_instance {name} {{
    state BACKUP
    interface {interface}
    virtual_router_id {vrid}
    priority {priority}
    advert_int 1
{lines}
    virtual_ipaddress {{
        {addresses}
    }}
}}
"""


def password(kind, text):
    return f"    authentication {{\n        auth_type {kind}\n        auth_pass {text}\n    }}"


def health(node):
    """A file that a program looks for."""
    return node.lab.folder / f"{node.name}.healthy"


def tracked(weight):
    def text(node, priority):
        script = (f"global_defs {{\n    script_user root\n}}\nvrrp_script health {{\n    script \"test -e {health(node)}\"\n"
                  f"    interval 1\n{weight}}}\n")
        return script + instance(node, priority, "    track_script {\n        health\n    }\n"
                                 f"    notify \"{notes(node)} generic\"\n    notify_master \"{notes(node)} master 'a b'\"\n"
                                 f"    notify_backup \"{notes(node)} backup\"\n    notify_fault \"{notes(node)} fault\"")
    return text


def notes(node):
    """A program that notes its arguments."""
    program = node.lab.folder / f"{node.name}.note"
    if not program.exists():
        program.write_text(f'#!/bin/sh\nline=$(printf "%s|" "$@")\necho "$line" >> {node.lab.folder}/{node.name}.notes\n')
        program.chmod(0o755)
    return program


def noted(node):
    file = node.lab.folder / f"{node.name}.notes"
    return file.read_text().splitlines() if file.exists() else []


# Frames of others than VRRP, and what the bridge sends back.
HARMLESS = {"not-vrrp", "own-echo", "extension-header"}

FILES = {
    "ah": lambda node, priority: instance(node, priority, password("AH", "reinvented-pass")),
    "pass": lambda node, priority: instance(node, priority, password("PASS", "1111")),
    "v3": lambda node, priority: instance(node, priority, "    version 3").replace("advert_int 1", "advert_int 0.5"),
    "unicast": lambda node, priority: instance(
        node, priority, "    unicast_peer {\n        10.99.0.%d\n    }" % (3 - node.number)),
    "ipv6": lambda node, priority: instance(node, priority, "    native_ipv6", "2001:db8:99::100/64"),
    "vmac": lambda node, priority: instance(node, priority, "    use_vmac"),
    "families": lambda node, priority: instance(
        node, priority, "    virtual_ipaddress_excluded {\n        2001:db8:99::100/64\n    }"),
    "elsewhere": lambda node, priority: instance(
        node, priority, "    virtual_ipaddress_excluded {\n        10.98.0.101/24 dev eth1\n    }",
        "10.98.0.100/24 dev eth1"),
}
ADDRESSES = {"ipv6": {"2001:db8:99::100"}, "families": {"10.99.0.100", "2001:db8:99::100"}, "elsewhere": {"10.98.0.100", "10.98.0.101"}}


class ImportedPair:
    """gw-a: keepalived. gw-b: dpvrrpd with the import."""

    def __init__(self, lab, text, ours_first, addresses=("10.99.0.100",), expected=0):
        self.node_a, self.node_b = lab.node("gw-a"), lab.node("gw-b")
        self.addresses = set(addresses)
        self.a = OriginalGateway(self.node_a, text, 100 if ours_first else 150)
        self.b = ImportedGateway(self.node_b, text, 150 if ours_first else 100, expected)
        self.first, self.second = (self.b, self.a) if ours_first else (self.a, self.b)

    def start(self):
        self.a.start()
        self.b.start()
        self.served_by(self.first)
        return self

    def served_by(self, gateway, seconds=15):
        other = self.a if gateway is self.b else self.b
        since = now()
        held = lambda node: self.addresses & (node.addresses(4).keys() | node.addresses(6).keys())
        until(lambda: held(gateway.node) == self.addresses and not held(other.node), seconds,
              lambda: f"{gateway.name} alone has {self.addresses}: {held(gateway.node)} {held(other.node)} "
                      f"{self.a.log()[-5:]} {self.b.events()[-8:]}")
        return ms(now() - since)


@pytest.mark.parametrize("ours_first", [True, False])
@pytest.mark.parametrize("kind", sorted(FILES))
@scene(ipv6=True)
def test_an_imported_router_is_the_peer_of_the_original(lab, measured, kind, ours_first):
    pair = ImportedPair(lab, FILES[kind], ours_first, ADDRESSES.get(kind, {"10.99.0.100"}))
    if kind == "elsewhere":
        second_lan(lab, (pair.node_a, pair.node_b))
    pair.start()
    pair.first.stop()
    measured(f"{kind}, first is {pair.first.kind if not ours_first else 'ours'}: over after "
             f"{pair.served_by(pair.second):.0f} ms")
    pair.first.start()
    pair.served_by(pair.first)
    assert not pair.a.complaints(), pair.a.complaints()
    assert pair.b.drops().keys() <= HARMLESS, pair.b.drops()


@pytest.mark.parametrize("ours_first", [True, False])
@pytest.mark.parametrize("weight", ["    weight -60\n", ""])
@scene()
def test_tracked_scripts_and_notify_programs(lab, measured, weight, ours_first):
    pair = ImportedPair(lab, tracked(weight), ours_first)
    for node in (pair.node_a, pair.node_b):
        health(node).touch()
    pair.start()
    health(pair.first.node).unlink()
    measured(f"{'weight' if weight else 'fault'}, {'ours' if ours_first else 'keepalived'} first: over after "
             f"{pair.served_by(pair.second):.0f} ms")
    health(pair.first.node).touch()
    pair.served_by(pair.first)
    lost = "BACKUP" if weight else "FAULT"
    node = pair.first.node
    until(lambda: noted(node).count("master|a b|") >= 2, 5, lambda: noted(node))
    lines = noted(node)
    assert f"{lost.lower()}|" in lines, lines
    assert any(re.fullmatch(rf"generic\|INSTANCE\|VI_1\|{lost}\|\d+\|", line) for line in lines), lines
    assert "generic|INSTANCE|VI_1|MASTER|150|" in lines, lines


def group(node, priority):
    return ("global_defs {\n    script_user root\n}\n"
            f"vrrp_sync_group FW {{\n    group {{\n        IN\n        OUT\n    }}\n"
            f"    notify_master \"{notes(node)} primary\"\n    notify_backup \"{notes(node)} backup\"\n"
            f"    notify_fault \"{notes(node)} fault\"\n}}\n"
            + instance(node, priority, "", name="IN")
            + instance(node, priority, "", "10.98.0.100/24", "OUT", 52, "eth1"))


@pytest.mark.parametrize("ours_first", [True, False])
@scene()
def test_a_group_moves_together(lab, measured, ours_first):
    pair = ImportedPair(lab, group, ours_first, {"10.99.0.100", "10.98.0.100"})
    second_lan(lab, (pair.node_a, pair.node_b))
    pair.start()
    pair.first.node.unplug()
    measured(f"group, {'ours' if ours_first else 'keepalived'} loses a link: over after {pair.served_by(pair.second):.0f} ms")
    pair.first.node.plug()
    pair.served_by(pair.first)
    until(lambda: noted(pair.first.node).count("primary|") >= 2, 5, lambda: noted(pair.first.node))
    assert "fault|" in noted(pair.first.node)


# --- the command

EXAMPLE = """# the office
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    authentication {
        auth_type AH
        auth_pass Xk3vQ9zL
    }
    virtual_ipaddress {
        10.99.0.100/24
    }
}
"""


def run_import(node, *words):
    return subprocess.run(node.namespace.command(CONTROL, *words), capture_output=True, text=True, timeout=30)


@scene()
def test_the_command(lab, **_):
    node = lab.node("gw-b")
    source = lab.folder / "k.conf"
    source.write_text(EXAMPLE)
    printed = run_import(node, "import", source)
    assert printed.returncode == 0, printed.stderr
    assert f'source_address = "{node.address}"' in printed.stdout and 'key = "Xk3vQ9zL"' in printed.stdout
    assert f"{source}:3: dropped  state MASTER" in printed.stderr and "Xk3vQ9zL" not in printed.stderr
    assert run_import(node, "import", "--no-host", source).returncode == 3
    as_json = json.loads(run_import(node, "--json", "import", source).stderr)
    assert len(as_json["statements"]) == as_json["counts"]["taken"] + as_json["counts"]["dropped"] == 10

    folder = lab.folder / "new"
    written = run_import(node, "import", "-o", folder, source)
    assert written.returncode == 0 and "9 taken" in written.stdout, written
    assert (folder / "VI_1.key").read_text() == "Xk3vQ9zL\n"
    assert (folder / "VI_1.key").stat().st_mode & 0o777 == 0o600
    assert "Xk3vQ9zL" not in (folder / "dpvrrp.toml").read_text()
    again = run_import(node, "import", "-o", folder, source)
    assert again.returncode == 1 and "exists already" in again.stderr

    assert run_import(node, "import", f"--output={lab.folder / 'other'}", source).returncode == 0
    assert (lab.folder / "other" / "dpvrrp.toml").exists()
    deep = run_import(node, "import", "-o", lab.folder / "a" / "b" / "c", source)
    assert deep.returncode == 1 and f"{lab.folder}/a/b: No such file" in deep.stderr
    # A check script that is not on this machine, which keepalived would disable.
    source.write_text("vrrp_script chk {\n    script /nosuch/check\n}\n"
                      + EXAMPLE.replace("state MASTER", "track_script {\n        chk\n    }\n    state MASTER"))
    disabled = run_import(node, "import", source)
    assert disabled.returncode == 3 and "[[track]]" not in disabled.stdout, disabled
    assert "disables the script" in disabled.stderr

    source.write_text(EXAMPLE + "warp_drive on\n")
    assert run_import(node, "import", source).returncode == 4
    source.write_text(EXAMPLE + "vrrp_instance X {\n")
    broken = run_import(node, "import", source)
    assert broken.returncode == 1 and f"{source}:15: the block of vrrp_instance is not closed" in broken.stderr
    missing = run_import(node, "import", lab.folder / "gone.conf")
    assert missing.returncode == 1 and "gone.conf: No such file" in missing.stderr
    for words in (["import"], ["import", "-o"], ["import", "--what", source], ["import", "--output=", source], ["import", source, source]):
        assert run_import(node, *words).returncode == 2, words
    assert run_import(node, "import", "--help").returncode == 0


# --- the page

def commands_of_the_page():
    page = (ROOT / "docs" / "migrating-from-keepalived.md").read_text()
    return [line.strip() for line in page.splitlines() if line.startswith("    ")]


@scene()
def test_the_page_moves_a_pair_over_and_back(lab, **_):
    """Runs the commands of docs/migrating-from-keepalived.md in their order, on the backup. systemctl is the lab's own."""
    text = FILES["ah"]
    node_a, node_b = lab.node("gw-a"), lab.node("gw-b")
    peer, old, new = OriginalGateway(node_a, text, 150), OriginalGateway(node_b, text, 100), ImportedGateway(node_b, text, 100)
    peer.start()
    old.start()
    peer.wait_state("MASTER", 10)
    old.wait_state("BACKUP", 10)
    original, folder = lab.folder / f"{node_b.name}.conf", new.folder

    def in_lab(words):
        places = {"/etc/dpvrrp/dpvrrp.toml": folder / "dpvrrp.toml", "/etc/dpvrrp": folder,
                  "/etc/keepalived/keepalived.conf": original}
        return [places.get(word, word) for word in words]

    def import_it(*words):
        done = run_import(node_b, *in_lab(words))
        assert done.returncode == 0, done.stdout + done.stderr

    def check(*words):
        done = subprocess.run(node_b.namespace.command(DAEMON, *in_lab(words)), capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and "valid, 1 port, 1 instance" in done.stdout + done.stderr, done

    def systemctl(verb, unit):
        gateway = {"keepalived": old, "dpvrrpd": new}[unit]
        if verb == "disable":
            assert not gateway.running()
        else:
            (gateway.start if verb == "start" else gateway.stop)()
        if (verb, unit) == ("start", "dpvrrpd"):
            new.wait_state(BACKUP, 10)
            until(lambda: new.instance()["master"] == node_a.address, 5, "the master was heard")

    def control(*words):
        answer = new.ctl(*words)
        if words[0] == "set":
            new.wait_state(MASTER, 10)
            until(lambda: "10.99.0.100" in node_b.addresses(), 5, "the address")
        elif words[0] == "reload":
            new.wait_state(BACKUP, 10)
            until(lambda: "10.99.0.100" in node_a.addresses(), 5, "the address is back")
        elif words == ("show", "instances"):
            assert "Backup" in answer and node_a.address in answer, answer
        else:
            assert new.drops().keys() <= HARMLESS, answer

    programs = {"dpvrrpd": check, "systemctl": systemctl,
                "dpvrrpctl": lambda *words: (import_it if words[0] == "import" else control)(*words)}
    commands = commands_of_the_page()
    assert len(commands) == 11, commands
    for command in commands:
        program, *words = command.split()
        programs[program](*words)
    old.wait_state("BACKUP", 10)
    assert peer.state() == "MASTER"
