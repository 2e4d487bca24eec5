# SPDX-License-Identifier: BSD-3-Clause
"""Frames of other hosts must not change our state. A rejected frame moves no timer."""

import pytest

from harness import attacker
from harness.attacker import Attacker
from harness.dpvrrpd import BACKUP, MASTER, Words
from harness.pair import Pair
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

ATTACKER_MAC = "02:00:0a:63:00:66"
IP_END = 34  # bytes of an untagged frame
RATE, SECONDS = 1000, 20


def replay_refusals(drops):
    return drops.get("replayed", 0) + drops.get("stale", 0)


def test_a_wrong_key_gives_two_masters_and_says_why(lab):
    # Without this option a keepalived master delays its advert at each of our rejected adverts, and is seldom heard.
    pair = Pair(lab, key="0ther", a_settings={"extra": "lower_prio_no_advert true"}).start()
    pair.a.wait_state("MASTER", 10)
    pair.b.wait_state(MASTER, 10)
    until(lambda: pair.b.drops().get("bad-icv", 0) >= 2, 4, "bad-icv counted")
    assert set(pair.refusals()) == {"bad-icv"}
    event = until(lambda: [e for e in pair.b.events(Words.REJECTED) if "bad-icv" in e], 3, "an event names bad-icv")[0]
    assert pair.node_a.address in event
    until(pair.a.complaints, 4, "keepalived complains too")
    # No advert of a peer without our key is accepted.
    sections = pair.b.sections()
    assert sections[Words.SENDERS] == []
    assert sections[Words.INSTANCE][Words.SEQUENCE_HEARD] == 0
    assert (pair.a.state(), pair.b.state()) == ("MASTER", MASTER)


def test_a_captured_stream_replayed_changes_nothing(lab):
    """The capture has adverts of both sides and keepalived's resignation, the most harmful frame."""
    pair = Pair(lab).start()
    pair.a_is_master(10)
    pair.a.stop()
    pair.b_is_master(4)
    pair.a.start()
    pair.a_is_master(10)
    capture = [advert.frame for advert in pair.sniffer.adverts(pair.node_a)]
    assert any(advert.priority == 0 for advert in pair.sniffer.adverts(pair.node_a))
    replay = Attacker(lab, to=pair.node_b)

    def replayed_without_effect(state):
        before, refused = pair.b.transitions(), replay_refusals(pair.b.drops())
        for frame in capture:
            replay.send(frame)
        until(lambda: replay_refusals(pair.b.drops()) >= refused + len(capture), 3,
              lambda: f"{len(capture)} replays counted; drops {pair.b.drops()}")
        # If the resignation had been accepted, we would have become master within the skew time.
        deadline = now() + 1_000_000_000
        until(lambda: now() > deadline, 2, "a second passes")
        assert pair.b.transitions() == before
        assert pair.b.state() == state

    replayed_without_effect(BACKUP)
    # Frames heard before a crash are refused after it.
    pair.b.kill()
    pair.b.start()
    replayed_without_effect(BACKUP)
    pair.b.set_priority(200)
    pair.b_is_master(8)
    replayed_without_effect(MASTER)


def junk(pair, capture, first_sequence):
    """A third each: well-formed but unsigned, of priorities 0 to 255 in turn; captured; captured and cut."""
    unsigned = [frame for priority in (0, 1, 254, 255) for frame in attacker.bad_icv(
        500, source_mac=ATTACKER_MAC, source=pair.node_a.address, vrid=pair.router.vrid, priority=priority,
        addresses=pair.router.addresses, first_sequence=first_sequence + 500 * priority, seed=priority)]
    return attacker.interleaved(unsigned, capture, attacker.truncated(capture * 100))


@pytest.mark.timeout(90)
def test_junk_does_not_move_a_master(lab, measured):
    pair = Pair(lab, a_priority=150, b_priority=100).start()
    pair.a_is_master(10)
    until(lambda: len(pair.sniffer.adverts(pair.node_a)) >= 3, 5, "adverts to replay")
    capture = [advert.frame for advert in pair.sniffer.adverts(pair.node_a)]
    pair.b.set_priority(200)
    pair.b_is_master(8)
    heard = pair.sniffer.last_advert(pair.node_b).sequence
    flood_is_harmless(pair, measured, "master", Attacker(lab, node=pair.host), junk(pair, capture, heard + 10_000))
    gap = pair.sniffer.longest_gap(pair.node_b, *pair.flood_window)
    measured(f"longest gap between our adverts under junk: {ms(gap):.0f} ms")
    assert ms(gap) < 1500
    assert pair.a.state() == "BACKUP"


@pytest.mark.timeout(90)
def test_junk_does_not_move_a_backup(lab, measured):
    # Only we are attacked: a keepalived master falls silent under such frames, which is keepalived's fault.
    pair = Pair(lab).start()
    pair.a_is_master(10)
    until(lambda: len(pair.sniffer.adverts(pair.node_a)) >= 3, 5, "adverts to replay")
    adverts = pair.sniffer.adverts(pair.node_a)
    accepted = pair.b.sections()[Words.COUNTERS][Words.ADVERTS_RECEIVED]
    flood_is_harmless(pair, measured, "backup", Attacker(lab, to=pair.node_b),
                      junk(pair, [advert.frame for advert in adverts], adverts[-1].sequence + 10_000))
    accepted = pair.b.sections()[Words.COUNTERS][Words.ADVERTS_RECEIVED] - accepted
    sent = len([a for a in pair.sniffer.adverts(pair.node_a) if pair.flood_window[0] <= a.time <= pair.flood_window[1]])
    measured(f"adverts of the master under junk: {sent} sent, {accepted} accepted")
    assert sent >= SECONDS - 1 and accepted >= sent
    assert not pair.sniffer.adverts(pair.node_b)


def flood_is_harmless(pair, measured, role, source, frames):
    before, state, dropped = pair.b.transitions(), pair.b.state(), pair.b.drops()
    started = now()
    sent = source.flood(frames, RATE, SECONDS)
    # The kernel's filter of a shared port does not select a frame that is cut within its IP header (decision 28).
    arrived = sent * sum(len(frame) >= IP_END for frame in frames) / len(frames)
    pair.flood_window = started, now()
    assert sent >= RATE * SECONDS * 0.9
    grown = until(lambda: drops_since(dropped, pair.b.drops(), arrived * 0.99), 5, lambda: f"drops {pair.b.drops()}")
    measured(f"as {role}: {sent} forged frames in {SECONDS} s: " + ", ".join(f"{k} {v}" for k, v in grown.items()))
    assert grown.get("bad-icv", 0) >= sent * 0.3
    assert replay_refusals(grown) >= sent * 0.3
    assert pair.b.transitions() == before
    assert pair.b.state() == state


def drops_since(earlier, later, at_least):
    grown = {reason: count - earlier.get(reason, 0) for reason, count in later.items()}
    return grown if sum(grown.values()) >= at_least else None
