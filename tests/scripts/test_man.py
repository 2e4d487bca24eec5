# SPDX-License-Identifier: BSD-3-Clause
"""The manual pages of the build are there, have no faults, and name every option."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("DPVRRP_BUILD", "build")
PAGES = BUILD / "docs" / "man"
PROGRAMS = {"dpvrrpd.8": "app/dpvrrpd/dpvrrpd", "dpvrrpctl.1": "app/dpvrrpctl/dpvrrpctl"}

pytestmark = pytest.mark.skipif(not shutil.which("man") or not (PAGES / "dpvrrpd.8").exists(),
                                reason="needs lowdown at the build, and man")


def read(page):
    """As a reader sees it, and what the formatter complains about."""
    done = subprocess.run(["man", "--warnings", "--encoding=UTF-8", "-l", PAGES / page], capture_output=True, text=True,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "200", "PAGER": "cat", "TERM": "dumb"})
    assert done.returncode == 0, done.stderr
    complaints = [line for line in done.stderr.splitlines() if not re.search(r"(can't|cannot) (break|adjust) line", line)]
    return re.sub(".\b", "", done.stdout), complaints


@pytest.mark.parametrize("page", ["dpvrrpd.8", "dpvrrpctl.1", "dpvrrp.toml.5", "dpvrrp-gen.1"])
def test_a_page_has_no_faults(page):
    text, complaints = read(page)
    assert complaints == []
    assert text.splitlines()[0].startswith(page.rsplit(".", 1)[0] + "(")
    assert "NAME\n" in text and "SEE ALSO\n" in text
    assert not re.search(r"\]\(|^```|<examples/", text, re.M), "a link or a fence of Markdown is left"


@pytest.mark.parametrize("page", PROGRAMS)
def test_a_page_names_every_option(page):
    said = subprocess.run([BUILD / PROGRAMS[page], "--help"], capture_output=True, text=True).stdout
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", said)) - {"--no-huge"}
    assert options
    text, _ = read(page)
    assert sorted(option for option in options if option not in text.replace("‐", "-")) == []


def test_the_commands_are_those_of_the_documents():
    """Which a unit test compares with the grammar."""
    text, _ = read("dpvrrpctl.1")
    sections = re.findall(r"^### `(.*)`$", (ROOT / "docs" / "cli.md").read_text(), re.M)
    assert len(sections) > 40
    flat = re.sub(r"\s+", " ", text)
    assert [section for section in sections if re.sub(r"\s+", " ", section) not in flat] == []
