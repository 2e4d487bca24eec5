# SPDX-License-Identifier: BSD-3-Clause
import contextlib
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lab")]

from harness.dpvrrpd import DAEMON  # noqa: E402
from harness.keepalived import KeepalivedGateway  # noqa: E402
from harness.lab import Lab, cannot_run, clean_up_at_exit  # noqa: E402
from harness.measured import measured, pytest_terminal_summary  # noqa: E402, F401
from harness.sniffer import Sniffer  # noqa: E402

import image  # noqa: E402
from gateway import GuestGateway  # noqa: E402
from guest import IP, Guest  # noqa: E402
from peer import PeerKeepalived, PeerNode  # noqa: E402


def pytest_configure():
    clean_up_at_exit()


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.timeout(150))


class Lan:
    """keepalived's node gw-a, a listening host, and the guest; one boot for all tests. begin() starts routers."""

    def __init__(self, lab):
        self.lab = lab
        self.node_a, self.host = lab.node("gw-a"), lab.node("host")
        self.sniffer = Sniffer(self.host)
        self.guest = Guest(lab).boot()
        self._begun = []
        self._vlans = contextlib.ExitStack()

    def keepalived(self, router, priority, **settings):
        return self._keep(KeepalivedGateway(self.node_a, router, priority, **settings))

    def keepalived_on_vlan(self, vlan, router, priority, **settings):
        """In the guest, on its own NIC. dpvrrpd's addresses may be on the guest's `eth0.<vlan>`."""
        self._vlans.enter_context(self.guest.vlan_device(vlan))
        node = self._vlans.enter_context(PeerNode(self.guest, vlan))
        return self._keep(PeerKeepalived(node, router, priority, **settings))

    def dpvrrpd(self, router, priority, **settings):
        return self._keep(GuestGateway(self.guest, router, priority, **settings))

    def dpvrrpd_with_twin(self, twin, router, priority, **settings):
        """The guest's address is on the twin, and it does not use its own NIC."""
        self._vlans.enter_context(self.guest.only_on(twin))
        gateway = self.dpvrrpd(router, priority, twin=twin, **settings)
        self.guest.run(IP, "addr", "add", f"{self.guest.address}/24", "dev", twin)
        return gateway

    def peer_on_vlan(self, vlan):
        """The guest's namespace `peer`, with only a VLAN of the LAN."""
        return self._vlans.enter_context(PeerNode(self.guest, vlan))

    def _keep(self, gateway):
        self._begun.append(gateway)
        return gateway.start()

    def end(self):
        """Ends every router, and removes the addresses that a failed one left behind."""
        while self._begun:
            gateway = self._begun.pop()
            if gateway.running():
                gateway.stop()
        self._vlans.close()
        self.guest.set_link(True)
        self.node_a.plug()


@pytest.fixture(scope="session")
def machine():
    """The LAN with the guest, or the reason why there is none."""
    reason = cannot_run()
    try:
        if not reason:
            image.check_host()
            image.kernel()
    except image.Unavailable as unavailable:
        reason = str(unavailable)
    if reason:
        pytest.skip(f"no NIC lab: {reason}")
    if not DAEMON.exists():  # if the build lacks the daemon, the tests must not pass
        pytest.fail(f"{DAEMON} is not built: run scripts/build")
    with Lab() as lab:
        yield Lan(lab)


@pytest.fixture
def lan(machine):
    yield machine
    machine.end()
