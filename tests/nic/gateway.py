# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd in the guest, driving the NIC."""

import json
import signal

from harness.dpvrrpd import DpvrrpGateway
from harness.wait import Timeout, until

FILES = "/tmp/dpvrrpd"
CONFIG, LOG, SOCKET, STATE = (f"{FILES}.{suffix}" for suffix in ("toml", "log", "sock", "state"))
PORT = "lan"

# The daemon itself selects huge pages and the PCI device. MSI, because the emulated 82574L reports link changes that
# way.
EAL = ("-m", 64, "--vfio-intr=msi", "--no-telemetry")


class GuestGateway(DpvrrpGateway):
    """As on a namespace's node, but in the guest. `vlan`: of all its instances. `responder`: the data plane answers for
    the addresses, and no kernel has them. `twin`: the name of the port's twin, on which the addresses are."""

    def __init__(self, guest, router, priority, vlan=(), device="eth0", responder=False, twin="", **settings):
        self.vlan = vlan
        self.device = device  # of the virtual addresses
        self.responder = responder
        self.twin = twin
        self.pid_ = None
        super().__init__(guest, router, priority, **settings)
        guest.shell(f"rm -rf {FILES}.*; mkdir {STATE}")  # like a new machine; restarts happen on this one

    # --- life

    def start(self, seconds=20):
        self.write_config()
        self.pid_ = self.node.start("dpvrrpd", "-c", CONFIG, "--", *EAL, log=LOG)
        until(lambda: self._answers() or not self.running(), seconds,
              lambda: "dpvrrpd answers; log:\n" + self._log_end())
        if not self.running():
            raise AssertionError(f"dpvrrpd ended with {self._wait()}; log:\n{self._log_end()}")
        return self

    def stop(self):
        self._signal(signal.SIGTERM)
        return self._wait()

    def kill(self):
        self._signal(signal.SIGKILL)
        self._wait()

    def hang_up(self):
        self._signal(signal.SIGHUP)

    def running(self):
        return self.pid_ is not None and self.node.runs(self.pid_)

    @property
    def pid(self):
        return self.pid_

    def _signal(self, number):
        self.node.run("kill", f"-{int(number)}", self.pid_)

    def _wait(self):
        try:
            until(lambda: not self.running(), 15, "")
        except Timeout:
            raise Timeout(f"dpvrrpd did not end within 15 s; log:\n{self._log_end()}") from None
        pid, self.pid_ = self.pid_, None
        return int(self.node.shell(f"wait {pid}; echo $?"))

    def _end(self):
        pass  # with the guest

    # --- control socket

    def ctl(self, *words, check=True):
        return self.node.run("dpvrrpctl", "-s", SOCKET, *words, check=check)

    def json(self, *words):
        return json.loads(self.ctl("--json", *words))

    def _answers(self):
        return self.node.shell(f"dpvrrpctl -s {SOCKET} show status && echo yes", check=False).endswith("yes\n")

    def port(self):
        return next(row for row in self.json("show", "ports") if row["name"] == PORT)

    def log(self, pattern=""):
        return self.node.run("grep", "-E", pattern, LOG, check=False).splitlines()

    # --- configuration

    def write_config(self):
        instances = "".join(self._instance(router) for router in self.routers).replace(
            'device = "eth0"', f'device = "{self.device}"')
        if self.twin:
            instances = instances.replace(f', device = "{self.device}"', "")
        if self.responder:
            instances = instances.replace(f', device = "{self.device}"', "").replace(
                f'port = "{PORT}"', f'port = "{PORT}"\nresponder = true')
        if self.vlan:
            instances = instances.replace(f'port = "{PORT}"', f'port = "{PORT}"\nvlan = {list(self.vlan)}')
        self.node.put(CONFIG, f"""\
[daemon]
control_socket = "{SOCKET}"
state_directory = "{STATE}"
main_lcore = 0
lcores = [1]
idle_sleep = "100us"

[[port]]
name = "{PORT}"
device = "{self.node.pci}"
{self.twin and f'kernel = "twin"{chr(10)}twin = "{self.twin}"'}
{instances}""")
