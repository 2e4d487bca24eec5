# SPDX-License-Identifier: BSD-3-Clause
"""What dpvrrp-gen sends from one lcore into DPDK's null device, a second of its own CPU time."""

from rows import ROOT, Row, median, run_json

PROGRAM = ROOT / "build" / "app" / "dpvrrp_gen" / "dpvrrp-gen"
ROUTERS = 250
AIM = 12  # Mpps: 10 GbE's line rate of these adverts is 12.25
BESIDE = {"signed": "valid", "the same frame of each router": "ttl"}


def _command(kind, seconds):
    return [PROGRAM, "-d", "net_null0", "--kind", kind, "--vrid", f"1-{ROUTERS}", "--source-address", "10.99.0.9",
            "--address", "10.99.0.100", "--auth", "ah", "--key", "s3cr3t", "--rate", "0", "--frames", "0", "--poll",
            "--duration", f"{seconds}s", "--json"]


def _mpps(kind, context):
    seconds = 1 if context.quick else 3
    runs = [run_json(_command(kind, seconds), 60)["run"] for _ in range(context.repetitions)]
    return [run["sent_per_cpu_second"] / 1e6 for run in runs], runs[0]["engine"]


def generator(name, context):
    values, engine = _mpps("forged", context)
    more = {what: f"{median(_mpps(kind, context)[0]):.4g} Mpps" for what, kind in BESIDE.items()}
    return [Row(name, median(values), "Mpps", AIM, spread=(min(values), max(values)), more=more,
                note=f"forged HMAC-MD5-96 adverts of {ROUTERS} routers into net_null, {engine}")]


ROWS = {"generator": generator}
