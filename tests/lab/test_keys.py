# SPDX-License-Identifier: BSD-3-Clause
"""Two dpvrrpd change their key in three steps while one is master: no transition, no advert lost, and a sender with
only the old key is locked out. docs/operations.md, "Change a key without losing an advert"."""

import pytest

from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway
from harness.frames import build_advert
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

ROUTER = VirtualRouter()
OLD, NEW = "k7Qw2ZpX", "x8fj2qpz"
LONGEST_GAP_MS = 1100
STEP_SECONDS = 2.5


def ring(sign, **keys):
    tables = "".join(f'[[keyring.key]]\nid = {name[1:]}\nkey = "{key}"\n' for name, key in keys.items())
    return f'\n[[keyring]]\nname = "core"\nsign = {sign}\n{tables}'


class Scene:
    def __init__(self, lab):
        nodes = [lab.node(name) for name in ("gw-a", "gw-b")]
        self.mallory = lab.node("rogue")
        self.sniffer = Sniffer(self.mallory)
        self.attacker = Attacker(lab, self.mallory)
        self.sequence = 1000
        self.a, self.b = (DpvrrpGateway(node, ROUTER, priority) for node, priority in zip(nodes, (150, 100)))
        for gateway in (self.a, self.b):
            gateway.keyring = ring(1, k1=OLD)
            gateway.start()
        self.a.wait_state(MASTER, 10)
        self.b.wait_state(BACKUP, 5)
        until(lambda: self.heard_by_b() > 2, 5, "b hears a")
        self.before = [gateway.transitions() for gateway in (self.a, self.b)]
        self.since = self.sniffer.last_advert(nodes[0]).time

    def heard_by_b(self):
        return self.b.sections()["counters"]["adverts_received"]

    def let_run(self):
        end = now() + STEP_SECONDS * 1e9
        until(lambda: now() > end, STEP_SECONDS + 1, "some adverts pass")

    def key(self, number):
        return {row["key"]: row for row in self.b.json("show", "keyrings")}[number]

    def check(self, measured, how):
        """Nothing has changed, except that the attacker's old key is now refused."""
        last = self.sniffer.last_advert(self.a.node).time
        gap = self.sniffer.longest_gap(self.a.node, self.since, last)
        measured(f"{how}: longest gap between adverts {ms(gap):.0f} ms")
        assert ms(gap) < LONGEST_GAP_MS
        assert not self.b.drops().get("bad-icv") and not self.a.drops().get("bad-icv")
        self.attack(OLD)
        for gateway in (self.a, self.b):
            until(lambda g=gateway: g.drops().get("bad-icv") == 1, 3, lambda g=gateway: f"refused; drops {g.drops()}")
        assert [gateway.transitions() for gateway in (self.a, self.b)] == self.before
        assert (self.a.state(), self.b.state()) == (MASTER, BACKUP)
        assert not self.sniffer.adverts(self.b.node, self.since)

    def attack(self, key):
        self.sequence += 1
        self.attacker.send(build_advert(
            source_mac=self.mallory.mac, source=self.mallory.address, vrid=ROUTER.vrid, priority=255,
            addresses=ROUTER.addresses, sequence=self.sequence, key=key.encode().ljust(8, b"\0")))


def test_a_key_is_changed_by_commands_without_losing_an_advert(lab, measured, tmp_path):
    new = tmp_path / "new.key"
    new.write_text(f"{NEW}\n")
    new.chmod(0o600)
    scene = Scene(lab)
    for command in (("key", "add", "core", "2", "file", new), ("key", "sign", "core", "2"),
                    ("key", "drop", "core", "1")):
        for gateway in (scene.b, scene.a):  # the backup first: for some time the two sign with different keys
            gateway.ctl(*command)
            scene.let_run()
            if command[1] == "sign" and gateway is scene.b:
                assert scene.key(1)["verified"] > 0  # the other has not switched yet
        if command[1] == "sign":
            verified = scene.key(1)["verified"]
            scene.let_run()
            assert scene.key(1)["verified"] == verified  # no gateway signs with the old key any more
    scene.check(measured, "by commands")
    for gateway in (scene.a, scene.b):
        assert not gateway.log(f"{OLD}|{NEW}")


def test_a_key_is_changed_by_reloads_without_losing_an_advert(lab, measured):
    scene = Scene(lab)
    for text in (ring(1, k1=OLD, k2=NEW), ring(2, k1=OLD, k2=NEW), ring(2, k2=NEW)):
        for gateway in (scene.b, scene.a):
            gateway.keyring = text
            gateway.write_config()
            assert "1 changed in place, 0 removed and added" in gateway.ctl("reload")
            scene.let_run()
    scene.check(measured, "by reloads")
