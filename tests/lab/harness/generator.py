# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrp-gen on a node."""

import json
import subprocess

from .dpvrrpd import BUILD, EAL

PROGRAM = BUILD / "app" / "dpvrrp_gen" / "dpvrrp-gen"


class Generator:
    def __init__(self, node, device="net_af_packet0,iface=eth0"):
        self.node = node
        self.device = device

    def command(self, *options):
        return self.node.namespace.command(PROGRAM, "-d", self.device, *options, "--", *EAL,
                                           f"--file-prefix={self.node.lab.prefix}{self.node.name}")

    def run(self, *options, seconds=60):
        """The finished process."""
        return subprocess.run(self.command(*options), capture_output=True, text=True, timeout=seconds)

    def play(self, profile, *options):
        """Plays the text of a profile; returns the result of --json."""
        file = self.node.lab.folder / f"{self.node.name}.gen.toml"
        file.write_text(profile)
        done = self.run("-p", file, "--json", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def by(rows, name):
    """The rows of a table of the result, by the value of one column."""
    return {row[name]: row for row in rows}
