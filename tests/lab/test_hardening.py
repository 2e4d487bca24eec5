# SPDX-License-Identifier: BSD-3-Clause
"""The privileges that a running daemon keeps, and that it does not show its keys (docs/security.md)."""

import os
import pwd
import re
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from harness.dpvrrpd import CONTROL, DAEMON, INITIALIZE, MASTER, DpvrrpGateway
from harness.lab import ROOT
from harness.namespace import run
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

USER, GROUP = "nobody", "daemon"  # exist on every Debian
# And CAP_NET_RAW: the port depends on a kernel interface, and is opened again if that interface is made again.
CAP_NET_ADMIN = 1 << 12
CAP_IPC_LOCK = 1 << 14
CONTROL_CAPABILITIES = CAP_NET_ADMIN | 1 << 13  # CAP_NET_RAW
ONE = VirtualRouter(key="0nlyH3re")
TWO = VirtualRouter(name="VI_2", vrid=52, first_host=120, address_count=2, key="0nlyH3re")
IDLE = 'idle_sleep = "100us"\n'


class Confined(DpvrrpGateway):
    """A gateway whose daemon changes to USER, and whose key is in a file of that user."""

    def __init__(self, node, daemon_keys=f'user = "{USER}"', **more):
        super().__init__(node, ONE, priority=100, idle=IDLE + daemon_keys, **more)
        node.lab.folder.chmod(0o755)
        self.key_file = node.lab.folder / "lan.key"
        self.key_file.write_text(ONE.key + "\n")
        self.key_file.chmod(0o600)
        if daemon_keys:
            os.chown(self.key_file, pwd.getpwnam(USER).pw_uid, -1)

    def write_config(self):
        super().write_config()
        self.config_file.write_text(self.config_file.read_text().replace(f'key = "{ONE.key}"',
                                                                         f'key_file = "{self.key_file}"'))

    def reload_with(self, *routers):
        self.routers = list(routers)
        self.write_config()
        return run(CONTROL, "-s", self.socket, "reload")

    @property
    def daemon_pid(self):
        """Below `ip netns exec`, which becomes it."""
        return self.pid

    def threads(self):
        """Each thread's /proc status, by its id."""
        folder = Path(f"/proc/{self.daemon_pid}/task")
        return {int(entry.name): dict(re.findall(r"^(\w+):\t(.*)$", (entry / "status").read_text(), re.M))
                for entry in folder.iterdir()}


def may_lock_memory():
    """In some containers root cannot raise limits."""
    limit = resource.RLIMIT_MEMLOCK
    before = resource.getrlimit(limit)
    try:
        resource.setrlimit(limit, (before[0], resource.RLIM_INFINITY))
    except ValueError:
        return before[1] == resource.RLIM_INFINITY
    return True


def check_threads(gateway, uid):
    threads = gateway.threads()
    assert len(threads) > 2  # DPDK's are among them
    for thread, status in threads.items():
        allowed = CONTROL_CAPABILITIES if thread == gateway.daemon_pid else 0
        if allowed and not may_lock_memory():
            allowed |= CAP_IPC_LOCK  # the ring of a packet socket is locked
        if status["Name"] == "dpvrrp-stop":  # clears the addresses when the control thread is stuck
            allowed = CAP_NET_ADMIN
        assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == allowed, (thread, status)
        assert int(status["CapInh"], 16) == int(status["CapAmb"], 16) == 0
        assert status["Uid"].split() == [str(uid)] * 4
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def check_port_is_opened_again(gateway):
    gateway.node.delete_interface()
    gateway.wait_state(INITIALIZE, 5, name="VI_2")
    gateway.node.make_interface()
    gateway.wait_state(MASTER, 15, name="VI_2")
    until(lambda: set(TWO.addresses) <= gateway.node.addresses().keys(), 8, "the VIPs are back")
    assert gateway.json("show", "ports")[0]["instructions"] > 0  # its filter too


def test_a_port_with_a_ring_above_the_limit_of_locked_memory_is_opened_again(lab):
    node = lab.node("gw-a")
    gateway = DpvrrpGateway(node, ONE, priority=100,
                            port_device="net_af_packet0,iface=eth0,framesz=512,framecnt=32768").start()
    gateway.wait_state(MASTER, 8)
    node.namespace.ip("link", "set", "eth0", "down")
    gateway.wait_state(INITIALIZE, 5)
    node.namespace.ip("link", "set", "eth0", "up")
    gateway.wait_state(MASTER, 15)


@pytest.mark.parametrize("user", [USER, None])
def test_no_thread_keeps_more_than_it_needs_and_all_still_works(lab, user):
    node = lab.node("gw-a")
    keys = f'user = "{user}"' if user else ""
    gateway = Confined(node, keys, source_mac="virtual").start()
    check_threads(gateway, pwd.getpwnam(user).pw_uid if user else 0)
    gateway.wait_state(MASTER, 8)
    until(lambda: ONE.addresses[0] in node.addresses(), 3, "VIP on a virtual-MAC device")
    if may_lock_memory():
        process = gateway.threads()[gateway.daemon_pid]
        locked, resident = (int(process[key].split()[0]) for key in ("VmLck", "VmRSS"))
        assert locked > resident  # whatever is mapped, but only what is touched is there
    else:
        assert gateway.log("memory is not locked: RLIMIT_MEMLOCK is")

    gateway.reload_with(ONE, TWO)
    gateway.wait_state(MASTER, 8, name="VI_2")
    until(lambda: set(TWO.addresses) <= node.addresses().keys(), 3, "the new VIPs")
    gateway.reload_with(TWO)
    until(lambda: ONE.addresses[0] not in node.addresses(), 3, "VIP gone")
    assert not gateway.log("refused|Operation not permitted|cannot")
    check_port_is_opened_again(gateway)
    assert not gateway.log("refused|Operation not permitted")
    check_threads(gateway, pwd.getpwnam(user).pw_uid if user else 0)
    assert gateway.stop() == 0
    assert not set(TWO.addresses) & node.addresses().keys()


def test_the_capabilities_of_the_systemd_unit_suffice(lab):
    unit = (ROOT / "docs" / "systemd" / "dpvrrpd.service").read_text()
    names = re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.M)[1].lower().replace("cap_", "+").split()
    node = lab.node("gw-a")
    gateway = Confined(node, source_mac="virtual")
    start = node.namespace.start
    confined = "setpriv", f"--bounding-set=-all,{','.join(names)}"
    node.namespace.start = lambda *command, log: start(*confined, *command, log=log)
    gateway.start()
    gateway.wait_state(MASTER, 8)
    until(lambda: ONE.addresses[0] in node.addresses(), 3, "VIP on a virtual-MAC device")
    check_threads(gateway, pwd.getpwnam(USER).pw_uid)
    gateway.reload_with(ONE, TWO)
    gateway.wait_state(MASTER, 8, name="VI_2")
    # The process that systemd runs for a reload has these capabilities too, unless "+" gives it all.
    all_capabilities, command = re.search(r"^ExecReload=(\+?)(.*)$", unit, re.M).groups()
    run(*(() if all_capabilities else confined), *command.replace("$MAINPID", str(gateway.daemon_pid)).split())
    until(lambda: len(gateway.log("reload: 0 added, 0 removed")) > 0, 3, "the reload")
    assert gateway.stop() == 0


def test_only_members_of_the_group_use_the_socket(lab):
    gateway = Confined(lab.node("gw-a"), f'user = "{USER}"\ncontrol_group = "{GROUP}"').start()

    def show_status(uid, group):
        return subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={group}", "--clear-groups", "socat", "-t5", "-",
                               f"UNIX-CONNECT:{gateway.socket}"], input="show status\n", capture_output=True,
                              text=True, timeout=20)

    assert "version" in show_status("games", GROUP).stdout
    refused = show_status("games", "games")
    assert refused.returncode != 0 and "Permission denied" in refused.stderr


def test_no_core_and_no_look_inside(lab):
    gateway = Confined(lab.node("gw-a")).start()
    limits = Path(f"/proc/{gateway.daemon_pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
    # The files of a process that must not be dumped belong to root, whatever the process's user.
    assert os.stat(f"/proc/{gateway.daemon_pid}/mem").st_uid == 0
    assert subprocess.run(["setpriv", f"--reuid={USER}", "--clear-groups", "cat", f"/proc/{gateway.daemon_pid}/maps"],
                          capture_output=True, timeout=20).returncode != 0
    os.kill(gateway.daemon_pid, signal.SIGABRT)
    status = gateway._process.wait(timeout=15)
    assert status == -signal.SIGABRT
    assert not list(Path.cwd().glob("core*")) and not list(lab.folder.glob("core*"))


def test_the_key_is_shown_nowhere(lab):
    gateway = Confined(lab.node("gw-a")).start()
    gateway.wait_state(MASTER, 8)
    gateway.key_file.write_text("0therK3y\n")
    gateway.reload_with(ONE)
    shown = [run(CONTROL, "-s", gateway.socket, *form, *command.split(), check=False)
             for command in ("show status", "show instances", f"show instance {ONE.name}", "show events", "show drops",
                             "show segments", "show ports", "show workers", "reload", "help")
             for form in ((), ("--json",))]
    seen = "\n".join([*shown, *gateway.log()]).encode()
    seen += b"".join(file.read_bytes() for file in gateway.state_directory.iterdir())
    seen += Path(f"/proc/{gateway.daemon_pid}/cmdline").read_bytes()
    seen += Path(f"/proc/{gateway.daemon_pid}/environ").read_bytes()
    for key in (b"0nlyH3re", b"0therK3y"):
        assert key not in seen and key.hex().encode() not in seen


def test_what_a_reload_could_not_read_is_said_at_the_start(lab):
    gateway = Confined(lab.node("gw-a"))
    os.chown(gateway.key_file, 0, -1)
    gateway.start()
    gateway.wait_state(MASTER, 8)
    assert gateway.log(rf"a reload will be refused: .*{gateway.key_file}: Permission denied")
    gateway.config_file.write_text(gateway.config_file.read_text() + "\n")
    done = subprocess.run([CONTROL, "-s", gateway.socket, "reload"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "Permission denied" in done.stderr + done.stdout
    assert gateway.state() == MASTER


def test_credentials_of_systemd_are_keys_before_and_after_the_drop(lab, monkeypatch):
    gateway = Confined(lab.node("gw-a"))
    folder = lab.folder / "credentials"
    folder.mkdir(mode=0o500)  # as systemd makes it for a service of root
    for name, key in (("lan", ONE.key), ("next", "0therK3y")):
        (folder / name).write_text(key)
        (folder / name).chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    gateway.key_file = "credential:lan"
    gateway.start()
    gateway.wait_state(MASTER, 8)
    assert not gateway.log("will be refused")
    gateway.key_file = "credential:next"
    assert "1 changed in place" in gateway.reload_with(ONE)
    gateway.key_file = "credential:none"
    gateway.write_config()
    done = subprocess.run([CONTROL, "-s", gateway.socket, "reload"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "credential 'none'" in done.stderr + done.stdout


def test_a_key_file_may_only_be_root_s_or_the_daemon_s(tmp_path):
    key = tmp_path / "key"
    key.write_text(ONE.key)
    key.chmod(0o600)
    file = tmp_path / "dpvrrpd.toml"

    def check(user, owner, vrid=3):
        file.write_text(f'[daemon]\n{user}\n[[port]]\nname = "lan"\ndevice = "net_null0"\n[[instance]]\nname = "x"\n'
                        f'port = "lan"\nvrid = {vrid}\nsource_address = "10.99.0.2"\nvirtual_addresses = ["10.99.0.100/24"]\n'
                        f'[instance.authentication]\ntype = "ah"\nkey_file = "{key}"\n')
        os.chown(key, pwd.getpwnam(owner).pw_uid, -1)
        done = subprocess.run([DAEMON, "--check-config", "-c", file], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr

    nobody = f'user = "{USER}"'
    assert check(nobody, "root")[0] == check(nobody, USER)[0] == check("", "root")[0] == 0
    for user, owner in ((nobody, "games"), ("", USER)):
        status, errors = check(user, owner)
        assert status == 3 and f"owner is uid {pwd.getpwnam(owner).pw_uid}" in errors
        assert re.search(r"dpvrrpd\.toml:14:\d+: ", errors)
    # Another fault in the file must not cause an error about the user's keys.
    status, errors = check(nobody, USER, vrid=300)
    assert status == 3 and "vrid '300'" in errors and "owner" not in errors
