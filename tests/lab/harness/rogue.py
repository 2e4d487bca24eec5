# SPDX-License-Identifier: BSD-3-Clause
"""The third gateway: a real keepalived with the right key and the group's VRID that must not be there."""

from .keepalived import KeepalivedGateway


class StaleGateway(KeepalivedGateway):
    """Its adverts are heard, but it hears none: the switch floods no multicast to its port, as if IGMP snooping had
    lost a member. So it elects itself and counts from 1."""

    def __init__(self, node, router, priority, **settings):
        super().__init__(node, router, priority, **settings)
        node.lab.switch.ip("link", "set", "dev", node.name, "type", "bridge_slave", "mcast_flood", "off")
