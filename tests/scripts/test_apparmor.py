# SPDX-License-Identifier: BSD-3-Clause
"""The AppArmor profile is one that the parser takes. tests/nic runs dpvrrpd in it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "docs" / "apparmor" / "dpvrrpd"
PARSER = shutil.which("apparmor_parser", path=os.environ["PATH"] + ":/usr/sbin")


def parse(profile):
    return subprocess.run([PARSER, "--skip-kernel-load", "--skip-cache", profile], capture_output=True, text=True,
                          timeout=60)


@pytest.mark.skipif(not PARSER, reason="no apparmor_parser (package apparmor)")
def test_the_profile_is_valid(tmp_path):
    done = parse(PROFILE)
    assert done.returncode == 0, done.stderr
    broken = tmp_path / "broken"
    broken.write_text(PROFILE.read_text().replace("capability net_admin,", "capability net_admim,"))
    assert parse(broken).returncode != 0


def test_the_profile_grants_the_capabilities_of_the_unit():
    unit = (ROOT / "docs" / "systemd" / "dpvrrpd.service").read_text()
    start = {name.lower() for name in re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.MULTILINE)[1].split()}
    profile = {f"cap_{name}" for name in re.findall(r"^  capability (\w+),$", PROFILE.read_text(), re.MULTILINE)}
    assert start <= profile
