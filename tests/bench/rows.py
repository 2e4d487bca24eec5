# SPDX-License-Identifier: BSD-3-Clause
"""A row of scripts/bench, and the functions that the rows share."""

import json
import os
import re
import statistics
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "build" / "tests" / "bench"


class CannotRun(Exception):
    """This machine lacks something that the row needs; the message names it."""


@dataclass
class Row:
    """One figure. `spread` is least and most of the repetitions whose median is `value`. `aim` None: the figure is
    shown and not judged. `more` are further figures, by name."""
    name: str
    value: float | None
    unit: str
    aim: float | None = None
    at_most: bool = False  # the aim is an upper bound
    spread: tuple | None = None
    note: str = ""
    more: dict = field(default_factory=dict)
    verdict: bool | None = None  # if the aim is more than a bound

    @property
    def met(self):
        if self.verdict is not None or self.aim is None or self.value is None:
            return self.verdict
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def as_json(self):
        return {"name": self.name, "value": self.value, "unit": self.unit, "aim": self.aim, "met": self.met,
                "spread": self.spread, "note": self.note, "more": self.more}

    def lines(self):
        bound = "" if self.aim is None else f"{'<=' if self.at_most else '>='} {self.aim:g}"
        met = {True: "yes", False: "NO", None: "-"}[self.met]
        value = "-" if self.value is None else f"{self.value:.4g}"
        spread = "" if self.spread is None else f"({self.spread[0]:.4g}..{self.spread[1]:.4g})"
        yield f"{self.name:<28} {value:>9} {self.unit:<6} {spread:<18} aim {bound or '-':<9} met {met}"
        if self.note:
            yield f"{'':<30}{self.note}"
        for name, what in self.more.items():
            yield f"{'':<30}{name}: {what}"


@dataclass
class Context:
    quick: bool
    say: object  # a function: progress, to stderr

    @property
    def repetitions(self):
        return 3 if self.quick else 5


def median(values):
    return statistics.median(values)


def percentile(values, share):
    """The smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_json(command, seconds):
    """Runs a program of ours that prints one JSON document."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: status {done.returncode}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout)


def benchmarks(program, pattern, context, min_time=0.5):
    """Name -> ([items a second, by repetition], label), of the Google benchmarks of a program that match."""
    report = run_json([
        BENCH / program, f"--benchmark_filter={pattern}", "--benchmark_format=json",
        f"--benchmark_repetitions={context.repetitions}",
        f"--benchmark_min_time={min_time / 10 if context.quick else min_time}"], 600)
    found = {}
    for run in report["benchmarks"]:
        if run.get("error_occurred"):
            raise RuntimeError(f"{run['name']}: {run['error_message']}")
        if run["run_type"] == "iteration":
            name = re.sub(r"/(iterations:\d+|manual_time|repeats:\d+)", "", run["name"])
            found.setdefault(name, ([], run.get("label", "")))[0].append(run["items_per_second"])
    if not found:
        raise RuntimeError(f"{program} has no benchmark {pattern}")
    return found


@contextmanager
def hugepages(wanted=512):
    """Memory as operators provide it (docs/operations.md): 2 MiB pages for EAL, reserved for this time if they are missing
    and we are root, and for malloc if the kernel has them. Yields the result as text."""
    reserved = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
    os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    before = int(reserved.read_text()) if reserved.exists() else 0
    try:
        if before < wanted and os.access(reserved, os.W_OK):
            reserved.write_text(str(wanted))
        have = int(reserved.read_text()) if reserved.exists() else 0
        yield f"{have} of 2 MiB" if have else "none: 4 KiB pages, slower"
    finally:
        if before < wanted and os.access(reserved, os.W_OK):
            reserved.write_text(str(before))


def _first(pattern, text, default="unknown"):
    match = re.search(pattern, text, re.M)
    return match.group(1).strip() if match else default


def machine():
    """The properties of the machine on which the figures depend, by name."""
    info = Path("/proc/cpuinfo").read_text()
    _, engine = benchmarks("bench_worker", "WorkerNotVrrp/instances:250", Context(True, None), 0.1).popitem()[1]
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True).stdout
    flags = _first(r"^flags\s*:(.*)", info, "").split()
    caches = {}
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (index / "type").read_text().strip() != "Instruction":
            caches["L" + (index / "level").read_text().strip()] = (index / "size").read_text().strip()
    return {
        "cpu": _first(r"^model name\s*:(.*)", info),
        "mhz": _first(r"^cpu MHz\s*:(.*)", info),
        "vectors": " ".join(f for f in ("avx2", "avx512f", "waitpkg") if f in flags) or "none",
        "caches": " ".join(f"{level} {size}" for level, size in sorted(caches.items())),
        "cores": os.cpu_count(),
        "load": f"{os.getloadavg()[0]:.1f} before the first row",
        "kernel": os.uname().release,
        "compiler": _first(r"^(.*)", compiler),
        "engine": engine,
    }
