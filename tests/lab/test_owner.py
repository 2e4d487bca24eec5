# SPDX-License-Identifier: BSD-3-Clause
"""An owner (priority 255) that returns beside keepalived 2.2.7, with AH. It sends before it has listened, and the
numbers of the router that replaced it have advanced: docs/decisions/0012."""

import pytest

from harness.pair import Pair
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon


@pytest.fixture
def pair(lab):
    pair = Pair(lab, a_priority=100, b_priority=255).start()
    pair.b_is_master(10)
    return pair


def wait(seconds, since):
    until(lambda: now() > since + seconds * 1_000_000_000, seconds + 5, f"{seconds} s")


def returns(pair, since, measured, what):
    """The owner's first advert after `since` is accepted, and keepalived gives way within two intervals after it."""
    first = pair.sniffer.next_advert(pair.node_b, since, 10)
    before = pair.sniffer.last_advert(pair.node_a, before=first.time)
    assert first.sequence > before.sequence, pair.sniffer.summary()
    pair.a.wait_state("BACKUP", 2)
    pair.b_is_master(3)
    measured(f"{what}: keepalived was at {before.sequence}, the owner goes on at {first.sequence}; keepalived is backup "
             f"{ms(now() - first.time):.0f} ms later")
    assert not pair.a.complaints(), pair.a.complaints()
    pair.check_wire()


@pytest.mark.parametrize("away", [8, 20])
def test_after_sigkill(pair, measured, away):
    moment = now()
    pair.b.kill()
    pair.a.wait_state("MASTER", 8)
    wait(away, moment)
    since = now()
    pair.b.start()
    returns(pair, since, measured, f"SIGKILL, {away} s away")


def test_after_an_orderly_stop(pair, measured):
    pair.b.stop()
    moment = now()
    pair.a.wait_state("MASTER", 8)
    wait(10, moment)
    since = now()
    pair.b.start()
    returns(pair, since, measured, "stopped, 10 s away")
