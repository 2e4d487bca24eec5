# SPDX-License-Identifier: BSD-3-Clause
"""Start and end: no huge pages, a missing device, a failed start, a killed daemon."""

import os
import subprocess
from pathlib import Path

import pytest

from harness.dpvrrpd import DAEMON, MASTER, DpvrrpGateway
from harness.lab import ROOT
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

ONE = VirtualRouter()
TWO = VirtualRouter(name="VI_2", vrid=52, first_host=120)
FOREIGN = "10.99.0.77"

# The capabilities that docs/systemd/dpvrrpd.service leaves to root, and none at all.
UNIT = ROOT / "docs" / "systemd" / "dpvrrpd.service"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def as_the_unit():
    line = next(line for line in UNIT.read_text().splitlines() if line.startswith("CapabilityBoundingSet="))
    kept = ",".join("+" + name.removeprefix("CAP_").lower() for name in line.partition("=")[2].split())
    return "setpriv", f"--bounding-set=-all,{kept}", "--no-new-privs"


class WithoutMemoryOptions(DpvrrpGateway):
    """The daemon finds its memory by itself, and VI_2's address is on a missing device."""

    def start(self):
        self.write_config()
        self.config_file.write_text(self.config_file.read_text().replace(
            f'{{ address = "{TWO.addresses[0]}/24", device = "eth0" }}',
            f'{{ address = "{TWO.addresses[0]}/24", device = "mv0" }}'))
        self._process = self.node.namespace.start(
            DAEMON, "-c", self.config_file, "--", "--no-telemetry", f"--file-prefix={self._file_prefix}",
            log=self.log_file)
        until(self._answers, 30, lambda: "dpvrrpd answers; log:\n" + "\n".join(self.log()))
        return self

    def clear(self, *before):
        return subprocess.run(self.node.namespace.command(*before, DAEMON, "--clear", "-c", self.config_file),
                              capture_output=True, text=True, timeout=30)


def test_a_missing_device_keeps_only_its_instance_from_starting_and_a_kill_leaves_nothing_after_clear(lab):
    node = lab.node("gw-b")
    b = WithoutMemoryOptions(node, ONE, priority=100, source_mac="port", more=[TWO]).start()
    b.wait_state(MASTER, 10)
    two = b.instance("VI_2")
    assert two["reason"] == "not-started" and "mv0" in two["error"]
    assert b.json("show", "status")["not_started"] == 1
    assert any("1 could not be started" in line for line in b.log())

    # The device is added: no reload, no restart.
    node.namespace.ip("link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "bridge")
    node.namespace.ip("link", "set", "mv0", "up")
    until(lambda: "error" not in b.instance("VI_2"), 40, "VI_2 is started")
    b.wait_state(MASTER, 10, name="VI_2")
    until(lambda: node.addresses().get(TWO.addresses[0]) == "mv0", 5, "VI_2's address on mv0")

    # While it runs nothing is cleared. After it was killed, only its own addresses are removed.
    node.namespace.ip("addr", "add", f"{FOREIGN}/24", "dev", "eth0")
    refused = b.clear()
    assert refused.returncode == 1 and "a daemon is running" in refused.stderr
    assert ONE.addresses[0] in node.addresses()
    b.kill()
    assert {ONE.addresses[0], TWO.addresses[0], FOREIGN} <= node.addresses().keys()
    denied = b.clear(*NOBODY)
    assert denied.returncode == 1 and "not cleared" in denied.stderr and ONE.addresses[0] in node.addresses()
    cleared = b.clear(*as_the_unit())
    assert cleared.returncode == 0 and "removed 2 virtual IPs" in cleared.stderr, cleared.stderr
    assert set(node.addresses()) == {node.address, FOREIGN}
    again = b.clear()
    assert again.returncode == 0 and "nothing to clear" in again.stderr


def test_clear_removes_virtual_mac_devices_too(lab):
    node = lab.node("gw-b")
    b = DpvrrpGateway(node, ONE, priority=100, source_mac="virtual").start()
    b.wait_state(MASTER, 10)
    until(lambda: node.addresses().get(ONE.addresses[0], "").startswith("vrrp."), 5, "the address on its own device")
    b.kill()
    done = subprocess.run(node.namespace.command(DAEMON, "--clear"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "removed 1 virtual-MAC device (vrrp." in done.stderr, done.stderr
    assert "vrrp." not in node.namespace.ip("link") and set(node.addresses()) == {node.address}


FAILING = {
    "a user that does not exist": ('[daemon]\n', '[daemon]\nuser = "no-such-user"\n', ()),
    "a PCI device that is missing": ("net_af_packet0,iface=eth0", "0000:ff:1f.7", ("--no-huge", "-m", "128")),
    "a device that DPDK does not know": ("net_af_packet0,iface=eth0", "net_nonsense0", ()),
    "an EAL option that does not exist": ("", "", ("--no-such-option",)),
    "a CPU that is missing": ("lcores = [1]", "lcores = [127]", ()),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_start_that_fails_leaves_nothing_behind(lab, case):
    node = lab.node("gw-b")
    b = DpvrrpGateway(node, ONE, priority=100)
    b.state_directory.rmdir()
    b.socket = b.socket.parent / "run" / "s.sock"
    b.write_config()
    old, new, options = FAILING[case]
    b.config_file.write_text(b.config_file.read_text().replace(old, new) if old else b.config_file.read_text())
    before, folders = node.namespace.ip("addr"), eal_folders()
    done = subprocess.run(node.namespace.command(DAEMON, "-c", b.config_file, "--", "--no-telemetry", *options),
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert not b.state_directory.exists() and not b.socket.parent.exists()
    assert node.namespace.ip("addr") == before and eal_folders() <= folders


def test_a_second_daemon_is_refused_and_leaves_the_first_alone(lab):
    node = lab.node("gw-b")
    b = DpvrrpGateway(node, ONE, priority=100).start()
    b.wait_state(MASTER, 10)
    before = eal_folders()
    text = b.config_file.read_text()
    other = b.config_file.with_suffix(".2.toml")
    fresh = b.state_directory.with_suffix(".2")
    other.write_text(text.replace(str(b.state_directory), str(fresh)))
    done = subprocess.run(node.namespace.command(DAEMON, "-c", other, "--", "--no-telemetry"), capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 1 and "already running" in done.stderr
    assert not fresh.exists() and eal_folders() <= before
    assert b.state() == MASTER and ONE.addresses[0] in node.addresses()


def eal_folders():
    """DPDK's folders of daemons that have ended."""
    return {p.name for p in Path("/run/dpdk").glob("dpvrrp-*") if not Path(f"/proc/{p.name[7:]}").exists()}


@pytest.mark.pure
def test_check_config_compares_the_file_with_this_machine(tmp_path):
    file = tmp_path / "c.toml"
    text = f"""\
[daemon]
control_socket = "{tmp_path}/s.sock"
state_directory = "{tmp_path}/state"
main_lcore = 0
lcores = [CPU]
[[port]]
name = "lan"
device = "net_af_packet0,iface=lo"
[[instance]]
name = "gw"
port = "lan"
vrid = 51
source_address = "198.51.100.2"
virtual_addresses = [ {{ address = "198.51.100.9/24", device = "lo" }} ]
"""

    def check(lcore, old="", new=""):
        file.write_text(text.replace("CPU", str(lcore)).replace(old, new) if old else text.replace("CPU", str(lcore)))
        done = subprocess.run([DAEMON, "--check-config", "-c", file], capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout, done.stderr

    lcore = max(os.sched_getaffinity(0) - {0}, default=None)
    if lcore is not None:
        status, output, warnings = check(lcore)
        assert (status, output) == (0, f"{file}: valid, 1 port, 1 instance\n")
        assert f"warning: {file}:13:18: source_address '198.51.100.2': no interface of this machine has it" in warnings
        status, _, errors = check(lcore, 'device = "lo"', 'device = "loo"')
        assert status == 0 and f"warning: {file}:14:63: device 'loo'" in errors and "did you mean 'lo'?" in errors
        status, _, errors = check(lcore, "iface=lo", "iface=no-such0")
        assert status == 0 and f"warning: {file}:8:10: device 'net_af_packet0,iface=no-such0'" in errors
    status, _, errors = check(127)
    assert status == 3 and f"{file}:5:11: lcores '127': must be a CPU that this process may run on" in errors
