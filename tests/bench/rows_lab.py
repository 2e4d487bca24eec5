# SPDX-License-Identifier: BSD-3-Clause
"""Rows 8 and 9: real daemons in network namespaces: beside keepalived, and idle."""

import time

from harness.dpvrrpd import MASTER
from harness.lab import Lab, cannot_run
from harness.scale import VRIDS
from rows import CannotRun, Row, percentile
from side import Ear, Keepalived, Ours, cpu_seconds, wire_many

A_PRIORITY, B_PRIORITY = 150, 100
MASTER_DOWN_NS = 3_000_000_000 + (256 - B_PRIORITY) * 1_000_000_000 // 256


def _pair(lab, which, instances, idle=None):
    if which is Ours:
        node_a, node_b = lab.wired("gw-a", "gw-b")
        more = {} if idle is None else {"idle": idle}
        return Ours(node_a, instances, A_PRIORITY, (0, 1)), Ours(node_b, instances, B_PRIORITY, (1, 0), **more)
    node_a, node_b = (lab.bare(name) for name in ("gw-a", "gw-b"))
    wire_many(node_a, node_b, instances // VRIDS)
    return Keepalived(node_a, instances, A_PRIORITY), Keepalived(node_b, instances, B_PRIORITY)


def _lateness(old, new):
    """Milliseconds from the expiry of an instance's Master_Down_Timer to its new master's first advert."""
    last, first = {}, {}
    for at, address in old:
        last[address] = at
    for at, address in new:
        if address in last and at > last[address]:
            first.setdefault(address, at)
    return [(first[a] - last[a] - MASTER_DOWN_NS) / 1e6 for a in first]


def _longest_gap(heard):
    last, longest = {}, 0
    for at, address in heard:
        longest = max(longest, at - last.get(address, at))
        last[address] = at
    return longest / 1e6


def _measure(which, instances, seconds, idle=None, reload=True):
    with Lab() as lab:
        a, b = _pair(lab, which, instances, idle)
        found = {"start_s": a.start_and_time()}
        silent = cpu_seconds(a.pids())
        time.sleep(2)  # nobody is there to be heard, and the first takes over after 3.4 s
        silent = (cpu_seconds(a.pids()) - silent) / 2
        a.wait_all(MASTER, 60)
        b.start_and_time()
        time.sleep(2)

        cpu = [cpu_seconds(g.pids()) for g in (a, b)]
        ear = Ear(b.node.namespace)
        time.sleep(seconds)
        found["cpu_master"], found["cpu_backup"] = (
            100 * (cpu_seconds(g.pids()) - before) / seconds for g, before in zip((a, b), cpu))
        found["cpu_silent"] = 100 * silent
        found["us_an_advert"] = (found["cpu_backup"] - found["cpu_silent"]) * 1e4 / instances  # one a second each
        found["memory_mib"] = b.memory_mib()

        other = Ear(a.node.namespace)
        a.kill()
        b.wait_all(MASTER, 60)
        time.sleep(1)
        found["ear_lost"] = ear.stop() + other.stop()
        late = _lateness(ear.heard, other.heard)
        found["took_over"] = len(late)
        found["late_ms"] = tuple(percentile(late, share) for share in (0.5, 0.99, 1))

        if reload:
            ear = Ear(a.node.namespace)
            time.sleep(2.5)
            b.hang_up()
            time.sleep(35 if instances > 8000 else 8)
            found["ear_lost"] += ear.stop()
            found["reload_gap_ms"] = _longest_gap(ear.heard) - 1000
        return found


# figure -> unit
FIGURES = {"start_s": "s", "us_an_advert": "us", "late p50": "ms", "late p99": "ms", "late max": "ms",
           "reload_gap_ms": "ms", "memory_mib": "MiB"}
WORDS = {"start_s": "start to all ready", "us_an_advert": "CPU an advert heard", "reload_gap_ms": "reload, beyond 1 s",
         "memory_mib": "memory"}


def keepalived(name, context):
    _check()
    for instances in (1000,) if context.quick else (1000, 4000, 16000):
        found = {}
        for which in (Keepalived, Ours):
            context.say(f"  keepalived: {which.title}, {instances} instances")
            try:
                figures = _measure(which, instances, 10)
            except Exception as why:
                yield Row(f"{name}-{instances}", None, "", note=f"{which.title} did not get through: {why}")
                continue
            figures.update(zip(("late p50", "late p99", "late max"), figures["late_ms"]))
            found[which] = figures
            context.say(f"    {figures}")
        if len(found) < 2:
            continue
        theirs, ours = found[Keepalived], found[Ours]
        for figure, unit in FIGURES.items():
            yield Row(f"{name}-{instances} {WORDS.get(figure, figure)}", ours[figure], unit, round(theirs[figure], 3),
                      at_most=True, note=f"keepalived: {theirs[figure]:.4g} {unit}" + (
                          f"; as master {theirs['cpu_master']:.1f} %, ours {ours['cpu_master']:.1f} % of a core; as backup "
                          f"{theirs['cpu_backup']:.1f} %, ours {ours['cpu_backup']:.1f} %, of which with nobody to hear "
                          f"{theirs['cpu_silent']:.1f} % and {ours['cpu_silent']:.1f} %, not counted here" if unit == "us" else "") + (
                          f"; {theirs['took_over']} and ours {ours['took_over']} heard, {theirs['ear_lost']} and "
                          f"{ours['ear_lost']} frames not" if figure == "late p50" else ""))


IDLES = {"poll": 'idle = "poll"', "pause": 'idle = "pause"', "sleep 150 us": 'idle = "sleep"',
         "sleep 1 ms": 'idle_sleep = "1ms"',  # but never past the next timer
         "interrupt": 'idle = "interrupt"'}


def idle(name, context):
    """As backup of 1,000 instances at 1 s. Added lateness is against the median of polling."""
    _check()
    polling = None
    for mode, line in IDLES.items():
        row = f"{name} {mode}"
        context.say(f"  {row}")
        try:
            found = _measure(Ours, 1000, 5 if context.quick else 20, line, reload=False)
        except AssertionError as why:  # the daemon says what is missing, and ends
            yield Row(row, None, "", note="could not run: " + str(why).strip().splitlines()[-1])
            continue
        late = found["late_ms"]
        polling = late[0] if polling is None else polling
        added = 1000 * (late[0] - polling)
        judged = mode not in ("poll", "pause")  # these are for CPUs of their own
        yield Row(row, found["cpu_backup"], "% core", 5 if judged else None, at_most=True,
                  note=f"takeover late by p50 {late[0]:.3f}, p99 {late[1]:.3f}, max {late[2]:.3f} ms")
        if mode != "poll":
            yield Row(f"{row} added", added, "us", 200 if judged else None, at_most=True,
                      note="median takeover lateness beyond that of polling")


def _check():
    if why := cannot_run():
        raise CannotRun(why)


ROWS = {name: lambda *given, row=row: list(row(*given)) for name, row in (("keepalived", keepalived), ("idle", idle))}
