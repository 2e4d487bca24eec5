# SPDX-License-Identifier: BSD-3-Clause
"""What the gateways of a test share: one virtual router, said once, from which each writes its own configuration."""

from dataclasses import dataclass

from .frames import virtual_mac

KEY = "s3cr3t"


@dataclass(frozen=True)
class VirtualRouter:
    name: str = "VI_1"
    vrid: int = 51
    address_count: int = 1
    first_host: int = 100  # of 10.99.0.0/24
    authentication: str = "ah"  # "ah", "simple" or "none"
    key: str = KEY
    interval: int = 1

    @property
    def addresses(self):
        return tuple(f"10.99.0.{self.first_host + i}" for i in range(self.address_count))

    @property
    def key_bytes(self):
        return self.key.encode().ljust(8, b"\0")

    @property
    def mac(self):
        return virtual_mac(self.vrid)

    def skew_ms(self, priority):
        return (256 - priority) * 1000 / 256

    def master_down_ms(self, priority):
        return 3000 * self.interval + self.skew_ms(priority)
