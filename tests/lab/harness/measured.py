# SPDX-License-Identifier: BSD-3-Clause
"""Figures that tests measure, listed at the end of the run. A conftest takes part by importing both names."""

import pytest

_measured = []


@pytest.fixture
def measured(request):
    """measured(text): a figure for the summary at the end of the run."""
    return lambda text: _measured.append((request.node.name, text))


def pytest_terminal_summary(terminalreporter):
    if _measured:
        terminalreporter.section("measured")
        for name, text in _measured:
            terminalreporter.write_line(f"{name}: {text}")
