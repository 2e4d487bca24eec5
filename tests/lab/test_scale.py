# SPDX-License-Identifier: BSD-3-Clause
"""Two dpvrrpd with 64 VLANs x 250 VRIDs on one cable: no change of state without cause, all take over in time."""

import time
from datetime import datetime

import pytest

from harness.dpvrrpd import BACKUP, MASTER, Words
from harness.scale import FIRST_VLAN, VRIDS, ScaleGateway
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

QUIET_SECONDS = 10
A_PRIORITY, B_PRIORITY = 150, 100
LATE_MS = 1500  # for a busy machine


def test_sixteen_thousand_routers_take_over_and_give_back(lab, measured, request, tmp_path):
    vlans = request.config.getoption("--scale") // VRIDS
    node_a, node_b = lab.wired("gw-a", "gw-b")
    a = ScaleGateway(node_a, vlans, A_PRIORITY, cpus=(0, 1))
    b = ScaleGateway(node_b, vlans, B_PRIORITY, cpus=(1, 0))
    rule = VirtualRouter()

    since = now()
    a.start()
    until(lambda: a.all_are(BACKUP) or a.all_are(MASTER), 20, lambda: a.status(), step=0.01)
    measured(f"{a.count} instances, from exec to all Backup: {ms(now() - since):.0f} ms")
    until(lambda: a.all_are(MASTER), 20, lambda: a.status())
    b.start()
    until(lambda: b.all_are(BACKUP), 20, lambda: b.status())

    # Quiet: every advert arrives, no instance changes state, and a reload without a change has no effect.
    before = [(g.status(), g.cpu_seconds()) for g in (a, b)]
    time.sleep(QUIET_SECONDS / 2)
    since = now()
    assert "0 added, 0 removed, 0 changed in place, 0 removed and added" in a.ctl("reload")
    measured(f"reload without change: {ms(now() - since):.0f} ms")
    time.sleep(QUIET_SECONDS / 2)
    after = [(g.status(), g.cpu_seconds()) for g in (a, b)]
    for gateway, (then, cpu_then), (status, cpu) in zip((a, b), before, after):
        measured(f"{gateway.name}, quiet: {(cpu - cpu_then) / QUIET_SECONDS:.0%} of a core, "
                 f"{gateway.memory_mib():.0f} MiB")
        assert status["transitions"] == then["transitions"], gateway.events(Words.TRANSITION)[-20:]
    sent = after[0][0]["adverts_sent"] - before[0][0]["adverts_sent"]
    heard = after[1][0]["adverts_accepted"] - before[1][0]["adverts_accepted"]
    measured(f"quiet for about {QUIET_SECONDS} s: {sent} adverts sent, {heard} accepted, 0 transitions")

    change_keys(a, b, tmp_path / "new.key", measured)
    change_addresses(a, b, measured)
    mismatches = b.drops().get("address-mismatch", 0)  # until both gateways had read the new list

    # Silence: 3 x interval + skew after the last advert, which is up to one interval old.
    crash = now()
    a.kill()
    until(lambda: b.all_are(MASTER), 12, lambda: f"gw-b master of all; it says {b.status()}", step=0.01)
    times = sorted(became_master(b))
    took = [ms(t - crash) for t in (times[0], times[len(times) // 2], times[-1])]
    down = rule.master_down_ms(B_PRIORITY)
    measured(f"takeover of all after SIGKILL: first {took[0]:.0f}, median {took[1]:.0f}, last {took[2]:.0f} ms "
             f"(rule {down - 1000 * rule.interval:.0f} to {down:.0f})")
    assert took[0] > down - 1000 * rule.interval - 100
    assert took[2] < down + LATE_MS

    # Each instance is in the ring, and the log sums up.
    assert sum("Backup -> Master" in text for text in b.events(Words.TRANSITION)) >= b.count
    until(lambda: b.log(" instances: Backup -> Master"), 5, lambda: f"the log sums up: {b.log()[-20:]}")
    lines = len(b.log())
    assert lines < 500, lines
    measured(f"a start and a takeover of {b.count} instances: {lines} lines of log")

    # The old master returns and preempts. Its sequence numbers continue, so not one advert is refused.
    a.start()
    until(lambda: a.all_are(MASTER) and b.all_are(BACKUP), 15, lambda: f"{a.status()} {b.status()}")
    for gateway in (a, b):
        assert not gateway.drops().keys() & {"replayed", "stale", "bad-icv"}, gateway.drops()
    assert [g.drops().get("address-mismatch", 0) for g in (a, b)] == [0, mismatches]


def change_keys(a, b, file, measured):
    """Changes the key of all routers at once, in three steps, without a transition; then the file gets the same key."""
    number, new = 2, "x8fj2qpz"
    file.write_text(f"{new}\n")
    file.chmod(0o600)
    before = [g.status()["transitions"] for g in (a, b)]
    turns = [g.json("show", "workers")[0]["longest_turn_us"] for g in (a, b)]
    refused = [g.drops().get("bad-icv", 0) for g in (a, b)]
    took = []
    for step in (("add", "core", "2", "file", file), ("sign", "core", "2"), ("drop", "core", "1")):
        for gateway in (b, a):
            since = now()
            gateway.ctl("key", *step)
            took.append(f"{ms(now() - since):.0f}")
            time.sleep(2)
    for gateway in (b, a):
        gateway.ring_key = number, new
        gateway.write_config()
        assert "0 changed in place, 0 removed and added" in gateway.ctl("reload")
    assert [g.status()["transitions"] for g in (a, b)] == before
    assert [g.drops().get("bad-icv", 0) for g in (a, b)] == refused
    longest = [g.json("show", "workers")[0]["longest_turn_us"] for g in (a, b)]
    measured(f"key add, sign, drop on b and a, of {a.count} instances: {' '.join(took)} ms; longest turn of a worker "
             f"until then {max(turns)} us, now {max(longest)} us; 0 transitions")


def change_addresses(a, b, measured):
    """Every router gets a second address by reload, and loses it again. No router changes its state."""
    before = [g.status()["transitions"] for g in (a, b)]
    memory = [f"{a.memory_mib():.0f}"]
    took = []
    for second in (True, False):
        for gateway in (b, a):
            gateway.second_address = second
            gateway.write_config()
            since = now()
            assert f"{gateway.count} changed in place, 0 removed and added" in gateway.ctl("reload")
            took.append(f"{ms(now() - since):.0f}")
        time.sleep(2)  # two adverts
        memory.append(f"{a.memory_mib():.0f}")
        held = a.json("show", "instance", f"v{FIRST_VLAN}-7")["virtual_addresses"]
        assert [row["address"].split("/")[0] for row in held] == ["10.0.1.7", "10.0.2.7"][:1 + second]
    assert [g.status()["transitions"] for g in (a, b)] == before
    measured(f"a second address for each of {a.count} instances and its removal, by reload of b and a: "
             f"{' '.join(took)} ms; memory of a before, between, after: {' '.join(memory)} MiB; 0 transitions")


def became_master(gateway):
    """The time of each instance's transition, in ns."""
    rows = gateway.json("show", "instances")
    assert len(rows) == gateway.count and all(row[Words.STATE] == MASTER for row in rows)
    return [milliseconds(row["since"]) * 1_000_000 for row in rows]


def milliseconds(text):
    """The time since 1970 of "2026-11-22T14:33:27.394Z"."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
