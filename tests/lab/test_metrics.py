# SPDX-License-Identifier: BSD-3-Clause
"""Metrics over HTTP: promtool and a Prometheus read them, and a crowd of bad readers does not disturb anything."""

import concurrent.futures
import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.lab import ROOT, Lab
from harness.virtual_router import VirtualRouter
from harness.wait import ms, now, until

pytestmark = pytest.mark.daemon

PORT = 9650
MONITORING = ROOT / "docs" / "monitoring"


@pytest.fixture(scope="module")
def lab():
    with Lab() as made:
        yield made


@pytest.fixture(scope="module")
def gateway(lab):
    """One for all tests: none of them changes its state."""
    ours = DpvrrpGateway(lab.node("gw-b"), VirtualRouter(), 150)
    ours.http_socket = ours.socket.with_suffix(".http")
    ours.tables = f"""
[metrics]
listen = "127.0.0.1:{PORT}"
socket = "{ours.http_socket}"
per_instance = true
"""
    ours.start()
    ours.wait_state(MASTER, 10)
    return ours


def get(gateway, path="/metrics", accept=None, seconds=15):
    """Content type and text of an answer over TCP."""
    with gateway.node.namespace.entered():
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers={"Accept": accept} if accept else {})
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.headers["Content-Type"], answer.read().decode()


def value(text, sample):
    return float(re.search(rf"^{re.escape(sample)} (\S+)$", text, re.M).group(1))


def test_both_forms_have_the_figures_of_show(gateway):
    kind, classic = get(gateway)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    kind, text = get(gateway, accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("# EOF\n") and "# EOF" not in classic
    for of in (classic, text):
        assert value(of, 'dpvrrp_instances{state="master"}') == 1
        assert value(of, f'dpvrrp_instance_state{{vrrp_instance="{gateway.router.name}"}}') == 3
        assert value(of, 'dpvrrp_port_up{port="lan"}') == 1
        assert value(of, 'dpvrrp_segment_addresses{port="lan",vlan="-",kernel="programmed"}') == len(
            gateway.router.addresses)
    assert value(text, "dpvrrp_transitions_total") == gateway.json("show", "status")["transitions"]
    # The Unix socket has the mode of the control socket, and says the same.
    assert gateway.http_socket.stat().st_mode & 0o777 == 0o660
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(gateway.http_socket))
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    assert value(answer, 'dpvrrp_instances{state="master"}') == 1
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(gateway, "/")


def test_promtool_finds_no_fault(gateway):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed: apt-get install prometheus")
    text = gateway.ctl("show", "metrics")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_alert_rules_pass_their_tests():
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed: apt-get install prometheus")
    tested = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"], cwd=MONITORING, capture_output=True,
                            text=True, timeout=60)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    rules = set(re.findall(r"- alert: (\w+)", (MONITORING / "alerts.yml").read_text()))
    firing = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n", (MONITORING / "alerts_test.yml").read_text()))
    assert rules == firing  # each has a test in which it fires


def test_a_prometheus_scrapes_it(gateway, request, tmp_path):
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed: apt-get install prometheus")
    config = tmp_path / "prometheus.yml"
    config.write_text(f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{MONITORING}/alerts.yml"]
scrape_configs:
  - job_name: dpvrrp
    static_configs: [targets: ["127.0.0.1:{PORT}"]]
""")
    process = gateway.node.namespace.start(
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/data",
        "--web.listen-address=127.0.0.1:9090", log=tmp_path / "prometheus.log")
    request.addfinalizer(lambda: (process.terminate(), process.wait(10)))

    def ask(path):
        with gateway.node.namespace.entered():
            with urllib.request.urlopen(f"http://127.0.0.1:9090/api/v1/{path}", timeout=5) as answer:
                return json.load(answer)["data"]

    def scraped():
        try:
            return [r["value"][1] for r in ask('query?query=dpvrrp_instances{state="master"}')["result"]] == ["1"]
        except (OSError, ValueError):
            return False

    until(scraped, 30, lambda: (tmp_path / "prometheus.log").read_text()[-2000:], step=0.2)
    (target,) = ask("targets?state=active")["activeTargets"]
    assert target["health"] == "up", target["lastError"]
    # It has the types and units of OpenMetrics.
    metadata = ask("metadata?metric=dpvrrp_worker_longest_turn_seconds")
    assert metadata["dpvrrp_worker_longest_turn_seconds"][0]["unit"] == "seconds"


def test_two_hundred_bad_readers(gateway, request, measured):
    """Half a request, no request, an answer that is not read: another reader still gets its answer, in time."""
    transitions = gateway.transitions()
    crowd = []
    request.addfinalizer(lambda: [c.close() for c in crowd])
    with gateway.node.namespace.entered():
        for number in range(200):
            client = socket.socket()
            crowd.append(client)
            client.settimeout(5)
            client.connect(("127.0.0.1", PORT))
            client.sendall((b"", b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", b"\0" * 1000)[number % 4])
    since = now()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        scrape = pool.submit(get, gateway)
        answered = now()
        gateway.ctl("show", "status")
        control = now() - answered
        _, text = scrape.result()
    measured(f"metrics beside 200 bad readers: answer after {ms(now() - since):.0f} ms, "
             f"control socket after {ms(control):.0f} ms")
    assert value(text, 'dpvrrp_instances{state="master"}') == 1
    assert ms(now() - since) < 10_000 and ms(control) < 2_000
    assert gateway.transitions() == transitions


def test_the_socket_is_removed_at_the_end(gateway):
    assert gateway.stop() == 0
    assert not gateway.http_socket.exists()


def test_a_port_that_is_taken_does_not_keep_the_gateway_from_starting(gateway):
    if gateway.running():
        gateway.stop()
    with gateway.node.namespace.entered(), socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", PORT))
        other.listen()
        gateway.start()
    gateway.wait_state(MASTER, 10)
    assert gateway.log(f"cannot listen at 127.0.0.1 port {PORT}: .*; the daemon runs without it")
    assert gateway.http_socket.exists()
