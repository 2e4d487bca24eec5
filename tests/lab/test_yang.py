# SPDX-License-Identifier: BSD-3-Clause
"""`show vrrp --yang` of a running daemon, validated by yanglint against ietf-vrrp (RFC 8347) and what it imports.

Debian has no package with ietf-vrrp. DPVRRP_YANG_MODULES names a folder with ietf-vrrp, ietf-interfaces, ietf-ip and
iana-if-type (RFC 8347, 8343, 8344, 7224). Without it, the tree is checked here by the names and types of the RFC."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.dpvrrpd import BACKUP, MASTER, DpvrrpGateway
from harness.lab import Lab
from harness.virtual_router import VirtualRouter

pytestmark = pytest.mark.daemon

MODULES = os.environ.get("DPVRRP_YANG_MODULES")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
COUNTER64 = r"\d{1,20}"  # RFC 7951 6.1: a string
ADDRESS = r"[0-9a-f:.]+"


def names(prefix, *last):
    return "|".join(f"ietf-vrrp:{prefix}{name}" for name in last)


STATISTICS = {"discontinuity-datetime": TIME, "master-transitions": range(2**32), "advertisement-rcvd": COUNTER64,
              "advertisement-sent": COUNTER64, "priority-zero-pkts-rcvd": COUNTER64,
              "priority-zero-pkts-sent": COUNTER64, "invalid-type-pkts-rcvd": COUNTER64,
              "packet-length-errors": COUNTER64}
# A leaf is a pattern, a range or bool; a list has one element. All leaves but version and the keys are optional.
INSTANCE = {
    "vrid": range(1, 256), "version": names("vrrp-", "v2", "v3"),
    "preempt": {"enabled": bool, "hold-time": range(65536)}, "priority": range(1, 255), "accept-mode": bool,
    "advertise-interval-sec": range(1, 255), "advertise-interval-centi-sec": range(1, 4096),
    "virtual-ipv4-addresses": {"virtual-ipv4-address": [{"ipv4-address": ADDRESS}]},
    "virtual-ipv6-addresses": {"virtual-ipv6-address": [{"ipv6-address": ADDRESS}]},
    "state": names("", "initialize", "backup", "master"), "is-owner": bool, "last-adv-source": ADDRESS,
    "master-down-interval": range(2**32), "skew-time": range(2**32),
    "last-event": names("vrrp-event-", "none", "startup", "shutdown", "higher-priority-backup", "master-timeout",
                        "interface-down", "no-virtual-ip-addresses", "lower-priority-master", "owner-preempt"),
    "new-master-reason": "not-master|priority|preempted|no-response", "statistics": STATISTICS}
FAMILY = {"ietf-vrrp:vrrp": {"vrrp-instance": [INSTANCE]}}
TREE = {
    "ietf-interfaces:interfaces": {"interface": [{
        "name": r"\S+", "type": "iana-if-type:(l2vlan|ethernetCsmacd)", "oper-status": "up|down",
        "statistics": {"discontinuity-time": TIME}, "ietf-ip:ipv4": FAMILY, "ietf-ip:ipv6": FAMILY}]},
    "ietf-vrrp:vrrp": {"virtual-routers": range(2**32), "interfaces": range(2**32), "statistics": {
        "discontinuity-datetime": TIME, "checksum-errors": COUNTER64, "version-errors": COUNTER64,
        "vrid-errors": COUNTER64, "ip-ttl-errors": COUNTER64}}}


def check(value, rule, where=""):
    if isinstance(rule, dict):
        assert set(value) <= set(rule), where
        for name, inner in value.items():
            check(inner, rule[name], f"{where}/{name}")
    elif isinstance(rule, list):
        for item in value:
            check(item, rule[0], where)
    elif isinstance(rule, str):
        assert isinstance(value, str) and re.fullmatch(rule, value), (where, value)
    elif rule is bool:
        assert isinstance(value, bool), (where, value)
    else:
        assert isinstance(value, int) and not isinstance(value, bool) and value in rule, (where, value)


def validate(text, folder):
    """By yanglint. `operational`: all that is mandatory must be there."""
    file = folder / "vrrp.json"
    file.write_text(text)
    paths = [option for path in (MODULES, "/usr/share/yang/modules/libyang") for option in ("-p", path)]
    schemas = [sorted(Path(MODULES).glob(f"{name}*.yang"))[-1]
               for name in ("ietf-interfaces", "iana-if-type", "ietf-ip", "ietf-vrrp")]
    features = [option for module in ("ietf-interfaces", "ietf-ip", "ietf-vrrp") for option in ("-F", f"{module}:")]
    done = subprocess.run(["yanglint", *paths, *features, "-t", "get", *map(str, schemas), str(file)],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def answers():
    """Of a gateway whose first router is master, and then backup."""
    v3 = VirtualRouter("VI_2", vrid=52, first_host=120, version=3)
    with Lab() as lab:
        ours = DpvrrpGateway(lab.node("gw-b"), VirtualRouter(), 150, more=[v3]).start()
        ours.wait_state(MASTER, 10)
        texts = {"master": ours.ctl("show", "vrrp", "--yang")}
        ours.ctl("resign", ours.router.name)
        ours.wait_state(BACKUP, 5)
        texts["backup"] = ours.ctl("show", "vrrp", "--yang")
    return texts


def test_the_answer_has_the_names_and_types_of_the_model(answers):
    for state, text in answers.items():
        tree = json.loads(text)
        check(tree, TREE)
        assert tree["ietf-vrrp:vrrp"]["virtual-routers"] == 2
        (interface,) = tree["ietf-interfaces:interfaces"]["interface"]
        routers = {router["vrid"]: router for router in interface["ietf-ip:ipv4"]["ietf-vrrp:vrrp"]["vrrp-instance"]}
        assert routers.keys() == {VirtualRouter().vrid, 52}
        assert routers[VirtualRouter().vrid]["state"] == f"ietf-vrrp:{state}"
        assert routers[52]["advertise-interval-centi-sec"] == 100


def test_the_answer_is_valid_for_yanglint(answers, tmp_path):
    if not MODULES or not shutil.which("yanglint"):
        pytest.skip("yanglint, or DPVRRP_YANG_MODULES with the modules, is missing")
    for text in answers.values():
        validate(text, tmp_path)
