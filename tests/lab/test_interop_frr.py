# SPDX-License-Identifier: BSD-3-Clause
"""A virtual router moves between dpvrrpd and FRR 8.4.4's vrrpd, VRRPv3 over both families. FRR supports only the
virtual MAC, and counts skew in whole centiseconds, so it may be early by up to 10 ms."""

import pytest

from harness import frr, hand_over
from harness.pair import Pair
from harness.scenes import scene
from harness.virtual_router import VirtualRouter

pytestmark = [pytest.mark.daemon, pytest.mark.skipif(frr.missing() is not None, reason=str(frr.missing()))]


@scene(ipv6=True)
@pytest.mark.parametrize("family", [4, 6])
def test_v3(lab, measured, family):
    hand_over.to_and_fro(pair(lab, family), measured)


@scene()
def test_frozen_and_thawed(lab, measured):
    hand_over.frozen_and_thawed(pair(lab, 4), measured)


def pair(lab, family):
    router = VirtualRouter(version=3, interval=0.5, family=family)
    return Pair(lab, router, peer=frr.FrrGateway, source_mac="virtual")
