# SPDX-License-Identifier: BSD-3-Clause
"""Stalls that must not block the control thread, and the end of the daemon if one does."""

import fcntl
import os
import subprocess

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.sniffer import Sniffer
from harness.stuck import stop_thread
from harness.virtual_router import VirtualRouter
from harness.wait import now, until

pytestmark = pytest.mark.daemon

ONE = VirtualRouter()
TWO = VirtualRouter(name="VI_2", vrid=52, first_host=120, address_count=3)


def start_with_stderr(gateway, stderr):
    namespace = gateway.node.namespace
    namespace.start = lambda *command, log: subprocess.Popen(
        namespace.command(*command), stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, start_new_session=True)
    return gateway.start()


def test_a_reader_of_stderr_that_stalls_holds_nothing_up(lab):
    node, sniffer = lab.node("gw-a"), Sniffer(lab.node("host"))
    read_end, write_end = os.pipe()
    lab.cleanup.callback(lambda: os.close(read_end))
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    gateway = start_with_stderr(DpvrrpGateway(node, ONE, priority=100, more=[TWO]), write_end)
    os.close(write_end)
    gateway.wait_state(MASTER, 8)
    for routers in [[ONE], [ONE, TWO]] * 12:  # some hundred lines; the pipe holds 40
        gateway.routers = routers
        gateway.write_config()
        gateway.ctl("reload")
        until(lambda: len(gateway.json("show", "instances")) == len(routers), 8, "the reload")
    node.namespace.ip("addr", "del", f"{ONE.addresses[0]}/24", "dev", "eth0")
    until(lambda: ONE.addresses[0] in node.addresses(), 5, "the address is put back")
    since = now()
    assert gateway.stop() == 0
    sniffer.next_advert(node, since, 1, priority=0, vrid=ONE.vrid)
    assert not set(ONE.addresses) & node.addresses().keys()


def test_sigterm_ends_a_daemon_whose_control_thread_is_stuck(lab):
    node, sniffer = lab.node("gw-a"), Sniffer(lab.node("host"))
    user = 'idle_sleep = "100us"\nuser = "nobody"'  # the clearing thread has kept its capability
    lab.folder.chmod(0o755)
    gateway = DpvrrpGateway(node, ONE, priority=100, source_mac="virtual", more=[TWO], idle=user).start()
    gateway.wait_state(MASTER, 8)
    gateway.wait_state(MASTER, 8, TWO.name)
    until(lambda: set(TWO.addresses) <= node.addresses().keys(), 5, "the addresses")
    assert stop_thread(lab, gateway.pid)
    since = now()
    assert gateway.stop() == 1
    assert now() - since < 8e9  # 5 s, and this machine may be busy
    for router in (ONE, TWO):
        sniffer.next_advert(node, since, 1, priority=0, vrid=router.vrid)
    assert not set(ONE.addresses + TWO.addresses) & node.addresses().keys()
    assert "vrrp." not in node.namespace.ip("-br", "link")
    assert gateway.log("the control thread does not answer: stopping without it")
    assert gateway.log("masters have resigned, removed .* virtual-MAC devices")
