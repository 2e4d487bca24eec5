# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd on a port for whose addresses no kernel answers."""

from .dpvrrpd import DpvrrpGateway
from .virtual_router import VirtualRouter

ROUTER = VirtualRouter(authentication="none")
VIP, VIP6, LINK_LOCAL_VIP = ROUTER.addresses[0], "2001:db8:51::254", "fe80::51"


class Appliance(DpvrrpGateway):
    """One instance of each family, on an interface without any address."""

    def __init__(self, node, priority, accept=True):
        self.accept = accept
        super().__init__(node, ROUTER, priority, source_mac="virtual")
        node.namespace.ip("addr", "flush", "dev", "eth0")

    def _instance(self, router):
        number = self.node.address.rsplit(".")[-1]
        return "".join(f"""
[[instance]]
name = "{name}"
port = "lan"
version = 3
vrid = {router.vrid}
priority = {self.priority}
advertisement_interval = "200ms"
source_address = "{source}"
source_mac = "virtual"
responder = true
accept = {str(self.accept).lower()}
virtual_addresses = [{addresses}]
""" for name, source, addresses in (
            (router.name, self.node.address, f'{{ address = "{VIP}/24" }}'),
            ("V6", f"fe80::{number}", f'{{ address = "{LINK_LOCAL_VIP}/64" }}, {{ address = "{VIP6}/64" }}')))

    def wait_both(self, state):
        self.wait_state(state, 5)
        self.wait_state(state, 5, "V6")
