# SPDX-License-Identifier: BSD-3-Clause
"""`monitor` shows each advert of other gateways as it arrives, and why it was refused. `capture` makes a file of them."""
import json
import re

import pytest

from harness.dpvrrpd import BACKUP, DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.namespace import run
from harness.rogue import StaleGateway
from harness.scenes import scene
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon


@scene()
def test_monitor_shows_the_master_and_a_stale_gateway(lab, measured):
    router = VirtualRouter()
    ours, theirs, stale = (lab.node(name) for name in ("gw-a", "gw-b", "gw-c"))
    KeepalivedGateway(theirs, router, 150).start().wait_state("MASTER", 15)
    gateway = DpvrrpGateway(ours, router, 100).start()
    gateway.wait_state(BACKUP, 15)
    log = lab.folder / "monitor.log"
    refused = lab.folder / "refused.log"
    capture = lab.folder / "adverts.pcapng"
    monitors = [gateway.follow(log, "monitor", "--json"),
                gateway.follow(refused, "monitor", "vrid", str(router.vrid), "--refused"),
                gateway.follow(lab.folder / "capture.log", "capture", capture)]

    def lines():
        return [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]

    trace = {row["stage"]: row for row in gateway.json("trace", "vrid", str(router.vrid))}
    assert [row["result"] for row in trace.values()] == [None] + 8 * ["ok"] + [None], trace
    assert trace["state"]["detail"] == "Backup: the Master_Down_Timer starts again"
    until(lambda: len(lines()) >= 2, 10, "two adverts of the master")
    first = lines()[0]
    assert (first["source"], first["mac"], first["vrid"], first["priority"]) == (
        theirs.address, theirs.mac, router.vrid, 150)
    assert (first["accepted"], first["key"], first["authentication"]) == (True, "right", "ah")
    assert lines()[1]["number"] == first["number"] + 1

    StaleGateway(stale, router, 200).start()
    until(lambda: stale.address in refused.read_text(), 20, "the stale gateway is shown")
    assert "refused, key right: " in refused.read_text()
    traced = {row["stage"]: row for row in gateway.json("trace", "sender", stale.address)}
    assert traced["icv"]["result"] == "not reached" and traced["number"]["result"] == "refused", traced
    measured(gateway.ctl("trace", "--refused"))
    assert theirs.address not in refused.read_text()
    measured(f"monitor: {lines()[0]}; {refused.read_text().splitlines()[0]}")
    for monitor in monitors:
        monitor.terminate()
        monitor.wait(5)
    assert capture.stat().st_mode & 0o777 == 0o600
    assert re.search(rf"^{capture}: \d+ frames$", (lab.folder / "capture.log").read_text(), re.M)
    with pytest.raises(RuntimeError, match="exists; to replace it, use --yes"):
        gateway.ctl("capture", capture)
    decoded = run("tcpdump", "-nvr", capture)
    assert f"{theirs.address} > 224.0.0.18" in decoded and "ttl 255" in decoded, decoded
    assert "bad cksum" not in decoded, decoded
    assert b"accepted, key right" in capture.read_bytes() and b"refused, key right: " in capture.read_bytes()
    until(lambda: len(gateway.json("show", "clients")) == 1, 5, "the daemon has noticed that both have left")
