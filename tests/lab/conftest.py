# SPDX-License-Identifier: BSD-3-Clause
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import dpvrrpd  # noqa: E402
from harness.lab import Lab, cannot_run, clean_up_at_exit  # noqa: E402
from harness.measured import measured, pytest_terminal_summary  # noqa: E402, F401
from harness.scenes import stage  # noqa: E402, F401


def pytest_addoption(parser):
    parser.addoption("--scale", type=int, default=16000, metavar="N", help="instances of test_scale.py, by 250")
    parser.addoption("--packages", metavar="FOLDER", help="the Debian packages for test_packages.py")
    parser.addoption("--long-rows", action="store_true", help="what takes minutes of test_interop_timers.py, too")


def pytest_configure(config):
    config.addinivalue_line("markers", "daemon: drives build/app/dpvrrpd/dpvrrpd")
    config.addinivalue_line("markers", "pure: needs neither root nor namespaces")
    clean_up_at_exit()


def pytest_collection_modifyitems(items):
    reason = cannot_run()
    for item in items:
        item.add_marker(pytest.mark.timeout(120))
        if item.get_closest_marker("pure"):
            continue
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
        elif item.get_closest_marker("daemon") and not dpvrrpd.DAEMON.exists():
            # If the build lacks the daemon, the tests must not pass.
            item.add_marker(pytest.mark.usefixtures("missing_daemon"))


@pytest.fixture
def missing_daemon():
    pytest.fail(f"{dpvrrpd.DAEMON} is not built: run scripts/build")


@pytest.fixture
def lab():
    with Lab() as made:
        yield made
