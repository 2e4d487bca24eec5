# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages of `scripts/package -o FOLDER`: install, upgrade and purge in a booted systemd.

    scripts/lab --packages FOLDER -k packages"""

from pathlib import Path

import pytest

from harness.booted import BootedGateway
from harness.dpvrrpd import MASTER
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon


@pytest.fixture
def packages(request):
    folder = request.config.getoption("--packages")
    if not folder:
        pytest.skip("needs --packages FOLDER, with the packages of scripts/package")
    files = sorted(Path(folder).glob("*.deb"))
    assert {"dpvrrp-doc", "dpvrrp-tools", "dpvrrpd"} <= {file.name.split("_")[0] for file in files}
    return [file for file in files if "-dbgsym_" not in file.name]


def test_install_upgrade_and_purge(lab, packages):
    ours = BootedGateway(lab.node("gw-b"), VirtualRouter(), 150)
    ours.packages = packages
    ours.start()
    ours.wait_state(MASTER, 10)
    assert ours.systemctl("is-enabled", "dpvrrpd") == "enabled\n"
    # An upgrade restarts the service, and the new run continues as master.
    pid = ours.show("MainPID")
    ours.inside("dpkg", "-i", *[f"/packages/{file.name}" for file in packages])
    until(lambda: ours.show("MainPID") not in (pid, "0") and ours._answers(), 30, ours.journal)
    assert (ours.state(), ours.instance()["reason"]) == (MASTER, "handover")
    # Afterwards nothing of ours is left but the operator's file.
    ours.inside("dpkg", "--purge", "dpvrrpd", "dpvrrp-tools", "dpvrrp-doc")
    left = ours.inside("find", "/usr/bin", "/usr/sbin", "/usr/lib/systemd", "/usr/share/doc", "/etc", "/var/lib",
                       "-name", "dpvrrp*").split()
    assert left == ["/etc/dpvrrp", "/etc/dpvrrp/dpvrrp.toml"]
    assert ours.router.addresses[0] not in ours.node.namespace.ip("addr")
