#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Holds docs/rfc_map.md to the tests: says which ids of the checklist have no conformance case, and why."""
import pathlib
import re
import sys

# Section A numbers its subsections in tens.
V3 = [(1, 18), (20, 37), (40, 48), (50, 54), (60, 71), (80, 94), (100, 113), (120, 137), (140, 145), (150, 152)]
IDS = ([f"V3-{n:02}" for first, last in V3 for n in range(first, last + 1)] + [f"V2-{n:02}" for n in range(1, 20)] +
       [f"A-{n:02}" for n in range(1, 12)] + [f"AH-{n:02}" for n in range(1, 33)])
ROW = re.compile(r"^\| ([A-Z0-9]+-\d+) \| ([^|]*) \| ([^|]*) \|$")


def read_cases(root):
    cited = {}
    for case in sorted((root / "tests/conformance/cases").iterdir()):
        for line in (case / "case.txt").read_text().splitlines():
            if line.startswith("ids"):
                for cited_id in line.split()[1:]:
                    cited.setdefault(cited_id, []).append(case.name)
    return cited


def main():
    root = pathlib.Path(sys.argv[1])
    cited = read_cases(root)
    rows = {}
    problems = []
    for line in (root / "docs/rfc_map.md").read_text().splitlines():
        match = ROW.match(line)
        if not match:
            continue
        row_id, tests, remark = (part.strip() for part in match.groups())
        if row_id in rows:
            problems.append(f"{row_id} has two rows")
        rows[row_id] = (re.findall(r"`([^`]+)`", tests), remark)

    for row_id, (tests, remark) in rows.items():
        for test in tests:
            if test.startswith("tests/"):
                if not (root / test).exists():
                    problems.append(f"{row_id}: {test} does not exist")
            elif test not in cited.get(row_id, []):
                problems.append(f"{row_id}: case {test} does not cite it")
        if not tests and not remark:
            problems.append(f"{row_id}: neither a test nor a reason")

    print("without a conformance case:")
    for row_id in IDS:
        if row_id not in rows:
            problems.append(f"{row_id} has no row")
        elif row_id not in cited:
            tests, remark = rows[row_id]
            print(f"  {row_id:6} {', '.join(tests) if tests else remark}")
        else:
            missing = [case for case in cited[row_id] if case not in rows[row_id][0]]
            if missing:
                problems.append(f"{row_id}: its row does not name case {', '.join(missing)}")
    for row_id in cited:
        if row_id not in rows:
            problems.append(f"{row_id} is cited by {', '.join(cited[row_id])} and has no row")
    for problem in problems:
        print("error:", problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
