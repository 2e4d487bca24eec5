# SPDX-License-Identifier: BSD-3-Clause
"""A node that runs dpvrrpd, and its control socket through dpvrrpctl."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from .lab import ROOT
from .namespace import run
from .wait import Timeout, now, until

BUILD = ROOT / os.environ.get("DPVRRP_BUILD", "build")  # another flavour: DPVRRP_BUILD=build-asan
DAEMON = BUILD / "app" / "dpvrrpd" / "dpvrrpd"
CONTROL = BUILD / "app" / "dpvrrpctl" / "dpvrrpctl"

# EAL options of a lab: no hugepages, no PCI, little memory, beside other labs and an appliance.
EAL = ("--no-huge", "-m", "128", "--no-pci", "--no-telemetry")


class Words:
    """The names in `--json` (lib/control/reports). If a column is renamed, edit only here."""
    # `show instance NAME`: sections, and fields of the first
    INSTANCE, ADDRESSES, SENDERS, COUNTERS = "instance", "virtual_addresses", "senders", "counters"
    STATE, REASON, PRIORITY, MASTER = "state", "reason", "priority", "master"
    SEQUENCE_SENT, SEQUENCE_HEARD = "sequence_sent", "sequence_heard"
    ADVERTS_RECEIVED = "adverts_received"
    # `show drops`
    DROP, FRAMES = "reason", "frames"
    # `show events`
    KIND, TEXT = "kind", "text"
    TRANSITION, REJECTED = "transition", "rejected"


MASTER, BACKUP, INITIALIZE, FAULT = "Master", "Backup", "Initialize", "Fault"


class DpvrrpGateway:
    """`priority`, `source_mac` and so on belong to the one instance that `router` describes; `more` are further
    routers with the same settings. `interval`: in seconds, replaces the router's; `peers`: the nodes to which a
    unicast router sends; `extra`: further lines of the instance."""

    eal = EAL

    def __init__(self, node, router, priority, preempt=True, source_mac="port", key=None, more=(),
                 port_device="net_af_packet0,iface=eth0", idle='idle_sleep = "100us"', interval=None, peers=(),
                 extra=""):
        self.node = node
        self.routers = [router, *more]
        self.priority = priority
        self.preempt = preempt
        self.source_mac = source_mac
        self.key = key  # instead of the router's
        self.port_device = port_device
        self.interval = interval
        self.peers = peers
        self.extra = extra
        self.tables = ""  # further tables of the file: tracks, groups, scripts, ports
        self.keyring = ""  # the text of `[[keyring]]` "core"; if given, the routers use it instead of a key
        self.idle = idle  # the lab's machines share two CPUs
        self._process = None
        base = node.lab.folder / node.name
        self.config_file = base.with_suffix(".toml")
        self.log_file = base.with_suffix(".dpvrrpd.log")
        self.socket = base.with_suffix(".sock")
        self.state_directory = base.with_suffix(".state")
        self.state_directory.mkdir(exist_ok=True)
        self._file_prefix = f"{node.lab.prefix}{node.name}"
        node.lab.cleanup.callback(self._end)

    @property
    def name(self):
        return self.node.name

    @property
    def router(self):
        return self.routers[0]

    # --- life

    def start(self, seconds=40, step=0.05):
        """Starts the daemon and waits until its control socket answers."""
        self.write_config()
        since = now()
        self._process = self.node.namespace.start(
            DAEMON, "-c", self.config_file, "--", *self.eal, f"--file-prefix={self._file_prefix}", log=self.log_file)
        until(lambda: self._answers() or self._process.poll() is not None, seconds,
              lambda: "dpvrrpd answers; log:\n" + self._log_end(), step=step)
        if self._process.poll() is not None:
            raise AssertionError(f"dpvrrpd ended with {self._process.returncode}; log:\n{self._log_end()}")
        self.started = since
        return self

    def stop(self):
        """SIGTERM: resigns, removes its addresses, ends. Returns the exit status."""
        self._process.terminate()
        return self._wait()

    def kill(self):
        self._process.kill()
        self._wait()

    def hang_up(self):
        """SIGHUP: reads its configuration again."""
        self._process.send_signal(signal.SIGHUP)

    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def _wait(self):
        try:
            return self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            raise Timeout(f"dpvrrpd did not end within 15 s; log:\n{self._log_end()}") from None

    def _end(self):
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=10)
        shutil.rmtree(Path("/run/dpdk") / self._file_prefix, ignore_errors=True)  # EAL leaves it behind

    # --- control socket

    def ctl(self, *words, check=True):
        """The output of dpvrrpctl for people."""
        return run(CONTROL, "-s", self.socket, *words, check=check)

    def follow(self, log, *words):
        """A client whose answer continues; the output goes to the file `log`. The caller ends it."""
        return self.node.namespace.start(CONTROL, "-s", self.socket, *words, log=log)

    def json(self, *words):
        return json.loads(run(CONTROL, "-s", self.socket, "--json", *words))

    def _answers(self):
        # The socket listens before the daemon has opened its ports and its state, which may wait for a slow disk.
        try:
            return self.socket.exists() and subprocess.run(
                [CONTROL, "-s", self.socket, "show", "status"], capture_output=True, timeout=5).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def sections(self, name=None):
        """All of `show instance NAME`."""
        return self.json("show", "instance", name or self.router.name)

    def instance(self, name=None):
        return self.sections(name)[Words.INSTANCE]

    def state(self, name=None):
        return self.instance(name)[Words.STATE]

    def wait_state(self, state, seconds, name=None):
        until(lambda: self.state(name) == state, seconds,
              lambda: f"{self.name} {state}; it says {self.instance(name)}; log:\n{self._log_end()}", step=0.05)

    def drops(self):
        """Drop reason -> count, of all frames that this daemon did not accept, without zero counts."""
        return {row[Words.DROP]: row[Words.FRAMES] for row in self.json("show", "drops") if row[Words.FRAMES]}

    def set_priority(self, priority, name=None):
        self.ctl("set", "instance", name or self.router.name, "priority", priority)

    def events(self, kind=None):
        """Texts of the event log, or of its events of one kind."""
        return [e[Words.TEXT] for e in self.json("show", "events") if kind in (None, e[Words.KIND])]

    def transitions(self):
        """Changes of state of any instance in this run."""
        return self.events(Words.TRANSITION)

    def log(self, pattern=""):
        if not self.log_file.exists():
            return []
        return [line for line in self.log_file.read_text(errors="replace").splitlines() if re.search(pattern, line)]

    def _log_end(self):
        return "\n".join(self.log()[-20:])

    # --- configuration

    def write_config(self):
        instances = "".join(self._instance(router) for router in self.routers)
        self.config_file.write_text(f"""\
[daemon]
control_socket = "{self.socket}"
state_directory = "{self.state_directory}"
main_lcore = 0
lcores = [1]
{self.idle}

[[port]]
name = "lan"
device = "{self.port_device}"
{instances}{self.keyring}{self.tables}""")

    def _instance(self, router):
        key = self.key or router.key
        trailer = router.authentication == "auth-hmac"
        authentication = "" if router.version == 3 and not trailer else "authentication = " + {
            "ah": f'{{ type = "ah", algorithm = "hmac-md5-96", icv_rule = "keepalived", key = "{key}", '
                  'allow_weak_keys = true }',
            "auth-hmac": f'{{ type = "auth-hmac", key = "{key}" }}',
            "ring": '{ type = "ah", keyring = "core" }',
            "simple": f'{{ type = "simple", password = "{key}" }}',
            "none": '{ type = "none" }',
        }["ring" if self.keyring else router.authentication]
        addresses = ",\n".join(f'  {{ address = "{a}/{router.prefix_length}", device = "eth0" }}'
                               for a in router.addresses)
        peers = [peer.source(router.family) for peer in self.peers] if router.unicast else []
        return f"""
[[instance]]
name = "{router.name}"
port = "lan"
version = {router.version}
vrid = {router.vrid}
priority = {self.priority}
advertisement_interval = "{round((self.interval or router.interval) * 1000)}ms"
preempt = {str(self.preempt).lower()}
source_address = "{self.node.address if router.family == 4 else self.node.link_local}"
source_mac = "{self.source_mac}"
{f"unicast_peers = {json.dumps(peers)}" if peers else ""}
{self.extra}
{authentication}
virtual_addresses = [
{addresses}
]
"""
