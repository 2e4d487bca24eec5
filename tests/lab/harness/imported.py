# SPDX-License-Identifier: BSD-3-Clause
"""Gateways whose configuration is one keepalived.conf: keepalived runs it, or dpvrrpd runs what `dpvrrpctl import` makes
of it. The text is a function of the node and the priority, as each router of a pair has its own."""

import shutil
import subprocess

from .dpvrrpd import CONTROL, DpvrrpGateway
from .keepalived import KeepalivedGateway
from .virtual_router import VirtualRouter


class OriginalGateway(KeepalivedGateway):
    """keepalived with the file."""

    def __init__(self, node, text, priority):
        super().__init__(node, VirtualRouter(), priority)
        self.text = text

    def _write(self):
        self._base.with_suffix(".conf").write_text(self.text(self.node, self.priority))


class ImportedGateway(DpvrrpGateway):
    """dpvrrpd with the import of the file. `expected`: the exit status of the import."""

    def __init__(self, node, text, priority, expected=0):
        super().__init__(node, VirtualRouter(), priority)
        self.text = text
        self.expected = expected
        self.folder = node.lab.folder / f"{node.name}.import"
        self.report = ""

    def write_config(self):
        source = self.node.lab.folder / f"{self.name}.original.conf"
        source.write_text(self.text(self.node, self.priority))
        shutil.rmtree(self.folder, ignore_errors=True)
        done = subprocess.run(self.node.namespace.command(CONTROL, "import", "-o", self.folder, source),
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == self.expected, f"{done.stdout}{done.stderr}"
        self.report = done.stdout
        self.config_file = self.folder / "dpvrrp.toml"
        made = self.config_file.read_text()
        # Several daemons share this machine.
        self.config_file.write_text(made.replace(
            "[daemon]\n", f'[daemon]\ncontrol_socket = "{self.socket}"\nstate_directory = "{self.state_directory}"\n', 1))
