# SPDX-License-Identifier: BSD-3-Clause
"""Running a daemon: start-up, reload, the control socket."""

import os
import socket
import stat
import subprocess

import pytest

from harness.dpvrrpd import DAEMON, MASTER, DpvrrpGateway
from harness.sniffer import Sniffer
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

ONE = VirtualRouter()
TWO = VirtualRouter(name="VI_2", vrid=52, first_host=120, address_count=3)


class Alone:
    """dpvrrpd by itself, and a host that listens."""

    def __init__(self, lab, **settings):
        self.node, self.host = lab.node("gw-b"), lab.node("host")
        self.sniffer = Sniffer(self.host)
        self.b = DpvrrpGateway(self.node, ONE, priority=100, **settings).start()

    def longest_gap_ms(self, since):
        return ms(self.sniffer.longest_gap(self.node, since, now()))


def check_config(text, folder):
    file = folder / "dpvrrpd.toml"
    file.write_text(text)
    done = subprocess.run([DAEMON, "--check-config", "-c", file], capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


@pytest.mark.pure
def test_check_config_names_every_fault_with_its_place(tmp_path):
    status, errors = check_config(
        '[[port]]\nname = "lan"\ndevice = "net_null0"\n[[instance]]\nname = "x"\nport = "lan"\nvrid = 300\n'
        'source_address = "10.99.0.2"\nvirtual_addresses = ["10.99.0.300/24"]\n', tmp_path)
    assert status == 3
    assert f"{tmp_path}/dpvrrpd.toml:7:" in errors and "300" in errors
    assert f"{tmp_path}/dpvrrpd.toml:9:" in errors


@pytest.mark.pure
def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    key = tmp_path / "key"
    key.write_text("s3cr3t\n")
    text = ('[[port]]\nname = "lan"\ndevice = "net_null0"\n[[instance]]\nname = "x"\nport = "lan"\nvrid = 3\n'
            'source_address = "10.99.0.2"\nvirtual_addresses = ["10.99.0.100/24"]\n'
            f'[instance.authentication]\ntype = "ah"\nkey_file = "{key}"\nallow_weak_keys = true\n')
    key.chmod(0o644)
    status, errors = check_config(text, tmp_path)
    assert status == 3 and "0600" in errors and "s3cr3t" not in errors
    key.chmod(0o600)
    assert check_config(text, tmp_path)[0] == 0


def test_reload_adds_and_removes_an_instance_and_leaves_the_other_alone(lab):
    alone = Alone(lab)
    b, sniffer, node = alone.b, alone.sniffer, alone.node
    b.wait_state(MASTER, 8)
    since = now()

    b.routers.append(TWO)
    b.write_config()
    b.hang_up()
    until(lambda: "VI_2" in b.ctl("show", "instances"), 3, "VI_2 is there")
    b.wait_state(MASTER, 8, name="VI_2")
    until(lambda: set(TWO.addresses) <= node.addresses().keys(), 3, "VI_2's addresses")

    b.routers.remove(TWO)
    b.write_config()
    b.hang_up()
    sniffer.next_advert(node, since, 3, vrid=TWO.vrid, priority=0)
    until(lambda: not set(TWO.addresses) & node.addresses().keys(), 3, "VI_2's addresses gone")
    until(lambda: "VI_2" not in b.ctl("show", "instances"), 3, "VI_2 is gone")

    # A file with a fault changes nothing.
    b.config_file.write_text(b.config_file.read_text().replace("vrid = 51", "vrid = 0"))
    b.hang_up()
    until(lambda: [line for line in b.log("vrid") if "nothing changed" in line], 3, "the fault is logged")
    assert b.ctl("reload", check=False) == ""

    assert b.state() == MASTER
    assert ONE.addresses[0] in node.addresses()
    gaps = [a.time for a in sniffer.adverts(node, since, vrid=ONE.vrid)]
    assert max(later - earlier for earlier, later in zip(gaps, gaps[1:])) < 1.5e9
    assert not sniffer.adverts(node, since, vrid=ONE.vrid, priority=0)


def test_resign_and_takeover_by_hand(lab):
    alone = Alone(lab)
    b = alone.b
    b.wait_state(MASTER, 8)
    moment = now()
    b.ctl("resign", ONE.name)
    alone.sniffer.next_advert(alone.node, moment, 2, priority=0)
    until(lambda: ONE.addresses[0] not in alone.node.addresses(), 2, "address released")
    b.ctl("takeover", ONE.name)
    b.wait_state(MASTER, 1)
    until(lambda: ONE.addresses[0] in alone.node.addresses(), 2, "address back")


def connect(gateway):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(gateway.socket))
    return client


def test_the_control_socket_survives_its_clients(lab):
    alone = Alone(lab)
    b = alone.b
    b.wait_state(MASTER, 8)
    since, before = now(), b.transitions()
    assert stat.S_IMODE(os.stat(b.socket).st_mode) == 0o660

    # A plain socat, as operators use it.
    done = subprocess.run(["socat", "-t5", "-", f"UNIX-CONNECT:{b.socket}"], input="show status\nno such thing\n",
                          capture_output=True, text=True, timeout=20)
    assert "0.1.0" in done.stdout and "error" in done.stdout

    # Garbage; a line without end; half a line and a hang-up; a hang-up before the answer is read.
    for junk in (os.urandom(4000) + b"\n", b"A" * 1_000_000, b"show inst", b"show instances\n" * 50, b"\0\n\xff\xfe\n"):
        client = connect(b)
        try:
            client.sendall(junk)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the daemon has closed the connection
        client.close()

    # Silent clients, followers that never read, and more clients than the limit.
    clients = [connect(b) for _ in range(10)]
    for client in clients:
        client.sendall(b"show events --follow\n")
    dribbling = connect(b)
    for byte in b"show st":
        dribbling.send(bytes([byte]))
    try:
        clients += [connect(b) for _ in range(80)]
    except OSError:
        pass
    until(lambda: now() > since + 3 * 10**9, 5, "three seconds of adverts")
    for client in [*clients, dribbling]:
        client.close()

    until(lambda: "Master" in b.ctl("show", "instances", check=False), 5, "the socket answers again")
    assert b.running() and b.transitions() == before
    assert alone.longest_gap_ms(since) < 1500
    # If a command fails, its exit status shows it.
    assert subprocess.run([DAEMON.parents[1] / "dpvrrpctl" / "dpvrrpctl", "-s", b.socket, "resign", "nobody"],
                          capture_output=True, timeout=10).returncode == 1
