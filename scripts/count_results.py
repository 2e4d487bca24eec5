#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Counts the results of a test run; prints `PASSED FAILED SKIPPED`.

usage: count_results.py meson BUILD_DIR   after `meson test -C BUILD_DIR`: GoogleTest programs case by case, others as one
       count_results.py pytest FILE       after `pytest --junitxml=FILE`
A program that failed without a failed case (crash, timeout) counts as one failure; so does a missing report.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def case_outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("result") == "skipped":
        return "skipped"
    return "passed"


def count_cases(file):
    """The cases of a JUnit file, as pytest and GoogleTest write it; disabled ones (`notrun`) do not count."""
    cases = ElementTree.parse(file).iter("testcase")
    return Counter(case_outcome(c) for c in cases if c.get("status") != "notrun")


def count_program(build, test):
    result = test["result"]
    if result == "SKIP":
        return Counter(skipped=1)
    report = build / f"{test['name'].split(' / ')[-1]}.xml"
    counts = count_cases(report) if report.is_file() else Counter()
    if result not in ("OK", "EXPECTEDFAIL") and not counts["failed"]:
        counts["failed"] = 1
    return counts or Counter(passed=1)


def count_meson(build):
    log = (build / "meson-logs" / "testlog.json").read_text()
    return sum((count_program(build, json.loads(line)) for line in log.splitlines()), Counter())


def main(arguments):
    kind, place = arguments[1], Path(arguments[2])
    try:
        counts = count_meson(place) if kind == "meson" else count_cases(place)
    except (OSError, ElementTree.ParseError, json.JSONDecodeError) as error:
        print(f"count_results: {error}", file=sys.stderr)
        counts = Counter(failed=1)
    print(counts["passed"], counts["failed"], counts["skipped"])


if __name__ == "__main__":
    main(sys.argv)
