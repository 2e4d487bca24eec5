# SPDX-License-Identifier: BSD-3-Clause
"""scripts/bench runs, and its JSON is what docs/performance.md promises. No figure is judged here."""

import json
import subprocess
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "scripts" / "bench"


def test_a_row_as_json(tmp_path):
    file = tmp_path / "rows.json"
    done = subprocess.run([BENCH, "--quick", "not-vrrp", "--json", file], capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    row, = json.loads(file.read_text())
    assert row["name"] == "not-vrrp" and row["unit"] == "Mpps" and row["aim"] == 60
    least, most = row["spread"]
    assert 0 < least <= row["value"] <= most
    assert row["met"] is (row["value"] >= row["aim"])
    assert "not-vrrp" in done.stdout and "engine" in done.stdout


def test_an_unknown_row_is_named():
    done = subprocess.run([BENCH, "flood"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no row 'flood': there are flood-md5," in done.stderr
