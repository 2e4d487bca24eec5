# SPDX-License-Identifier: BSD-3-Clause
"""The work of one lcore in a second of its own CPU time, so that other load is not counted.

The headline is over HEADLINE routers, because gateways have thousands. BESIDE are shown with it and not judged."""

from rows import BENCH, Row, benchmarks, median, run_json

MILLION = 1e6
HEADLINE, BESIDE = 4096, (1, 250)
FLAT_UP_TO = 32768  # routers: an advert costs no more than FLAT_WITHIN times what it costs with one
FLAT_WITHIN = 2

# name -> benchmark of bench_worker, aim in Mpps over HEADLINE routers
RATES = {
    "flood-md5": ("WorkerForged", 30.6),
    "flood-sha256": ("WorkerForgedSha256", 11.7),
    "valid": ("WorkerValid", 20),
    "replayed": ("WorkerReplayed", 30),
    "unknown-vrid": ("WorkerUnknownVrid", 40),
    "not-vrrp": ("WorkerNotVrrp", 60),
    "transmit": ("WorkerTransmit", 10),
}


def _mpps(values):
    return [v / MILLION for v in values]


def _instances(name):
    return int(name.rpartition(":")[2])


def _by_instances(found, what):
    """Number of routers -> (items a second, label). All of HEADLINE and BESIDE must be present."""
    by = {_instances(each): result for each, result in found.items()}
    if missing := [n for n in (HEADLINE, *BESIDE) if n not in by]:
        raise RuntimeError(f"{what} was not measured over {missing} routers")
    return by


def rate(name, context):
    benchmark, aim = RATES[name]
    by = _by_instances(benchmarks("bench_worker", f"^{benchmark}/", context), benchmark)
    items, engine = by[HEADLINE]
    values = _mpps(items)
    note = f"whole path over net_ring, {HEADLINE} routers, 82-byte frames with a VLAN tag" + (
        f", {engine}" if engine else "")
    more = {}
    for n in BESIDE:
        mpps = _mpps(by[n][0])
        more[f"over {n} routers"] = f"{median(mpps):.4g} Mpps ({min(mpps):.4g}..{max(mpps):.4g})"
    return [Row(name, median(values), "Mpps", aim, spread=(min(values), max(values)), note=note, more=more)]


def flood_openssl(name, context):
    found = benchmarks("bench_worker", "^Worker(Forged|Bare)Openssl/", context)
    sides = [_by_instances({k: v for k, v in found.items() if which in k}, which) for which in ("Forged", "Bare")]

    def share(n):
        path, bare = (_mpps(side[n][0]) for side in sides)
        return 100 * median(path) / median(bare), median(path), median(bare)

    value, path, bare = share(HEADLINE)
    ratios = [100 * p / b for p, b in zip(*(side[HEADLINE][0] for side in sides))]
    return [Row(name, value, "%", 85, spread=(min(ratios), max(ratios)),
                note=f"{HEADLINE} routers: whole path {path:.3g} Mpps of {bare:.3g} Mops that the engine does alone",
                more={f"over {n} routers": f"{share(n)[0]:.4g} %" for n in BESIDE})]


def instances(name, context):
    """The cost with one router is the least of its repetitions, because a disturbance would make the others look better."""
    found = benchmarks("bench_pipeline", "^ReceiveValid/", context, 0.3)
    all_costs = {_instances(each): [1e9 / v for v in items] for each, (items, _) in found.items()}
    sizes = sorted(all_costs)
    if sizes[0] != 1 or FLAT_UP_TO not in sizes:
        raise RuntimeError(f"ReceiveValid was measured over {sizes} routers: 1 and {FLAT_UP_TO} must be among them")
    one = min(all_costs[1])
    cost = {n: median(all_costs[n]) for n in sizes}
    beyond = [n for n in sizes if cost[n] > FLAT_WITHIN * one]
    last = max([n for n in sizes if not beyond or n < beyond[0]], default=0)
    return [Row(name, last, "inst.", FLAT_UP_TO,
                note=f"the last size up to which every one costs at most {FLAT_WITHIN}x one instance's {one:.0f} ns an "
                     "advert (bench_pipeline: Shard::Receive)",
                more={f"{n} instances": f"{cost[n]:.1f} ns an advert, {cost[n] / one:.2f}x" for n in sizes})]


def lcores(name, context):
    report = run_json([BENCH / "bench_lcores", context.repetitions], 120)
    ratios = [pair["two"] / pair["one"] for pair in report]
    one, two = (median(_mpps(pair[which] for pair in report)) for which in ("one", "two"))
    return [Row(name, median(ratios), "x", 1.8, spread=(min(ratios), max(ratios)),
                note=f"{HEADLINE} routers each: one worker {one:.3g} Mpps, the better of the two alone; two together "
                     f"{two:.3g} Mpps; valid adverts, CPU time of each lcore")]


ROWS = {**{name: rate for name in RATES}, "flood-openssl": flood_openssl, "instances": instances, "lcores": lcores}
