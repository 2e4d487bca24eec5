# SPDX-License-Identifier: BSD-3-Clause
"""The third gateway: a real keepalived that has the right key and the group's VRID, but no business there."""

from .keepalived import KeepalivedGateway


class StaleGateway(KeepalivedGateway):
    """It can be heard and cannot hear: the switch floods no multicast to its port, as one does whose IGMP snooping has
    lost a member. So it elects itself and counts from 1."""

    def __init__(self, node, router, priority, **settings):
        super().__init__(node, router, priority, **settings)
        node.lab.switch.ip("link", "set", "dev", node.name, "type", "bridge_slave", "mcast_flood", "off")
