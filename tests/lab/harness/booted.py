# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd as a service of a real systemd, which is process 1 of a container of the node.

The container has this machine's files as an overlay, so what is written inside is removed with it. Its network is the
node's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .dpvrrpd import BUILD, DpvrrpGateway
from .lab import ROOT
from .namespace import run
from .wait import until

SYSTEMD = "/lib/systemd/systemd"
CONFIGURATION = "/etc/dpvrrp/dpvrrp.toml"
# Units that would change the machine below, or wait for devices.
MASKED = ("systemd-udevd", "systemd-udev-trigger", "systemd-modules-load", "systemd-sysctl", "systemd-logind",
          "systemd-remount-fs", "systemd-timesyncd", "systemd-networkd")
MASKED_MOUNTS = ("dev-hugepages", "dev-mqueue", "sys-kernel-debug", "sys-kernel-tracing")

_BOOT = """
set -e
folder=$1 root=$1/root
mount -t tmpfs tmpfs "$folder"
mkdir -p "$folder"/upper "$folder"/work "$root"
mount -t overlay overlay -o lowerdir=/,upperdir="$folder"/upper,workdir="$folder"/work "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
rm -f etc/systemd/system/*.wants/*
ln -sf /lib/systemd/system/basic.target etc/systemd/system/default.target
for unit in $2; do ln -sf /dev/null etc/systemd/system/"$unit"; done
if [ -n "$6" ]; then
  mkdir packages
  rm -f usr/sbin/policy-rc.d  # of a container, it forbids services
  cp $6 packages
  chroot . dpkg -i $(cd packages && printf '/packages/%s ' *.deb)
else
  install -D -t usr/sbin "$3"/dpvrrpd/dpvrrpd "$3"/dpvrrpd_agent/dpvrrpd-agent
  install -D -t usr/bin "$3"/dpvrrpctl/dpvrrpctl
  install -D -m 644 "$4"/docs/systemd/dpvrrpd.service etc/systemd/system/dpvrrpd.service
  install -D -m 644 "$4"/docs/systemd/dpvrrp.sysusers usr/lib/sysusers.d/dpvrrp.conf
  chroot . systemd-sysusers
fi
install -D -m 640 "$5" "etc/dpvrrp/dpvrrp.toml"
chgrp dpvrrp etc/dpvrrp etc/dpvrrp/dpvrrp.toml 2>/dev/null || chroot . chgrp dpvrrp /etc/dpvrrp/dpvrrp.toml
container=lab exec chroot . /lib/systemd/systemd --system --log-target=console --show-status=0
"""


class BootedGateway(DpvrrpGateway):
    """The daemon is the service of docs/systemd. `start` boots systemd and starts the service. `packages`: the files of
    Debian packages that are installed instead of the files of this tree."""

    packages = ()

    def start(self, seconds=40):
        if not os.access(SYSTEMD, os.X_OK):
            pytest.skip("no systemd on this machine")
        self.write_config()
        folder = self.node.lab.folder / f"{self.node.name}.container"
        folder.mkdir()
        units = [f"{name}.service" for name in MASKED] + [f"{name}.mount" for name in MASKED_MOUNTS]
        self._process = self.node.namespace.start(
            "unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "--propagation", "private",
            "--kill-child", "bash", "-c", _BOOT, "boot", folder, " ".join(units), BUILD / "app", ROOT, self.config_file,
            " ".join(map(str, self.packages)),
            log=self.log_file)
        until(lambda: self._process.poll() is not None or self._is_booted(), 60,
              lambda: f"systemd has booted; log:\n{self._log_end()}")
        if self._process.poll() is not None:
            assert not self.packages, f"the packages do not install: {self._log_end()}"
            pytest.skip(f"systemd cannot be booted here: {self._log_end()}")
        self.socket = Path(f"/proc/{self._init}/root/run/dpvrrp/dpvrrpd.sock")
        self.systemctl("start", "dpvrrpd")
        until(self._answers, seconds, lambda: f"dpvrrpd answers:\n{self.journal()}")
        return self

    def write_config(self):
        super().write_config()
        lines = [line for line in self.config_file.read_text().splitlines()
                 if not line.startswith(("control_socket", "state_directory"))]
        self.config_file.write_text("\n".join(lines).replace("[daemon]", '[daemon]\nuser = "dpvrrp"') + "\n")

    @property
    def _init(self):
        """The process id of systemd."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def inside(self, *command, check=True):
        return run("nsenter", "-t", self._init, "-m", "-p", "-n", "-C", "--root", "--wd", *command, check=check)

    def systemctl(self, *words, check=True):
        return self.inside("systemctl", "--no-pager", *words, check=check)

    def show(self, key):
        return self.systemctl("show", "dpvrrpd", "--property", key, "--value").strip()

    def journal(self):
        return self.systemctl("status", "dpvrrpd", check=False)

    def _is_booted(self):
        return self._init is not None and self.systemctl("is-system-running", check=False).strip() in ("running",
                                                                                                      "degraded")

    @property
    def pid(self):
        """Of the daemon, as this machine numbers it."""
        inside = self.show("MainPID")
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            except OSError:
                continue
            if lines.get("Name", "").strip() == "dpvrrpd" and lines.get("NSpid", "").split()[-1:] == [inside]:
                return int(status.parent.name)
        return None

    def _end(self):
        if self.running():
            self.systemctl("stop", "dpvrrpd", check=False)
            self._process.kill()
            self._process.wait(timeout=10)
        shutil.rmtree(Path("/run/dpdk") / self._file_prefix, ignore_errors=True)


def kill(gateway):
    """SIGKILL to the daemon, not to systemd."""
    subprocess.run(["kill", "-KILL", str(gateway.pid)], check=True)
