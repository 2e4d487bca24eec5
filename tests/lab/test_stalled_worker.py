# SPDX-License-Identifier: BSD-3-Clause
"""A worker lcore that does not run: control answers with the last known state, and names its age and the reason."""

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway, Words
from harness.paused_thread import paused, thread_named
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

ONE = VirtualRouter()
RUNS = ("running", "slow")  # the lab's machine may be busy


def test_answers_are_old_while_the_worker_does_not_run_and_fresh_afterwards(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), ONE, priority=100).start()
    until(lambda: gateway.json("show", "status")["master"] == 1, 15, lambda: gateway.log())
    row, = gateway.json("show", "instances")
    assert row[Words.STATE] == MASTER and row["age_seconds"] == 0
    assert gateway.json("show", "workers")[0]["state"] in RUNS

    with paused(thread_named(gateway.pid, "worker")):
        until(lambda: gateway.json("show", "workers")[0]["state"] == "stalled", 10, lambda: gateway.ctl("show", "workers"))
        worker, = gateway.json("show", "workers")
        assert worker["why"] == "a signal or a debugger has stopped it (state T)" and worker["since"]
        row, = gateway.json("show", "instances")
        assert row[Words.STATE] == MASTER and row["master"] == gateway.node.address and row["age_seconds"] > 0
        for command in (("show", "instances"), ("show", "instance", ONE.name), ("diagnose",), ("show", "senders")):
            text = gateway.ctl(*command)
            assert text.startswith("as of ") and "lcore" in text and "has not answered since" in text, text
        assert "has not run since" in gateway.json("show", "events")[-1][Words.TEXT]

    until(lambda: gateway.json("show", "workers")[0]["state"] in RUNS, 10, lambda: gateway.ctl("show", "workers"))
    assert gateway.json("show", "instances")[0]["age_seconds"] == 0
    assert not gateway.ctl("show", "instances").startswith("as of ")
