# SPDX-License-Identifier: BSD-3-Clause
"""Real daemons in network namespaces: beside keepalived, and idle."""

import time

from harness.dpvrrpd import MASTER
from harness.lab import Lab, cannot_run
from harness.scale import VRIDS
from rows import CannotRun, Row, percentile
from side import Ear, Keepalived, Ours, cpu_seconds, wire_many

A_PRIORITY, B_PRIORITY = 150, 100
SKEW_NS = (256 - B_PRIORITY) * 1_000_000_000 // 256  # of B
MASTER_DOWN_NS = 3_000_000_000 + SKEW_NS

SINGLE_TAKEOVERS = 40  # one after the other, for the lateness of one


def _pair(lab, which, instances, idle=None):
    if which is Ours:
        node_a, node_b = lab.wired("gw-a", "gw-b")
        more = {} if idle is None else {"idle": idle}
        return Ours(node_a, instances, A_PRIORITY, (0, 1)), Ours(node_b, instances, B_PRIORITY, (1, 0), **more)
    node_a, node_b = (lab.bare(name) for name in ("gw-a", "gw-b"))
    wire_many(node_a, node_b, instances // VRIDS)
    return Keepalived(node_a, instances, A_PRIORITY), Keepalived(node_b, instances, B_PRIORITY)


def lateness(old, new, timer_ns, expected):
    """Milliseconds from the expiry of the new master's timer to its first advert, for each instance. If no gateway took
    an instance over, the row breaks, because the other figures would look too good."""
    last, first = {}, {}
    for at, address in old:
        last[address] = at
    for at, address in new:
        if address in last and at > last[address]:
            first.setdefault(address, at)
    if len(first) != expected:
        raise RuntimeError(f"{len(first)} of {expected} takeovers were heard")
    return [(first[a] - last[a] - timer_ns) / 1e6 for a in first]


def longest_gap(heard, expected):
    """Milliseconds between two adverts of an instance, or from its last one to the end."""
    last, longest = {}, 0
    for at, address in heard:
        longest = max(longest, at - last.get(address, at))
        last[address] = at
    if len(last) != expected:
        raise RuntimeError(f"{len(last)} of {expected} masters were heard")
    return max(longest, heard[-1][0] - min(last.values())) / 1e6


def _percentiles(late):
    return tuple(percentile(late, share) for share in (0.5, 0.99, 1))


def _without(addresses, heard):
    return [each for each in heard if each[1] not in addresses]


def _single_takeovers(a, b):
    """The master resigns one instance after the other, and stays master of the others. Returns the lateness of each, and
    the addresses of which B is master now."""
    old, new = Ear(b.node.namespace), Ear(a.node.namespace)
    for n in range(SINGLE_TAKEOVERS):
        a.resign(n)
        time.sleep(0.1)
    time.sleep(SKEW_NS / 1e9 + 1)
    old.stop()
    new.stop()
    taken = {address for _, address in new.heard}
    late = lateness([each for each in old.heard if each[1] in taken], new.heard, SKEW_NS, SINGLE_TAKEOVERS)
    return _percentiles(late), taken


def _measure(which, instances, seconds, idle=None, reload=True):
    with Lab() as lab:
        a, b = _pair(lab, which, instances, idle)
        found = {"start_s": a.start_and_time()}
        silent = cpu_seconds(a.pids())
        time.sleep(2)  # no other router is heard, and the first takes over after 3.4 s
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
        found["us_an_advert"] = found["cpu_backup"] * 1e4 / instances  # one a second each
        found["memory_mib"] = b.memory_mib()

        taken = set()
        if idle is not None:
            found["one_late_ms"], taken = _single_takeovers(a, b)

        other = Ear(a.node.namespace)
        a.kill()
        b.wait_all(MASTER, 60)
        time.sleep(1)
        found["ear_lost"] = ear.stop() + other.stop()
        late = lateness(_without(taken, ear.heard), _without(taken, other.heard), MASTER_DOWN_NS,
                        instances - len(taken))
        found["late_ms"] = _percentiles(late)

        if reload:
            ear = Ear(a.node.namespace)
            time.sleep(2.5)
            b.hang_up()
            time.sleep(35 if instances > 8000 else 8)
            found["ear_lost"] += ear.stop()
            found["reload_gap_ms"] = longest_gap(ear.heard, instances) - 1000
        return found


# figure -> unit
FIGURES = {"start_s": "s", "us_an_advert": "us", "late p50": "ms", "late p99": "ms", "late max": "ms",
           "reload_gap_ms": "ms", "memory_mib": "MiB"}
WORDS = {"start_s": "start to all ready", "us_an_advert": "CPU an advert heard", "reload_gap_ms": "reload, beyond 1 s",
         "memory_mib": "memory"}


def keepalived(name, context):
    """If dpvrrpd fails, the row breaks. If keepalived fails, our figures have no aim."""
    _check()
    for instances in (1000,) if context.quick else (1000, 4000, 16000):
        found = {}
        for which in (Keepalived, Ours):
            context.say(f"  keepalived: {which.title}, {instances} instances")
            try:
                figures = _measure(which, instances, 10)
            except Exception as why:
                if which is Ours:
                    raise
                yield Row(f"{name}-{instances}", None, "", note=f"{which.title} did not get through: {why}")
                continue
            figures.update(zip(("late p50", "late p99", "late max"), figures["late_ms"]))
            found[which] = figures
            context.say(f"    {figures}")
        yield from beside(f"{name}-{instances}", found.get(Keepalived), found[Ours])


def beside(name, theirs, ours):
    for figure, unit in FIGURES.items():
        row = Row(f"{name} {WORDS.get(figure, figure)}", ours[figure], unit, at_most=True)
        if theirs is not None:
            row.aim = round(theirs[figure], 3)
            row.note = f"keepalived: {theirs[figure]:.4g} {unit}" + _more(figure, theirs, ours)
        yield row


def _more(figure, theirs, ours):
    if figure == "us_an_advert":
        return (f"; as master {theirs['cpu_master']:.1f} %, ours {ours['cpu_master']:.1f} % of a core; as backup "
                f"{theirs['cpu_backup']:.1f} %, ours {ours['cpu_backup']:.1f} %, of which without another gateway "
                f"{theirs['cpu_silent']:.1f} % and {ours['cpu_silent']:.1f} %")
    if figure == "late p50":
        return f"; the ears lost {theirs['ear_lost']} and {ours['ear_lost']} frames"
    return ""


def reload_address(name, context):
    """Every instance of a pair gets a second address by a reload of both gateways, and loses it again, twice. The first
    reload leaves the memory that reading the file needs with the allocator. Later ones use it again."""
    _check()
    for instances in (1000,) if context.quick else (1000, 16000):
        context.say(f"  {name}: {instances} instances")
        with Lab() as lab:
            a, b = _pair(lab, Ours, instances)
            a.start_and_time()
            a.wait_all(MASTER, 60)
            b.start_and_time()
            yield from _reload_addresses(f"{name}-{instances}", a, b)


def _reload_addresses(name, a, b):
    transitions = [g.status()["transitions"] for g in (a, b)]
    memory = [a.memory_mib()]
    ear = Ear(b.node.namespace)
    time.sleep(2)
    for second in (True, False, True, False):
        for gateway in (b, a):  # v2 refuses another list, so both change it within the Master_Down_Interval
            gateway.second_address = second
            gateway.write_config()
            gateway.ctl("reload")
        time.sleep(3)
        memory.append(a.memory_mib())
    lost = ear.stop()
    changed = sum(g.status()["transitions"] - before for g, before in zip((a, b), transitions))
    yield Row(f"{name} longest gap", longest_gap(ear.heard, a.count), "ms", 1500, at_most=True,
              note=f"between adverts of one instance, 1 s apart; the ear lost {lost} frames")
    yield Row(f"{name} transitions", changed, "", 0, at_most=True)
    yield Row(f"{name} memory after", memory[4], "MiB", round(1.05 * memory[2], 1), at_most=True,
              note=f"before {memory[0]:.1f}, after the first removal {memory[2]:.1f} MiB")


IDLES = {"poll": 'idle = "poll"', "pause": 'idle = "pause"', "sleep 150 us": 'idle = "sleep"',
         "sleep 1 ms": 'idle_sleep = "1ms"',  # but never past the next timer
         "interrupt": 'idle = "interrupt"'}
LACKS = "which this CPU does not have"  # the daemon's message if the machine lacks the mode


def idle(name, context):
    """As backup of 1,000 instances at 1 s. Added lateness is against the median of polling: of one takeover at a time,
    and of a thousand at once. Without polling there is nothing to compare with, and the row breaks."""
    _check()
    measured = {}
    for mode, line in IDLES.items():
        context.say(f"  {name} {mode}")
        try:
            measured[mode] = _measure(Ours, 1000, 5 if context.quick else 20, line, reload=False)
        except AssertionError as why:
            if mode == "poll" or LACKS not in str(why):
                raise
            yield Row(f"{name} {mode}", None, "", note="could not run: " + str(why).strip().splitlines()[-1])
            continue
        yield from resting(f"{name} {mode}", mode, measured[mode], measured["poll"])


def resting(row, mode, found, polling):
    judged = mode not in ("poll", "pause")  # these modes are for dedicated CPUs
    yield Row(row, found["cpu_backup"], "% core", 5 if judged else None, at_most=True,
              note="; ".join(f"{what} late by p50 {p50:.3f}, p99 {p99:.3f}, max {most:.3f} ms"
                             for what, (p50, p99, most) in (("one takeover", found["one_late_ms"]),
                                                            ("a thousand at once", found["late_ms"]))))
    if mode == "poll":
        return
    for what, key in (("one", "one_late_ms"), ("thousand", "late_ms")):
        added = 1000 * (found[key][0] - polling[key][0])
        yield Row(f"{row} added, {what}", added, "us", 200 if judged else None, at_most=True,
                  note="median takeover lateness beyond that of polling")


def _check():
    if why := cannot_run():
        raise CannotRun(why)


ROWS = {name: lambda *given, row=row: list(row(*given))
        for name, row in (("keepalived", keepalived), ("idle", idle), ("reload-address", reload_address))}
