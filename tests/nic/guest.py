# SPDX-License-Identifier: BSD-3-Clause
"""A machine with a NIC: a QEMU guest on the lab's LAN, without KVM, its CPU emulated.

      dpv-PID-sw                 guest
        br0 --- tap nic ------- 82574L (e1000e) behind an IOMMU, bound to vfio-pci: DPDK's
         |----- tap kernel ---- virtio, the guest kernel's eth0
         |----- tap peer ------ virtio, for a second router in the guest: eth0 of its namespace `peer`
"""

import base64
import contextlib
import json
import os
import shlex
import socket
import subprocess
import time

from harness.lab import NETWORK
from harness.wait import until

from image import QEMU, make_initramfs

LIFE_SECONDS = 550  # then it is ended, also if the run continues
BOOT_SECONDS = 60   # 3 on an idle machine
HUGE_PAGES = 96     # of 2 MB

VFIO = "vfio-pci"
IP = "/usr/sbin/ip"  # by its path: the guest's shell has its own `ip` with few functions


class Failed(AssertionError):
    """A command in the guest failed."""


class Line:
    """A conversation in lines over one of QEMU's Unix sockets."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rwb", buffering=0)

    def send(self, text):
        assert "\n" not in text, text
        self._file.write(text.encode() + b"\n")

    def receive(self, seconds):
        """The next line; OSError if none arrives in time."""
        self._socket.settimeout(seconds)
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("QEMU has ended")
        return line.rstrip(b"\r\n").decode()


class Guest:
    """Can stand for a Node: name, address, mac, addresses(). `mac` and `address` are those of the DPDK port."""

    def __init__(self, lab, name="guest", number=50):
        self.lab = lab
        self.name = name
        self.address = f"{NETWORK}.{number}"
        self.mac, self.kernel_mac, self.peer_mac = (f"02:00:0a:63:{i:02x}:{number:02x}" for i in range(1, 4))
        self.console = lab.folder / f"{name}.console"
        self._files = lab.folder / name
        self._qemu = None
        lab.cleanup.callback(self.power_off)

    # --- life

    def boot(self):
        started = time.monotonic()
        initramfs = self._files.with_suffix(".cpio")
        kernel = make_initramfs(initramfs)
        shell, qmp = (self._files.with_suffix(suffix) for suffix in (".shell", ".qmp"))
        arguments = [
            "timeout", "-k", "5", LIFE_SECONDS,
            QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "q35,kernel-irqchip=split", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", 2, "-m", 768,
            "-device", "intel-iommu,intremap=on,caching-mode=on",
            "-kernel", kernel, "-initrd", initramfs, "-append",
            "console=ttyS0 panic=-1 quiet intel_iommu=on iommu=pt nokaslr mitigations=off random.trust_cpu=on "
            "no_timer_check",  # the check fails if another program has the CPU meanwhile
            "-serial", f"file:{self.console}", "-serial", f"unix:{shell},server=on,wait=off",
            "-qmp", f"unix:{qmp},server=on,wait=off"]
        virtio = "virtio-net-pci,disable-legacy=on,iommu_platform=on,ats=on"
        for tap, device, mac in (("nic", "e1000e", self.mac), ("kernel", virtio, self.kernel_mac),
                                 ("peer", virtio, self.peer_mac)):
            self.lab.switch.ip("tuntap", "add", "dev", tap, "mode", "tap")
            self.lab.switch.ip("link", "set", tap, "master", "br0", "up")
            arguments += ["-netdev", f"tap,id={tap}-wire,ifname={tap},script=no,downscript=no",
                          "-device", f"{device},id={tap},netdev={tap}-wire,mac={mac}"]
        self._qemu = self.lab.switch.start(*arguments, log=self._files.with_suffix(".qemu.log"))
        self._shell = self._connect(shell)
        self._qmp = self._connect(qmp)
        try:
            self._shell.receive(BOOT_SECONDS)  # "ready"
        except OSError as error:
            raise Failed(f"the guest did not come up in {BOOT_SECONDS} s: {error}; {self._last_words()}") from None
        self.ask_qemu("qmp_capabilities")
        self.boot_seconds = time.monotonic() - started
        self._set_up()
        return self

    def _connect(self, path):
        until(lambda: path.exists() or self._qemu.poll() is not None, 10, f"QEMU has opened {path}")
        if not path.exists():
            raise Failed(f"QEMU has ended; {self._last_words()}")
        return Line(path)

    def _set_up(self):
        self.shell(f"echo {HUGE_PAGES} >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
        self.run("mount", "-t", "securityfs", "security", "/sys/kernel/security")
        self.run("apparmor_parser", "--add", "--skip-cache", "/etc/apparmor.d/dpvrrpd")
        devices = self.shell("cd /sys/class/net; for d in *; do echo $d $(cat $d/address); done").split()
        names = dict(zip(devices[1::2], devices[0::2]))
        self.shell("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
        self.run(IP, "netns", "add", "peer")
        self.shell(f"{IP} netns exec peer sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'")
        self.run(IP, "link", "set", names[self.peer_mac], "netns", "peer", "name", "eth0")
        self.run(IP, "-n", "peer", "link", "set", "eth0", "up")
        if names[self.kernel_mac] != "eth0":
            self.run(IP, "link", "set", names[self.kernel_mac], "name", "eth0")
        self.run(IP, "link", "set", "lo", "up")
        self.run(IP, "addr", "add", f"{self.address}/24", "dev", "eth0")
        self.run(IP, "link", "set", "eth0", "up")
        # 8086:10d3, the 82574L
        self.pci = self.shell("cd /sys/bus/pci/devices; grep -l 0x10d3 */device").split("/")[0]
        self.shell(f"echo {VFIO} >/sys/bus/pci/devices/{self.pci}/driver_override; "
                   f"echo {self.pci} >/sys/bus/pci/drivers_probe")

    def power_off(self):
        if self._qemu is not None and self._qemu.poll() is None:
            self._qemu.terminate()
            try:
                self._qemu.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._qemu.kill()
                self._qemu.wait(timeout=10)

    # --- inside

    def shell(self, line, check=True, seconds=30):
        """The output of one line of shell in the guest."""
        self._shell.send(line)
        try:
            status, output, errors = self._shell.receive(seconds).split(" ")
        except OSError as error:
            raise Failed(f"in the guest, no answer in {seconds} s to: {line}: {error}; {self._last_words()}") from None
        if check and status != "0":
            raise Failed(f"in the guest: {line}: status {status}: {base64.b64decode(errors).decode()}")
        return base64.b64decode(output).decode()

    def run(self, *command, **more):
        return self.shell(shlex.join(map(str, command)), **more)

    def put(self, path, text):
        encoded = base64.b64encode(text.encode()).decode()
        self.shell(f"echo {encoded} | base64 -d >{shlex.quote(str(path))}")

    def start(self, *command, log):
        """Starts a process; returns its pid. Its output is appended to the guest's file `log`."""
        return int(self.shell(f"{shlex.join(map(str, command))} >>{log} 2>&1 & echo $!"))

    def runs(self, pid):
        # An ended process stays a zombie until the shell collects it.
        return "State" in self.shell(f"grep State /proc/{pid}/status | grep -v Z", check=False)

    def ip_json(self, *arguments):
        return json.loads(self.run(IP, "-j", *arguments) or "[]")

    def addresses(self):
        """Address -> device, of all IPv4 addresses of the guest's kernel except loopback."""
        return {a["local"]: link["ifname"] for link in self.ip_json("-4", "addr", "show")
                for a in link.get("addr_info", []) if link["ifname"] != "lo"}

    @contextlib.contextmanager
    def vlan_device(self, vlan):
        """`eth0.<vlan>` of the guest's kernel, for virtual addresses."""
        self.run(IP, "link", "add", "link", "eth0", "name", f"eth0.{vlan}", "type", "vlan", "id", vlan)
        self.run(IP, "link", "set", f"eth0.{vlan}", "up")
        yield
        self.run(IP, "link", "del", f"eth0.{vlan}")

    @contextlib.contextmanager
    def only_on(self, twin):
        """The guest's kernel leaves the LAN with eth0, so that its only way there is the twin of the NIC."""
        self.run(IP, "addr", "del", f"{self.address}/24", "dev", "eth0")
        self.run(IP, "link", "set", "eth0", "down")
        yield
        self.run(IP, "link", "del", twin)
        self.run(IP, "link", "set", "eth0", "up")
        self.run(IP, "addr", "add", f"{self.address}/24", "dev", "eth0")

    def huge_pages_free(self):
        return int(self.shell("cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"))

    def driver(self):
        """The kernel driver of the NIC."""
        return os.path.basename(self.run("readlink", f"/sys/bus/pci/devices/{self.pci}/driver").strip())

    # --- from outside

    def set_link(self, up):
        """Plugs the cable of the NIC in or out."""
        self.ask_qemu("set_link", name="nic", up=up)

    def ask_qemu(self, command, **arguments):
        self._qmp.send(json.dumps({"execute": command, "arguments": arguments}))
        while True:  # past the greeting and events
            answer = json.loads(self._qmp.receive(10))
            if "error" in answer:
                raise Failed(f"QEMU: {command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def _last_words(self):
        texts = [f.read_text(errors="replace")[-1500:] for f in (self._files.with_suffix(".qemu.log"), self.console)
                 if f.exists()]
        return "its console:\n" + "\n".join(texts)
