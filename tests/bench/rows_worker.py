# SPDX-License-Identifier: BSD-3-Clause
"""Rows 1 to 5 and 10: what one lcore does in a second, in its own CPU time, so that other load is not counted."""

from rows import BENCH, Row, benchmarks, l3_bytes, median, run_json

MILLION = 1e6
TOUCHED_BYTES = 11 * 64  # of an instance, by a valid advert: inbound, senders, window, machine, timer, counters, key

# name -> benchmark of bench_worker, routers of the headline figure, aim in Mpps
RATES = {
    "flood-md5": ("WorkerForged", 250, 30.6),
    "flood-sha256": ("WorkerForgedSha256", 250, 11.7),
    "valid": ("WorkerValid", 4096, 20),
    "replayed": ("WorkerReplayed", 250, 30),
    "unknown-vrid": ("WorkerUnknownVrid", 250, 40),
    "not-vrrp": ("WorkerNotVrrp", 250, 60),
    "transmit": ("WorkerTransmit", 4096, 10),
}


def _mpps(values):
    return [v / MILLION for v in values]


def _instances(name):
    return int(name.rpartition(":")[2])


def rate(name, context):
    benchmark, headline, aim = RATES[name]
    found = benchmarks("bench_worker", f"^{benchmark}/", context)
    values, more = None, {}
    for each, (items, engine) in found.items():
        mpps = _mpps(items)
        if _instances(each) == headline:
            values, label = mpps, engine
        else:
            more[f"over {_instances(each)} routers"] = f"{median(mpps):.4g} Mpps ({min(mpps):.4g}..{max(mpps):.4g})"
    frames = "82-byte frames with a VLAN tag" if headline > 250 else "78-byte frames"
    note = f"whole path over net_ring, {headline} routers, {frames}" + (f", {label}" if label else "")
    return [Row(name, median(values), "Mpps", aim, spread=(min(values), max(values)), note=note, more=more)]


def flood_openssl(name, context):
    found = benchmarks("bench_worker", "^Worker(Forged|Bare)Openssl/instances:250", context)
    path, bare = (_mpps(found[f"Worker{which}Openssl/instances:250"][0]) for which in ("Forged", "Bare"))
    ratios = [100 * p / b for p, b in zip(path, bare)]
    return [Row(name, 100 * median(path) / median(bare), "%", 85, spread=(min(ratios), max(ratios)),
                note=f"whole path {median(path):.3g} Mpps of {median(bare):.3g} Mops that the engine does alone")]


def instances(name, context):
    found = benchmarks("bench_pipeline", "^ReceiveValid/", context, 0.3)
    cost = {_instances(each): median([1e9 / v for v in items]) for each, (items, _) in found.items()}
    flat = cost[1]
    within = [n for n in sorted(cost) if cost[n] <= 2 * flat]
    last = next((a for a, b in zip(sorted(cost), sorted(cost)[1:]) if cost[b] > 2 * flat), max(cost))
    fits = [n for n in cost if n * TOUCHED_BYTES <= l3_bytes()]
    return [Row(name, last, "inst.", max(fits or [1]), spread=None, verdict=set(fits) <= set(within),
                note=f"the last size within 2x of one instance's {flat:.0f} ns an advert; aim: the last that fits into "
                     f"L3 at {TOUCHED_BYTES} bytes each (bench_pipeline: Shard::Receive)",
                more={f"{n} instances": f"{cost[n]:.1f} ns an advert, {cost[n] / flat:.2f}x" for n in sorted(cost)})]


def lcores(name, context):
    report = run_json([BENCH / "bench_lcores", context.repetitions], 120)
    ratios = [pair["two"] / pair["one"] for pair in report]
    one, two = (median(_mpps(pair[which] for pair in report)) for which in ("one", "two"))
    return [Row(name, median(ratios), "x", 1.8, spread=(min(ratios), max(ratios)),
                note=f"one worker {one:.3g} Mpps, two together {two:.3g} Mpps, valid adverts, CPU time of each lcore")]


ROWS = {**{name: rate for name in RATES}, "flood-openssl": flood_openssl, "instances": instances, "lcores": lcores}
