# SPDX-License-Identifier: BSD-3-Clause
"""V3-83: radvd, driven by `notify`, sends the router advertisements of the master. The test runs the two files of
docs/examples/router-advertisements beside keepalived."""

import select
import socket
import threading
import time

import pytest

from harness.lab import ROOT
from harness.pair import Pair
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import now, until

pytestmark = [pytest.mark.daemon, pytest.mark.timeout(300)]

ROUTER = VirtualRouter(version=3, family=6, interval=0.5)
VIRTUAL_LINK_LOCAL = ROUTER.addresses[0]
EXAMPLE = ROOT / "docs" / "examples" / "router-advertisements"
LIFETIME = 30
LONGEST_INTERVAL = 4  # RFC 4861 6.2.1: the least value of MaxRtrAdvInterval; the example has 10 s
_ROUTER_ADVERTISEMENT = 134


class HostEar(threading.Thread):
    """The router advertisements that a host receives: (time, source, router lifetime in seconds)."""

    def __init__(self, node):
        super().__init__(daemon=True)
        with node.namespace.entered():
            self._socket = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.heard = []
        self._running = True
        self.start()

    def run(self):
        while self._running:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            message, source = self._socket.recvfrom(2048)
            if message[0] == _ROUTER_ADVERTISEMENT:
                self.heard.append((now(), source[0].split("%")[0], int.from_bytes(message[6:8], "big")))

    def since(self, time):
        return [(source, lifetime) for at, source, lifetime in self.heard if at >= time]

    def close(self):
        self._running = False
        self.join()
        self._socket.close()


def example_files(lab):
    """Copies of the example's files, with paths of this lab. Returns the path of the script."""
    configuration = lab.folder / "radvd.conf"
    configuration.write_text((EXAMPLE / "radvd.conf").read_text()
                             .replace("MaxRtrAdvInterval 10", f"MaxRtrAdvInterval {LONGEST_INTERVAL}"))
    configuration.chmod(0o644)
    lab.folder.chmod(0o755)
    script = lab.folder / "ra.sh"
    script.write_text((EXAMPLE / "ra.sh").read_text().replace("/etc/dpvrrp/radvd.conf", str(configuration))
                      .replace("/run/dpvrrp-ra-", f"{lab.folder}/ra-")
                      .replace("-m syslog", f"-m logfile -l {lab.folder}/radvd.log"))
    script.chmod(0o755)
    return script


@scene(ipv6=True)
def test_the_master_sends_them_and_a_backup_does_not(lab, measured):
    script = example_files(lab)
    pair = Pair(lab, ROUTER, a_priority=100, b_priority=150, extra=f'notify = "{script}"').start()
    ear = HostEar(pair.host)
    lab.cleanup.callback(ear.close)
    master = (VIRTUAL_LINK_LOCAL, LIFETIME)
    pair.b_is_master(20)
    until(lambda: master in ear.since(0), 20, lambda: f"advertisement of the master: {ear.heard}")
    pair.b.ctl("resign", ROUTER.name)
    pair.a_is_master(20)
    until(lambda: not list(lab.folder.glob("ra-*.pid")), 5, "radvd is stopped")
    silent = now()
    time.sleep(LONGEST_INTERVAL + 1)
    assert ear.since(silent) == [], "no advertisement of a backup, and none with lifetime 0"
    again = now()
    pair.b.ctl("set", "instance", ROUTER.name, "priority", "160")
    pair.b_is_master(20)
    until(lambda: master in ear.since(again), 20, lambda: f"again master: {ear.since(again)}")
    assert pair.b.stop() == 0
    until(lambda: not list(lab.folder.glob("ra-*.pid")), 5, "radvd is stopped")
    assert set(ear.since(0)) == {master}
    measured(f"{len(ear.heard)} router advertisements, all from {VIRTUAL_LINK_LOCAL} with lifetime {LIFETIME} s")
