# SPDX-License-Identifier: BSD-3-Clause
"""FRR's bgpd on a node, with one neighbour. Hold time 9 s, so that a session does not survive a longer gap."""

import json
import shutil

from .frr import FOLDER
from .namespace import run
from .wait import until

KEEPALIVE_SECONDS, HOLD_SECONDS = 3, 9


class BgpSpeaker:
    def __init__(self, node, number, neighbour, neighbour_number):
        """`number`: of its autonomous system. `neighbour`: an address."""
        self.node, self.neighbour = node, neighbour
        self._run = node.lab.folder / f"{node.name}.bgp"
        self._run.mkdir()
        shutil.chown(self._run, "frr", "frr")  # the daemons' user
        node.lab.folder.chmod(0o711)
        (self._run / "zebra.conf").write_text("hostname zebra\n")
        (self._run / "bgpd.conf").write_text(
            f"router bgp {number}\n bgp router-id {node.address}\n no bgp ebgp-requires-policy\n"
            f" neighbor {neighbour} remote-as {neighbour_number}\n"
            f" neighbor {neighbour} timers {KEEPALIVE_SECONDS} {HOLD_SECONDS}\n"
            f" neighbor {neighbour} timers connect 1\n")
        self._processes = []
        node.lab.cleanup.callback(self._end)

    def start(self):
        self._start("zebra")
        until(lambda: (self._run / "zserv.api").exists(), 5, "zebra's socket")
        self._start("bgpd")
        return self

    def _start(self, daemon):
        self._processes.append(self.node.namespace.start(
            f"{FOLDER}/{daemon}", "-f", self._run / f"{daemon}.conf", "-i", self._run / f"{daemon}.pid",
            "-z", self._run / "zserv.api", "--vty_socket", self._run, "-A", "127.0.0.1",
            log=self._run.with_suffix(".output")))

    def _end(self):
        for process in reversed(self._processes):
            process.kill()
            process.wait(timeout=10)

    def session(self):
        """What bgpd says about the neighbour; empty while it does not answer."""
        answer = run("vtysh", "--vty_socket", self._run, "-d", "bgpd", "-c", "show bgp neighbors json", check=False)
        return json.loads(answer).get(self.neighbour, {}) if answer.startswith("{") else {}

    def wait_established(self, seconds=20):
        until(lambda: self.session().get("bgpState") == "Established", seconds,
              lambda: f"{self.node.name}: BGP with {self.neighbour}: {self.session().get('bgpState')}", step=0.2)

    def keepalives(self):
        """Received in this session."""
        return self.session().get("messageStats", {}).get("keepalivesRecv", 0)
