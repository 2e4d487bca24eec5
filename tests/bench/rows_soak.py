# SPDX-License-Identifier: BSD-3-Clause
"""Rows 6 and 7: thousands of routers for a minute in real time, in memory (bench_soak)."""

from rows import BENCH, Row, run_json

# name -> instances, interval in ms, flood offered in Mpps
SOAKS = {
    "scale-1s": ((16000, 1000, 0),),
    "scale-10ms": ((10000, 10, 0),),
    # The line rates of 10 and 25 GbE at 78 bytes; what one thread can offer may be less.
    "scale-flood": ((16000, 1000, 12.25), (16000, 1000, 30.6), (10000, 10, 12.25), (10000, 10, 30.6)),
}


def soak(name, context):
    seconds = 10 if context.quick else 60
    for instances, interval, flood in SOAKS[name]:
        context.say(f"  {name}: {instances} instances at {interval} ms, flood {flood} Mpps")
        report = run_json([BENCH / "bench_soak", instances, interval, seconds, flood], 4 * seconds + 120)
        yield from _rows(f"{name}-{interval}ms-{flood:g}M" if flood else name, report)


def _rows(name, report):
    backup, silence, master = report["backup"], report["silence"], report["master"]
    offered = [p["flood_mpps"] for p in (backup, master)]
    flood = f"; flood offered {offered[0]:.1f} and {offered[1]:.1f} Mpps" if max(offered) else ""
    late, gap = silence["late_us"], master["gap_over_us"]
    yield Row(f"{name} false", backup["false_transitions"] + master["false_transitions"], "trans.", 0, at_most=True,
              note=f"as backup {backup['missed']} of {backup['played']} adverts missed, {backup['lost_in_ring']} of them "
                   f"because the receive ring was full{flood}")
    yield Row(f"{name} takeover", late["p99"] / 1000, "ms p99", 1, at_most=True,
              note=f"expiry to advert in the ring: p50 {late['p50'] / 1000:.3f}, max {late['max'] / 1000:.3f} ms; threads "
                   f"waited {report['waited_ms']:.0f} ms for a CPU in {report['seconds']:.0f} s, longest turns "
                   f"{report['longest_worker_ms']:.1f} and {report['longest_segment_ms']:.1f} ms")
    yield Row(f"{name} own missed", master["missed"], "adv.", 0, at_most=True,
              note=f"of {master['sent']} as master; interval exceeded by p50 {gap['p50'] / 1000:.3f}, p99 "
                   f"{gap['p99'] / 1000:.3f}, max {gap['max'] / 1000:.3f} ms")


ROWS = {name: lambda *given: list(soak(*given)) for name in SOAKS}
