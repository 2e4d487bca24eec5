# SPDX-License-Identifier: BSD-3-Clause
"""A virtual router moves between dpvrrpd and keepalived 2.2.7: VRRPv3 over both families, and unicast. (VRRPv2 by
multicast is in test_takeover.py.) Rules: RFC 9568 6.4, V3-42 to V3-92; RFC 3768 6.4."""

import pytest

from harness import hand_over
from harness.pair import Pair
from harness.scenes import scene
from harness.virtual_router import VirtualRouter

pytestmark = pytest.mark.daemon

V3 = VirtualRouter(version=3, interval=0.5)
V3_IPV6 = VirtualRouter(version=3, interval=0.5, family=6)
VIRTUAL_MACS = {"source_mac": "virtual", "a_settings": {"extra": "use_vmac"}}


@scene()
def test_v3_over_ipv4(lab, measured):
    """We are configured for another interval than the master's: both sides learn (V3-68)."""
    hand_over.to_and_fro(Pair(lab, V3, interval=0.8), measured)


@scene()
def test_v3_over_ipv4_with_virtual_macs(lab, measured):
    hand_over.to_and_fro(Pair(lab, V3, **VIRTUAL_MACS), measured)


@scene(ipv6=True)
def test_v3_over_ipv6(lab, measured):
    hand_over.to_and_fro(Pair(lab, V3_IPV6), measured)


@scene(ipv6=True)
def test_v3_over_ipv6_with_virtual_macs(lab, measured):
    hand_over.to_and_fro(Pair(lab, V3_IPV6, **VIRTUAL_MACS), measured)


@scene(ipv6=True)
@pytest.mark.parametrize("version, family", [(2, 4), (3, 4), (3, 6)])
def test_unicast(lab, measured, version, family):
    router = VirtualRouter(version=version, family=family, unicast=True, authentication="none",
                           interval=1 if version == 2 else 0.5)
    # By default it sends IPv6 unicast with the kernel's hop limit of 64, which our min_ttl does not accept.
    peer = {"extra": "unicast_ttl 255"} if family == 6 else {}
    hand_over.to_and_fro(Pair(lab, router, a_settings=peer), measured)


@scene()
def test_frozen_and_thawed(lab, measured):
    hand_over.frozen_and_thawed(Pair(lab, V3, **VIRTUAL_MACS), measured)
