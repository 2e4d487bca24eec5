# SPDX-License-Identifier: BSD-3-Clause
"""A dpvrrpd with thousands of virtual routers on the VLANs of one cable, made by a template."""

import os
import resource
from pathlib import Path

from .dpvrrpd import DpvrrpGateway
from .virtual_router import KEY, VirtualRouter

VRIDS = 250  # per VLAN
FIRST_VLAN = 100

# All adverts of an interval may arrive within a few milliseconds while the machine does other work. The ring has room
# for twice as many. FRAME_BYTES are an advert, the kernel's header before it, and more.
RING_ROOM = 2
FRAME_BYTES = 512

_TICKS = os.sysconf("SC_CLK_TCK")


class ScaleGateway(DpvrrpGateway):
    """`vlans` x VRIDS instances with AH at 1 s. Their addresses are advertised only, so the kernel needs no 802.1Q.
    `cpus` are the control thread's and the worker's."""

    def __init__(self, node, vlans, priority, cpus, idle='idle = "interrupt"'):
        super().__init__(node, VirtualRouter(), priority, idle=idle)
        self.vlans = vlans
        self.cpus = cpus
        self.ring_key = 1, KEY  # id and text
        self.second_address = False  # of each instance

    @property
    def count(self):
        return self.vlans * VRIDS

    def _ring_frames(self):
        return 1 << (RING_ROOM * self.count - 1).bit_length()

    def write_config(self):
        host = self.node.address.rsplit(".", 1)[1]
        addresses = ", ".join(f'{{ address = "10.0.{n}.1/22", per_vlan = "0.0.4.0", per_vrid = "0.0.0.1" }}'
                              for n in ([1, 2] if self.second_address else [1]))
        self.config_file.write_text(f"""\
[daemon]
control_socket = "{self.socket}"
state_directory = "{self.state_directory}"
main_lcore = {self.cpus[0]}
lcores = [{self.cpus[1]}]
{self.idle}

[[port]]
name = "trunk"
device = "net_af_packet0,iface=eth0,framesz={FRAME_BYTES},framecnt={self._ring_frames()},qdisc_bypass=1"

[[template]]
name = "v{{vlan}}-{{vrid}}"
port = "trunk"
vlan = [ "{FIRST_VLAN}-{FIRST_VLAN + self.vlans - 1}" ]
vrid = "1-{VRIDS}"
priority = {self.priority}
source_address = {{ address = "10.0.0.{host}", per_vlan = "0.0.4.0" }}
virtual_addresses = [ {addresses} ]
authentication = {{ type = "ah", keyring = "core" }}

[[keyring]]
name = "core"
allow_weak_keys = true
key = [ {{ id = {self.ring_key[0]}, key = "{self.ring_key[1]}" }} ]
""")

    def status(self):
        return self.json("show", "status")

    def all_are(self, state):
        """As control knows it: the lcore's state may be a few milliseconds newer."""
        return self.status()[state.lower()] == self.count

    def cpu_seconds(self):
        """User and system time of the whole process so far."""
        fields = Path(f"/proc/{self._daemon_pid()}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mib(self):
        pages = int(Path(f"/proc/{self._daemon_pid()}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 2**20

    def _daemon_pid(self):
        return self.pid  # `ip netns exec` replaces itself
