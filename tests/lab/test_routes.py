# SPDX-License-Identifier: BSD-3-Clause
"""virtual_routes and virtual_rules: the master's kernel has them, and no other."""

import re

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.scenes import scene
from harness.second_lan import second_lan
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

MARK = "112"  # the protocol of our routes and rules
MENDED_S = 3  # half a second, and the machine may be busy
ROUTES = ('virtual_routes = [ { to = "10.50.0.0/16", via = "10.98.0.3", device = "eth1", src = "%s", table = 1000, '
          'metric = 10 }, { to = "2001:db8:50::/48", device = "eth1" } ]\n')
RULES = 'virtual_rules = [ { from = "10.99.0.0/24", iif = "eth1", table = 1000, priority = 1000 } ]\n'


def routes(node):
    """Ours, as (destination, metric)."""
    text = "\n".join(node.namespace.ip(family, "route", "show", "table", "all", "proto", MARK) for family in ("-4", "-6"))
    return sorted(re.findall(r"^(?:unicast )?(\S+).* metric (\d+)", text, re.MULTILINE))


def rules(node):
    """Those of priority 1000."""
    return re.findall(r"^1000:\s+(.*?)\s*$", node.namespace.ip("rule", "show"), re.MULTILINE)


BOTH = [("10.50.0.0/16", "10"), ("2001:db8:50::/48", "1024")]
RULE = ["from 10.99.0.0/24 iif eth1 lookup 1000 proto 112"]


class Gateways:
    """gw-a, priority 150, and gw-b, 100, both with the same routes. gw-a starts and is master."""

    def __init__(self, lab):
        self.nodes = lab.node("gw-a"), lab.node("gw-b")
        second_lan(lab, self.nodes)
        router = VirtualRouter()
        self.vip = router.addresses[0]
        extra = ROUTES % self.vip + RULES
        self.a, self.b = (DpvrrpGateway(node, router, priority, extra=extra)
                          for node, priority in zip(self.nodes, (150, 100)))

    def has_all(self, gateway, seconds=10):
        node = gateway.node
        until(lambda: routes(node) == BOTH and [rule.replace(" proto 112", "") for rule in rules(node)] ==
              [RULE[0].replace(" proto 112", "")], seconds,
              lambda: f"routes and rules; {routes(node)}, {rules(node)}, {gateway.events()[-8:]}")

    def has_none(self, gateway, seconds=10):
        node = gateway.node
        until(lambda: routes(node) == [] and rules(node) == [], seconds,
              lambda: f"no routes and rules; {routes(node)}, {rules(node)}")


@scene(ipv6=True)
def test_they_move_with_the_master(lab, measured):
    g = Gateways(lab)
    g.b.start()
    g.a.start()
    g.a.wait_state(MASTER, 15)
    g.has_all(g.a)
    g.has_none(g.b)
    assert g.a.stop() == 0
    g.has_none(g.a, seconds=0.1)
    g.b.wait_state(MASTER, 15)
    g.has_all(g.b)


@scene(ipv6=True)
def test_what_others_remove_is_put_back(lab, measured):
    g = Gateways(lab)
    g.a.start()
    g.a.wait_state(MASTER, 15)
    g.has_all(g.a)
    ip = g.a.node.namespace.ip
    ip("route", "del", "10.50.0.0/16", "table", "1000")
    g.has_all(g.a, MENDED_S)
    ip("-6", "route", "del", "2001:db8:50::/48")
    g.has_all(g.a, MENDED_S)
    ip("rule", "del", "priority", "1000")
    g.has_all(g.a, MENDED_S)
    # The kernel does not announce that it removes these.
    ip("link", "set", "eth1", "down")
    ip("link", "set", "eth1", "up")
    g.has_all(g.a, 10)
    ip("addr", "del", f"{g.vip}/{g.a.router.prefix_length}", "dev", "eth0")
    g.has_all(g.a, MENDED_S)
    assert g.a.state() == MASTER


@scene(ipv6=True)
def test_a_start_removes_what_a_killed_daemon_left(lab, measured):
    g = Gateways(lab)
    g.a.start()
    g.a.wait_state(MASTER, 15)
    g.has_all(g.a)
    g.a.kill()
    g.has_all(g.a, seconds=1)
    ip = g.a.node.namespace.ip
    ip("route", "add", "10.51.0.0/16", "dev", "eth1")  # an operator's
    g.a.extra = ""
    g.a.start()
    g.has_none(g.a, seconds=3)
    assert "10.51.0.0/16" in ip("route", "show")


@scene(ipv6=True)
def test_a_reload_changes_them_in_place(lab, measured):
    g = Gateways(lab)
    g.a.start()
    g.a.wait_state(MASTER, 15)
    g.has_all(g.a)
    g.a.extra = (ROUTES % g.vip).replace("metric = 10", "metric = 20")
    g.a.write_config()
    report = g.a.ctl("reload", "--dry-run")
    assert "virtual_routes: + 10.50.0.0/16" in report and "virtual_rules: - from 10.99.0.0/24" in report, report
    g.has_all(g.a, seconds=1)
    g.a.ctl("reload")
    until(lambda: routes(g.a.node) == [("10.50.0.0/16", "20"), BOTH[1]] and rules(g.a.node) == [], 3,
          lambda: f"the other metric; {routes(g.a.node)}, {rules(g.a.node)}")
    shown = g.a.sections()["virtual_routes"]
    assert [row["kernel"] for row in shown] == ["programmed", "programmed"], shown
    assert g.a.state() == MASTER
