# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrpctl on a terminal, with 4,000 virtual routers: what fits, what is asked, what is drawn again. No frame is sent:
the port is DPDK's net_null."""

import json
import os
import re
import shutil
import stat
import subprocess

import pytest

from harness.dpvrrpd import CONTROL, MASTER
from harness.lab import ROOT, Lab
from harness.scale import ScaleGateway
from harness.terminal import Terminal, plain
from harness.wait import until

pytestmark = pytest.mark.daemon

COUNT = 4000


class SilentGateway(ScaleGateway):
    """No peer hears it, so it is master of all."""

    def write_config(self):
        super().write_config()
        text = self.config_file.read_text()
        begin = text.index("device = ")
        text = text[:begin] + 'device = "net_null0,no-rx=1"' + text[text.index("\n", begin):]
        self.read_only_socket = self.socket.with_suffix(".look")
        self.config_file.write_text(
            text.replace("[daemon]\n", f'[daemon]\nread_only_socket = "{self.read_only_socket}"\n'))


@pytest.fixture(scope="module")
def gateway():
    with Lab(label="terminal") as lab:
        node, _ = lab.wired("gw-a", "gw-b")
        made = SilentGateway(node, COUNT // 250, 100, cpus=(0, 1), idle='idle_sleep = "1ms"').start()
        until(lambda: made.all_are(MASTER), 20, lambda: made.status())
        yield made


def on_terminal(gateway, *words, **settings):
    """The output and the exit status of one command."""
    with Terminal(CONTROL, "-s", gateway.socket, *words, **settings) as terminal:
        status = terminal.end()
        return terminal.output, status


def prompt(gateway, tmp_path, **settings):
    return Terminal(CONTROL, "-s", gateway.socket, XDG_STATE_HOME=str(tmp_path), **settings)


@pytest.mark.parametrize("columns, rows", [(80, 24), (160, 50)])
def test_tables_fit_the_terminal(gateway, columns, rows):
    for command in (["show", "instances"], ["show", "segments"], ["show", "ports"], ["show", "workers"],
                    ["show", "drops"], ["show", "events"], ["show", "overview"], ["show", "instance", "v100-1"],
                    ["help"], ["diagnose"]):
        output, status = on_terminal(gateway, *command, columns=columns, rows=rows)
        assert status == 0, output
        assert max(map(len, plain(output).splitlines())) <= columns, command
    output, _ = on_terminal(gateway, "show", "instances", "limit", "3", columns=columns)
    assert "\x1b[32mMaster\x1b[0m" in output
    assert "3 of 4000 rows" in plain(output)
    assert ("more columns: " in plain(output)) == (columns == 80)
    assert "\x1b" not in on_terminal(gateway, "show", "instances", "limit", "3", NO_COLOR="1")[0]
    wide, _ = on_terminal(gateway, "show", "instances", "limit", "1", "--wide", columns=columns)
    assert "MASTER PRIORITY" in plain(wide) and "more columns" not in plain(wide)
    chosen, _ = on_terminal(gateway, "show", "instances", "--columns", "vrid,name", "limit", "1", columns=columns)
    assert plain(chosen).splitlines()[0].split() == ["VRID", "NAME"]


def test_a_program_gets_every_column_and_row(gateway):
    whole = gateway.ctl("show", "instances")
    assert len(whole.splitlines()) == COUNT + 1 and "MASTER PRIORITY" in whole and "\x1b" not in whole
    assert len(gateway.json("show", "instances")) == COUNT
    assert gateway.json("show", "instances", "name", "v101-24?", "sort", "-vrid", "columns", "name", "limit", "2") == [
        {"name": "v101-249"}, {"name": "v101-248"}]


def test_a_long_answer_goes_through_the_pager(gateway):
    pager = {"PAGER": "sed s/^/paged:/"}
    assert "paged:NAME" in plain(on_terminal(gateway, "show", "instances", **pager)[0])
    assert "paged:" not in plain(on_terminal(gateway, "show", "instances", "limit", "3", **pager)[0])
    assert "paged:" not in plain(on_terminal(gateway, "--no-pager", "show", "instances", **pager)[0])
    assert "paged:" not in plain(on_terminal(gateway, "show", "instances", "--no-pager", **pager)[0])
    assert "v115-250" in plain(on_terminal(gateway, "show", "instances", PAGER="no-such-pager")[0])


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {folder}/dpvrrpctl.bash"),
    "zsh": (["zsh", "-f", "-i"], "fpath=({home} $fpath) && autoload -Uz compinit && compinit -u -D"),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_complete_what_the_daemon_knows(gateway, tmp_path, shell):
    command, load = SHELLS[shell]
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    (tmp_path / "dpvrrpctl").symlink_to(CONTROL)
    (tmp_path / "_dpvrrpctl").symlink_to(ROOT / "app" / "dpvrrpctl" / "dpvrrpctl.zsh")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PS1": "% ", "HOME": str(tmp_path)}
    with Terminal(*command, columns=200, **environment) as terminal:
        terminal.type(load.format(folder=ROOT / "app" / "dpvrrpctl", home=tmp_path) + "; echo lo''aded\n")
        terminal.until("loaded")
        for typed, completed in (("sh\t", "show "), ("show inst\t", "instance"), ("show instance v103-24\t1", "v103-241"),
                                 ("show instances state Mas\t", "Master"), ("--wi\t", "--wide")):
            terminal.type(f"\x15dpvrrpctl -s {gateway.socket} {typed}")
            terminal.until(completed)
        terminal.type("\x15exit\n")
        terminal.end()


def test_watch_draws_again_and_ends_cleanly(gateway):
    with Terminal(CONTROL, "-s", gateway.socket, "watch", "--interval", "0.2") as terminal:
        seen = terminal.until("every 0.2 s: show overview")
        until(lambda: re.search(r" \d\d:\d\d:\d\d UTC\r+\n", terminal.look()), 10, "a head whose last letter stays")
        terminal.until("instances")
        terminal.until("every 0.2 s: show overview")  # the next frame
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.output.endswith("\x1b[?7h\x1b[?25h\x1b[?1049l"), seen
    with Terminal(CONTROL, "-s", gateway.socket, "watch", "show", "instances") as terminal:
        terminal.until("more lines")
        terminal.type("\x03")  # Ctrl-C
        assert terminal.end() == 0
    output, status = on_terminal(gateway, "watch", "resign", "v100-1")
    assert status == 2 and "is not repeated" in output
    refused = subprocess.run([CONTROL, "-s", gateway.socket, "watch"], capture_output=True, text=True, timeout=10)
    assert refused.returncode == 2 and "needs a terminal" in refused.stderr


def test_many_instances_are_changed_only_if_the_operator_agrees(gateway):
    order = [CONTROL, "-s", gateway.socket, "set", "instance", "v100-1*", "priority", "99"]
    with Terminal(*order) as terminal:
        terminal.until("set priority 99: 111 instances: v100-1 v100-10")
        terminal.type("n\n")
        assert terminal.end() == 1 and "nothing was changed" in terminal.output
    refused = subprocess.run(order, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert refused.returncode == 1 and "to do so, use --yes" in refused.stderr
    assert gateway.instance("v100-1")["priority"] == 100
    with Terminal(*order) as terminal:
        terminal.until("Do it? [y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert gateway.instance("v100-1")["priority"] == gateway.instance("v100-199")["priority"] == 99
    orders = [text for text in gateway.events("operator") if text.endswith("set instance v100-1* priority 99 --yes")]
    assert len(orders) == 1 and orders[0].startswith("root (pid ")


def test_the_prompt_completes_helps_and_remembers(gateway, tmp_path):
    with prompt(gateway, tmp_path) as terminal:
        terminal.until("dpvrrp> ")
        terminal.type("show instance \t\t")
        terminal.until("4000 possibilities, list them? [y/N]")
        terminal.type("n")
        terminal.type("\x15key ?")  # Ctrl-U: an empty line
        assert "sign" in terminal.until("drop")
        terminal.type("\x15version\n")
        terminal.until("dpvrrpd ")
        terminal.type("show inst limit 1\n")
        terminal.until("1 of 4000 rows")
        terminal.type("exit\n")
        assert terminal.end() == 0
    history = tmp_path / "dpvrrpctl_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    with prompt(gateway, tmp_path) as terminal:
        terminal.until("dpvrrp> ")
        terminal.type("\x10\x10")  # Ctrl-P: the line before the last one, which is "exit" itself
        terminal.until("show inst limit 1")


def test_the_read_only_socket_takes_no_order(gateway):
    look = [CONTROL, "-s", gateway.read_only_socket]
    assert stat.S_IMODE(os.stat(gateway.read_only_socket).st_mode) == 0o666
    shown = subprocess.run([*look, "--json", "show", "clients"], capture_output=True, text=True, timeout=10, check=True)
    assert [client["socket"] for client in json.loads(shown.stdout)] == ["read-only"]
    order = subprocess.run([*look, "resign", "v100-1"], capture_output=True, text=True, timeout=10)
    assert order.returncode == 1 and "this socket is read-only" in order.stderr
    assert str(gateway.socket) in order.stderr


def test_a_drain_hands_over_at_its_rate_and_names_those_without_a_peer(gateway):
    assert "4000 masters resign, 2000 a second" in gateway.ctl("drain", "rate", "2000", "--yes")
    until(lambda: gateway.events("drain"), 25, lambda: gateway.status())
    assert "no peer takes over 4000 instances" in gateway.events("drain")[-1]
    assert gateway.status()["drained"].startswith("yes, but 4000 are master")
    assert gateway.json("show", "drain", "limit", "1")[0]["why"] == "no peer takes over"
    assert "4000 instances may preempt again" in gateway.ctl("undrain")
    assert gateway.status()["drained"] == "no"
