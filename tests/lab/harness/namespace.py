# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces: run a command in one, open a socket in one."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


def run(*command, check=True, **more):
    """Runs a short command and returns its output."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=30, **more)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def listed():
    """Names of all namespaces of this machine."""
    return [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line]


class Namespace:
    def __init__(self, name):
        self.name = name

    def create(self):
        run("ip", "netns", "add", self.name)
        # Before the first device, because lo and eth0 inherit it. Only adverts and ARP may be on the wire.
        self.sysctl("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.ip("link", "set", "lo", "up")

    def delete(self):
        """Ends every process in the namespace and removes it."""
        for pid in run("ip", "netns", "pids", self.name, check=False).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        run("ip", "netns", "delete", self.name, check=False)

    def ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def ip_json(self, *arguments):
        return json.loads(self.ip("-j", *arguments) or "[]")

    def enable_ipv6(self):
        """For a namespace without devices yet. It has only the addresses that the caller adds, usable at once."""
        self.sysctl(*(f"net.ipv6.conf.{where}.{setting}" for where in ("all", "default") for setting in
                      ("disable_ipv6=0", "accept_dad=0", "dad_transmits=0", "accept_ra=0", "router_solicitations=0",
                       "addr_gen_mode=1")))

    def run(self, *arguments):
        return run(*self.command(*arguments))

    def sysctl(self, *settings):
        """Sets each `name=value`. A setting that this kernel does not have is skipped."""
        self.run("sysctl", "-q", "-e", "-w", *settings)

    def command(self, *arguments):
        """The command line that runs `arguments` inside."""
        return ["ip", "netns", "exec", self.name, *map(str, arguments)]

    def start(self, *arguments, log):
        """Starts a process inside, in a session of its own, its output appended to the file `log`."""
        with open(log, "ab") as output:
            return subprocess.Popen(self.command(*arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                    start_new_session=True)

    @contextlib.contextmanager
    def entered(self):
        """Inside, for the calling thread: sockets opened in the block stay in the namespace."""
        with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{self.name}") as there:
            _setns(there)
            try:
                yield
            finally:
                _setns(home)


def _setns(file):
    if _libc.setns(file.fileno(), _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
