# SPDX-License-Identifier: BSD-3-Clause
"""One virtual router, defined once, from which each gateway of a test writes its own configuration."""

from dataclasses import dataclass

from .frames import virtual_mac

KEY = "s3cr3t"


@dataclass(frozen=True)
class VirtualRouter:
    name: str = "VI_1"
    vrid: int = 51
    address_count: int = 1  # IPv6: besides the link-local one
    first_host: int = 100  # of 10.99.0.0/24 or 2001:db8:99::/64
    authentication: str = "ah"  # "ah", "simple", "none" or "auth-hmac"; with version 3 only the last, else none
    key: str = KEY
    interval: float = 1  # seconds
    version: int = 2
    family: int = 4
    unicast: bool = False

    @property
    def addresses(self):
        hosts = range(self.first_host, self.first_host + self.address_count)
        if self.family == 4:
            return tuple(f"10.99.0.{host}" for host in hosts)
        return (f"fe80::99:{self.vrid:x}", *(f"2001:db8:99::{host:x}" for host in hosts))

    @property
    def prefix_length(self):
        return 24 if self.family == 4 else 64

    @property
    def key_bytes(self):
        return self.key.encode().ljust(8, b"\0")

    @property
    def mac(self):
        return virtual_mac(self.vrid, self.family)

    def skew_ms(self, priority, interval=None):
        """`interval`: the master's, in seconds, if it differs from ours. VRRPv2's skew does not use it (V2-09)."""
        return (256 - priority) / 256 * 1000 * (1 if self.version == 2 else interval or self.interval)

    def master_down_ms(self, priority, interval=None):
        return 3000 * (interval or self.interval) + self.skew_ms(priority, interval)
