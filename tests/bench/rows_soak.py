# SPDX-License-Identifier: BSD-3-Clause
"""Thousands of routers for a minute in real time, in memory (bench_soak)."""

from rows import BENCH, Row, run_json

# name -> instances, interval in ms, flood offered in Mpps
SOAKS = {
    "scale-1s": ((16000, 1000, 0),),
    "scale-10ms": ((10000, 10, 0),),
    # The line rates of 10 and 25 GbE at 78 bytes; one thread may offer less.
    "scale-flood": ((16000, 1000, 12.25), (16000, 1000, 30.6), (10000, 10, 12.25), (10000, 10, 30.6)),
}
OFFERED = 0.9  # of the flood in the row's name; with less its aims can be missed but not met


def soak(name, context):
    seconds = 10 if context.quick else 60
    for instances, interval, flood in SOAKS[name]:
        context.say(f"  {name}: {instances} instances at {interval} ms, flood {flood} Mpps")
        report = run_json([BENCH / "bench_soak", instances, interval, seconds, flood], 4 * seconds + 120)
        yield from rows(f"{name}-{interval}ms-{flood:g}M" if flood else name, report, instances, interval, seconds, flood)


def rows(name, report, instances, interval, seconds, flood):
    backup, silence, master = report["backup"], report["silence"], report["master"]
    if silence["took_over"] != instances:
        raise RuntimeError(f"{name}: {silence['took_over']} of {instances} instances took over from silent masters")
    # An instance that stays silent has no last gap, so its missing adverts are counted by the clock.
    owed = instances * (seconds * 1000 // interval - 1)
    missed_own = max(master["missed"], owed - master["sent"])

    offered = [phase["flood_mpps"] for phase in (backup, master)]
    short = flood > 0 and min(offered) < OFFERED * flood
    said = f"; flood offered {offered[0]:.1f} and {offered[1]:.1f} of {flood:g} Mpps" if flood else ""
    if short:
        said += ", too little to meet the aim"

    def judged(row):
        if short and row.met:
            row.verdict, row.aim = None, None
        return row

    late, gap = silence["late_us"], master["gap_over_us"]
    yield judged(Row(f"{name} false", backup["false_transitions"] + master["false_transitions"], "trans.", 0,
                     at_most=True, note=f"false transitions as backup and as master{said}"))
    # With a flood the receive ring has a NIC's size, and frames that do not fit are lost: shown, not judged.
    yield Row(f"{name} unheard", backup["missed"], "adv.", None if flood else 0, at_most=True,
              note=f"of {backup['played']} adverts as backup, {backup['lost_in_ring']} of them because the receive ring "
                   f"was full{said}")
    yield judged(Row(f"{name} takeover", late["p99"] / 1000, "ms p99", 1, at_most=True,
                     note=f"expiry to advert in the ring: p50 {late['p50'] / 1000:.3f}, max {late['max'] / 1000:.3f} ms; "
                          f"threads waited {report['waited_ms']:.0f} ms for a CPU in {report['seconds']:.0f} s, longest "
                          f"turns {report['longest_worker_ms']:.1f} and {report['longest_segment_ms']:.1f} ms"))
    yield judged(Row(f"{name} own missed", missed_own, "adv.", 0, at_most=True,
                     note=f"of {master['sent']} as master; interval exceeded by p50 {gap['p50'] / 1000:.3f}, p99 "
                          f"{gap['p99'] / 1000:.3f}, max {gap['max'] / 1000:.3f} ms"))


ROWS = {name: lambda *given: list(soak(*given)) for name in SOAKS}
