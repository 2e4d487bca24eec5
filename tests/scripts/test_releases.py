# SPDX-License-Identifier: BSD-3-Clause
"""The scripts on the releases of Debian: what they install, and what they skip with a message and exit status 77."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
SKIPPED = 77


def run(*command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)


def release():
    lines = Path("/etc/os-release").read_text().splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture
def nothing_installed(tmp_path):
    """A PATH on which dpkg knows no package and apt-get is missing."""
    for tool in ("bash", "env", "grep", "sed"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    query = tmp_path / "dpkg-query"
    query.write_text("#!/bin/sh\nexit 1\n")
    query.chmod(0o755)
    return {"PATH": str(tmp_path)}


@pytest.fixture
def no_mirror(tmp_path):
    """An environment in which apt's only mirror does not answer, and no root is kept."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "sources").write_text("deb http://127.0.0.1:9/nowhere stable main\n")
    (tmp_path / "apt.conf").write_text(f'Dir::Etc::sourcelist "{tmp_path}/sources";\nDir::Etc::sourceparts "-";\n'
                                       f'Dir::State::lists "{tmp_path}/lists";\nAcquire::http::Proxy "DIRECT";\n')
    return {"APT_CONFIG": str(tmp_path / "apt.conf"), "DPVRRP_CACHE": str(tmp_path)}


def missing(path, *groups):
    done = run(SCRIPTS / "deps", *groups, **path)
    assert done.returncode == 1 and "no apt-get here" in done.stderr, done
    return set(done.stdout.split("deps: missing: ")[1].split())


def test_deps_takes_every_group_or_those_named(nothing_installed):
    groups = {name: missing(nothing_installed, name) for name in ("build", "clang", "lab", "releases")}
    assert {"g++", "libdpdk-dev"} < groups["build"] and "keepalived" not in groups["build"]
    assert {"keepalived", "qemu-system-x86"} < groups["lab"] and "g++" not in groups["lab"]
    assert groups["clang"] == {"clang", "libclang-rt-dev", "libbpf-dev"} and groups["releases"] == {"debootstrap"}
    assert missing(nothing_installed) == groups["build"] | groups["clang"] | groups["lab"]


def test_deps_of_a_cross_build_are_the_libraries_of_arm64(nothing_installed):
    cross, build = missing(nothing_installed, "cross"), missing(nothing_installed, "build")
    assert {"crossbuild-essential-arm64", "libdpdk-dev:arm64", "nlohmann-json3-dev", "qemu-user-static"} < cross
    libraries = {name for name in build if name.startswith("lib") and name.endswith("-dev")}
    assert {f"{name}:arm64" for name in libraries - {"libipsec-mb-dev"}} == {n for n in cross if n.endswith(":arm64")}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.skipif(release().get("ID") != "debian", reason="not Debian")
def test_a_cross_build_is_skipped_where_there_is_no_root_of_debian_in_reach(no_mirror):
    done = run(SCRIPTS / "cross", **no_mirror)
    assert done.returncode == SKIPPED and "cross: skipped: " in done.stderr, done


def test_deps_asks_for_no_package_that_this_release_lacks(nothing_installed):
    debian_12 = (release()["ID"], release().get("VERSION_ID")) == ("debian", "12")
    assert ("clang-format-14" in missing(nothing_installed)) == debian_12


def test_deps_refuses_a_group_it_does_not_know():
    done = run(SCRIPTS / "deps", "kitchen")
    assert done.returncode == 2 and "scripts/deps [GROUP...]" in done.stderr


def test_format_without_its_version_is_skipped(tmp_path):
    for tool in ("bash", "env", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = run(SCRIPTS / "format", "--check", PATH=str(tmp_path))
    assert done.returncode == SKIPPED and "no clang-format-14" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.skipif(not shutil.which("debootstrap", path=os.environ["PATH"] + ":/usr/sbin"), reason="no debootstrap")
def test_another_release_is_skipped_without_a_mirror(no_mirror, tmp_path):
    done = run(SCRIPTS / "test_release", "sid", **no_mirror)
    assert done.returncode == SKIPPED, done
    assert "no mirror of sid in reach: http://127.0.0.1:9/nowhere" in done.stderr or "no right to" in done.stderr
    assert not (tmp_path / "sid").exists()


def test_another_release_is_skipped_on_itself():
    done = run(SCRIPTS / "test_release", release()["VERSION_CODENAME"])
    assert done.returncode == SKIPPED and ("itself" in done.stderr or "not root" in done.stderr)


def test_another_release_is_named_in_letters():
    assert run(SCRIPTS / "test_release", "../../etc").returncode == 2
