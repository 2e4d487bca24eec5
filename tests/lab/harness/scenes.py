# SPDX-License-Identifier: BSD-3-Clause
"""Tests that mostly wait, run several at a time, each on its own LAN.

    @scene(ipv6=True)
    @pytest.mark.parametrize("n", [1, 2])
    def test_x(lab, measured, n): ...

The first of them that pytest runs starts all selected ones, AT_ONCE at a time and in their order. Then each waits for
its own result. A conftest takes part by importing `stage`."""

import inspect
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from .lab import Lab

# Their sleeps overlap, but not their work: the clocks of all tests depend on the two CPUs of a small machine.
AT_ONCE = int(os.environ.get("DPVRRP_SCENES", "8"))


def scene(ipv6=False):
    """Makes a test of a function of `lab`, `measured` and parameters. `ipv6`: the LAN has IPv6."""
    def decorate(function):
        def wait_for_it(stage, request, measured, **_):
            stage.wait_for(request.node, measured)

        wait_for_it.__name__, wait_for_it.__doc__ = function.__name__, function.__doc__
        wait_for_it.__module__ = function.__module__
        wait_for_it.pytestmark = getattr(function, "pytestmark", [])
        parameters = [parameter for name, parameter in inspect.signature(function).parameters.items()
                      if name not in ("lab", "measured")]
        fixtures = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
                    for name in ("stage", "request", "measured")]
        wait_for_it.__signature__ = inspect.Signature(fixtures + parameters)
        wait_for_it.play, wait_for_it.ipv6 = function, ipv6
        return wait_for_it
    return decorate


class Stage:
    def __init__(self, items):
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="scene")
        self._figures = {item.nodeid: [] for item in items}
        self._plays = {item.nodeid: self._pool.submit(self._play, number, item) for number, item in enumerate(items)}

    def _play(self, number, item):
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        with Lab(label=str(number), ipv6=item.function.ipv6) as lab:
            item.function.play(lab=lab, measured=self._figures[item.nodeid].append, **parameters)

    def wait_for(self, item, measured):
        try:
            self._plays[item.nodeid].result()
        finally:
            for figure in self._figures[item.nodeid]:
                measured(figure)

    def close(self):
        self._pool.shutdown(cancel_futures=True)


def _is_played(item):
    return hasattr(item.function, "play") and not item.get_closest_marker("skip") and not any(
        mark.args[0] for mark in item.iter_markers("skipif"))


@pytest.fixture(scope="session")
def stage(request):
    made = Stage([item for item in request.session.items if _is_played(item)])
    yield made
    made.close()
