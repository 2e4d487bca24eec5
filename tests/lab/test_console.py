# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpd driven as testpmd is driven: by a prompt (--interactive), by a command file (--commands), and by a capture
(--replay). The first test is an example for suites like DPDK's DTS, which use pexpect too."""

import json
import subprocess

import pexpect
import pytest

from harness.dpvrrpd import DAEMON, DpvrrpGateway
from harness.lab import ROOT
from harness.virtual_router import VirtualRouter

PROMPT = "dpvrrpd> "
ROUTER = VirtualRouter(name="gw", version=3, interval=0.1, authentication="none")

pytestmark = pytest.mark.daemon


class Prompt:
    """A dpvrrpd at a terminal."""

    def __init__(self, gateway, *options):
        gateway.write_config()
        command = [str(word) for word in gateway.node.namespace.command(*start_of(gateway, "--interactive", *options))]
        self.process = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=20, dimensions=(40, 250))
        self.process.expect_exact(PROMPT)
        self.banner = self.process.before

    def ask(self, line):
        """The answer to a command: what is printed between its echo and the next prompt."""
        self.process.sendline(line)
        self.process.expect_exact(line + "\r\n")
        self.process.expect_exact(PROMPT)
        return self.process.before.replace("\r\n", "\n")

    def ends(self):
        """Waits until the daemon has ended. Returns its exit status."""
        self.process.expect(pexpect.EOF)
        return self.process.wait()


def start_of(gateway, *options):
    return (DAEMON, "-c", gateway.config_file, *options, "--", *gateway.eal, f"--file-prefix={gateway._file_prefix}")


def wait_until(prompt, line, text):
    for _ in range(200):
        if text in prompt.ask(line):
            return
        prompt.process.expect(pexpect.TIMEOUT, timeout=0.05)
    raise AssertionError(f"'{line}' never showed '{text}'")


def addresses(gateway):
    return gateway.node.addresses(4)


def test_a_prompt_as_testpmd_has_one(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), ROUTER, 150)
    log = lab.folder / "console.log"
    prompt = Prompt(gateway, "--log-file", log)
    wait_until(prompt, "show instances", "Master")
    assert "10.99.0.100" in addresses(gateway)

    summary = prompt.ask("show port summary all")
    assert summary.splitlines()[0].split() == ["PORT", "MAC", "NAME", "DRIVER", "LINK"]
    assert summary.splitlines()[1].split()[2:] == ["lan", "net_af_packet", "up"]
    assert json.loads(prompt.ask("show port stats 0 --json"))[0]["tx_packets"] > 0
    assert prompt.ask("clear port stats all") == "lan: statistics cleared\n"
    assert json.loads(prompt.ask("show port stats lan --json"))[0]["tx_packets"] < 20
    assert prompt.ask("set promisc 0 on") == "lan: promiscuous mode on\n"
    assert "promiscuous        yes" in prompt.ask("show port info 0")
    # net_af_packet has no narrower filter for VRRP's group.
    assert "needs promiscuous mode for its groups" in prompt.ask("set promisc all off")
    assert prompt.ask("dance").startswith("error: expected one of: ")
    assert prompt.ask("") == ""
    assert "quit" in prompt.ask("help").splitlines()[-1]
    prompt.process.send("sh\tsta\t")
    prompt.process.expect_exact("show status ")
    assert "version" in prompt.ask("")
    prompt.process.send("show instance g\t\r")
    prompt.process.expect_exact("show instance gw ")
    prompt.process.expect_exact(PROMPT)

    assert prompt.ask("port stop 0") == "lan: stopped; its instances are in Fault until port start\n"
    wait_until(prompt, "show instances", "Fault")
    wait_until(prompt, "show instance gw", "port-stopped")
    assert prompt.ask("start") == "lan: started\n"
    wait_until(prompt, "show instances", "Master")

    prompt.process.sendline("show events --follow")
    prompt.process.expect_exact("port lan: started again by an operator")
    prompt.process.sendline("")
    prompt.process.expect_exact(PROMPT)
    assert gateway.ctl("show", "status"), "the socket answers beside the prompt"

    prompt.process.sendline("quit")
    assert prompt.ends() == 0
    assert "10.99.0.100" not in addresses(gateway)
    assert "stopping: masters resign" in log.read_text()


def test_ctrl_d_ends_the_daemon_and_its_log_is_not_on_the_terminal(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), ROUTER, 150)
    prompt = Prompt(gateway)
    assert "--log-file FILE keeps it" in prompt.banner
    wait_until(prompt, "show instance gw", "Master")
    assert prompt.ask("show status --json").startswith("{"), "no log line stands before the answer"
    prompt.process.sendeof()
    assert prompt.ends() == 0
    assert "10.99.0.100" not in addresses(gateway)


def test_lines_of_a_pipe_are_run_and_its_end_stops_the_daemon(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), ROUTER, 150)
    gateway.write_config()
    done = subprocess.run([str(w) for w in gateway.node.namespace.command(*start_of(gateway, "-i"))],
                          input="show port summary all\nresign nobody", capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "dpvrrpd> show port summary all\nPORT" in done.stdout
    assert done.stdout.endswith("dpvrrpd> resign nobody\nerror: no instance named 'nobody'\ndpvrrpd> ")


def run_commands(gateway, text, *options):
    """A command file as the CI of an appliance runs it."""
    gateway.write_config()
    file = gateway.node.lab.folder / "ci.cmds"
    file.write_text(text)
    command = gateway.node.namespace.command(*start_of(gateway, f"--cmdline-file={file}", *options))
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)


def test_a_command_file_as_the_ci_of_an_appliance(lab):
    gateway = DpvrrpGateway(lab.node("gw-b"), ROUTER, 150)
    (lab.folder / "takes_over.cmds").write_text(
        "wait until show instance gw state == Master within 10s\n"
        "wait until count(show instances where state == Master) == 1 within 1s\n")
    done = run_commands(gateway, """\
include takes_over.cmds
expect show ports lan.link == up and show status master == 1
expect fails set instance gw priority 300
set instance gw priority 200
wait until show instance gw priority == 200 within 2s
port stop lan                       # masters resign
wait until show instance gw state == Fault within 2s
start
include takes_over.cmds
""")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dpvrrpd> set instance gw priority 200\ngw: priority 200 until" in done.stdout
    assert done.stdout.endswith("ci.cmds: 11 statements, all held\n")
    assert "10.99.0.100" not in addresses(gateway)

    done = run_commands(gateway, "wait until show instance gw state == Master within 10s\n"
                                 "expect show instance gw priority == 17\nreload\n")
    assert done.returncode == 1
    assert "ci.cmds:2: expected show instance gw priority == 17; saw 150" in done.stdout
    assert "reload" not in done.stdout

    done = run_commands(gateway, "sleep 3\ndance\n")
    assert done.returncode == 2 and done.stdout == ""
    assert "ci.cmds:1:7: time '3': must be a whole number and a unit" in done.stderr
    assert "ci.cmds:2:1: expected one of" in done.stderr

    done = run_commands(gateway, "monitor\nshow events\t--follow\nexpect fails capture\ntrace vrid 9\n")
    assert done.returncode == 2
    for line in (1, 2, 3, 4):
        assert f"ci.cmds:{line}:" in done.stderr, done.stderr
    assert done.stderr.count("the answer may have no end") == 4, done.stderr

    done = run_commands(gateway, f"include {lab.folder}\ninclude none.cmds\n")
    assert done.returncode == 2
    assert "cannot read the file: Is a directory" in done.stderr
    assert "cannot read the file: No such file or directory" in done.stderr


CAPTURED = """\
[[port]]
name = "lan"
device = "net_af_packet0,iface=eth0"

[[instance]]
name = "gw"
port = "lan"
version = 2
vrid = 51
source_address = "10.99.0.2"
virtual_addresses = ["10.99.0.100/24"]
authentication = { type = "ah", algorithm = "hmac-md5-96", icv_rule = "keepalived", key = "s3cr3t", \
allow_weak_keys = true }
"""


def replay(folder, capture, *options):
    (folder / "gw.toml").write_text(CAPTURED)
    return subprocess.run([DAEMON, "-c", folder / "gw.toml", "--replay", capture, *options], capture_output=True,
                          text=True, timeout=30)


@pytest.mark.pure
def test_a_capture_is_replayed_with_its_verdicts(tmp_path):
    capture = ROOT / "tests" / "captures" / "prio0-shutdown-and-takeover.pcap"
    runs = [replay(tmp_path, capture, "--json", "--write", tmp_path / f"{n}.pcapng") for n in (1, 2)]
    assert runs[0].returncode == 0, runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    assert (tmp_path / "1.pcapng").read_bytes() == (tmp_path / "2.pcapng").read_bytes()
    lines = [json.loads(line) for line in runs[0].stdout.splitlines()]
    assert any(line["kind"] == "event" and "Backup -> Master" in line["text"] for line in lines)
    assert lines[-1]["accepted"] > 0 and lines[-1]["sent"] > 0
    # What was written can be replayed again, and tcpdump reads it.
    again = replay(tmp_path, tmp_path / "1.pcapng")
    assert again.returncode == 0 and "own-echo" in again.stdout
    read = subprocess.run(["tcpdump", "-nr", tmp_path / "1.pcapng"], capture_output=True, text=True)
    assert read.returncode == 0 and "AH" in read.stdout, read.stderr


@pytest.mark.pure
def test_a_bad_capture_is_one_clear_error(tmp_path):
    whole = (ROOT / "tests" / "captures" / "ah-mcast-1vip.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(whole[:-5])
    for file, fault in ((cut, "the last frame is cut short"), (tmp_path, "Is a directory"),
                        (tmp_path / "none.pcap", "No such file or directory"),
                        (tmp_path / "gw.toml", "byte 0: neither pcap nor pcapng")):
        done = replay(tmp_path, file)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.count("\n") - done.stderr.count("warning: ") == 1
        assert f"{file}: " in done.stderr and fault in done.stderr, done.stderr
    done = replay(tmp_path, cut, "--write", cut)
    assert done.returncode == 1 and "is the capture itself" in done.stderr
    done = replay(tmp_path, cut, "--port", "wan")
    assert done.returncode == 1
