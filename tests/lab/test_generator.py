# SPDX-License-Identifier: BSD-3-Clause
"""dpvrrp-gen plays a master that falls silent, and measures dpvrrpd and keepalived."""

import json
import signal
import subprocess

import pytest

from harness.dpvrrpd import MASTER, DpvrrpGateway
from harness.generator import Generator, by
from harness.keepalived import KeepalivedGateway
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon

ROUTER = VirtualRouter(version=3, interval=0.1)

PROFILE = f"""
[generator]
duration = "4s"

[[stream]]
name = "masters"
kind = "master"
version = 3
vrid = {ROUTER.vrid}
priority = 200
advertisement_interval = "100ms"
source_address = "10.99.0.1"
virtual_addresses = ["{ROUTER.addresses[0]}"]
silent_at = "1500ms"
%s
[[stream]]
name = "questions"
kind = "question"
vrid = {ROUTER.vrid}
source_address = "10.99.0.1"
virtual_addresses = ["{ROUTER.addresses[0]}"]
start_at = 3
rate = 20
"""

# To be refused, while the master is there and afterwards.
MALFORMED = ("ttl", "vrrp-checksum", "vrrp-count", "zero-interval", "vrid-0", "fragment")
MALFORMED_STREAM = f"""
[[stream]]
name = "%s"
kind = "%s"
version = 3
vrid = {ROUTER.vrid}
priority = 255
source_address = "10.99.0.66"
virtual_addresses = ["{ROUTER.addresses[0]}"]
rate = 50
frames = 50
"""


@scene()
@pytest.mark.parametrize("gateway", [DpvrrpGateway, KeepalivedGateway])
def test_takeover(lab, measured, gateway):
    generator, device = Generator(lab.node("gen")), lab.node("gw-b")
    router = gateway(device, ROUTER, 100).start()
    is_ours = gateway is DpvrrpGateway
    router.wait_state(MASTER if is_ours else MASTER.upper(), 10)
    # Any frame for its VRID delays the adverts of a keepalived master, so it gets none of the malformed ones.
    malformed = "".join(MALFORMED_STREAM % (kind, kind) for kind in MALFORMED) if is_ours else ""
    result = generator.play(PROFILE % malformed)

    masters, times = by(result["masters"], "stream")["masters"], by(result["times"], "time")
    lateness = times["lateness"]["most_ms"]
    measured(f"late by {lateness:.1f} ms, announced {times['announced']['most_ms']:.1f} ms after the advert")
    assert masters["taken_over"] == 1, result
    assert masters["false_adverts"] == 0, result
    assert -10 < lateness < 1500, result
    assert times["announced"]["count"] == 1, result
    (instance,) = result["instances"]
    assert (instance["device"], instance["mac"], instance["priority"]) == (device.address, device.mac, 100)
    questions = by(result["streams"], "stream")["questions"]
    assert 0 < questions["answered"] <= questions["asked"] == questions["sent"], result
    if is_ours:
        drops = router.drops()
        for row in result["streams"]:
            if row["stream"] in MALFORMED:
                assert row["sent"] == 50 and drops.get(row["expected_end"], 0) == 50, (row, drops)


@scene()
def test_bounds(lab, measured):
    """It sends nothing where it must not, and a signal ends it with its result."""
    node = lab.node("gen")
    generator = Generator(node)
    stream = ("--kind", "valid", "--vrid", ROUTER.vrid, "--source-address", "10.99.0.1",
              "--address", ROUTER.addresses[0])
    bad = generator.run(*stream, "--priority", "300")
    assert (bad.returncode, bad.stderr) == (2, "dpvrrp-gen: --priority '300': must be 1..255 (RFC 3768 5.3.4)\n")

    started = subprocess.Popen(generator.command(*stream, "--duration", "60s", "--json"), stdout=subprocess.PIPE,
                               text=True)
    until(lambda: sent_by(node) > 100, 20, "frames of the generator")
    started.send_signal(signal.SIGINT)
    output, _ = started.communicate(timeout=10)
    result = json.loads(output)
    assert started.returncode == 0 and result["run"]["interrupted"] and result["run"]["sent"] > 0
    measured(f"sent in {result['run']['seconds']:.2f} s: {result['run']['sent']}")

    node.namespace.ip("route", "add", "default", "via", "10.99.0.2")
    before = sent_by(node)
    refused = generator.run(*stream)
    assert refused.returncode == 1 and "eth0 has the default route" in refused.stderr
    assert sent_by(node) == before


@scene()
def test_a_picture_stays_until_there_is_another(lab, measured):
    host, file = lab.node("host"), lab.folder / "a.svg"
    file.write_text("an earlier run")
    options = ("--kind", "question", "--vrid", "51", "--source-address", host.address, "--address", "10.99.0.100",
               "--rate", "10", "--duration", "200ms", "--svg")
    failed = Generator(host, "net_pcap0,iface=eth0,nothing=1").run(*options, file)
    assert failed.returncode == 1 and "net_pcap0" in failed.stderr, failed
    assert file.read_text() == "an earlier run"
    done = Generator(host).run(*options, lab.folder)
    assert done.returncode == 1 and "cannot be written" in done.stderr and not done.stdout, done
    done = Generator(host).run(*options, file)
    assert done.returncode == 0 and file.read_text().startswith("<svg"), done


def sent_by(node):
    """Frames that its eth0 has sent."""
    return node.namespace.ip_json("-s", "link", "show", "eth0")[0]["stats64"]["tx"]["packets"]
