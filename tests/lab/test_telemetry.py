# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's telemetry socket, as dpdk-telemetry.py speaks to it."""

import json
import socket

import pytest

from harness.dpvrrpd import EAL, MASTER, DpvrrpGateway
from harness.keepalived import KeepalivedGateway
from harness.virtual_router import VirtualRouter
from harness.wait import until

pytestmark = pytest.mark.daemon


class Telemetry:
    """A client of /run/dpdk/PREFIX/dpdk_telemetry.v2: packets, the first one from the server."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.connect(str(path))
        self._longest = json.loads(self._socket.recv(1024))["max_output_len"]

    def ask(self, command):
        """The answer; None: the command failed."""
        self._socket.send(command.encode())
        return json.loads(self._socket.recv(self._longest))[command.split(",")[0]]

    def close(self):
        self._socket.close()


class MeasuredGateway(DpvrrpGateway):
    eal = tuple(option for option in EAL if option != "--no-telemetry")

    def telemetry(self):
        return Telemetry(f"/run/dpdk/{self._file_prefix}/dpdk_telemetry.v2")


def test_the_counters_of_workers_and_drops(lab):
    router = VirtualRouter()
    ours = MeasuredGateway(lab.node("gw-b"), router, 150).start()
    ours.wait_state(MASTER, 10)
    KeepalivedGateway(lab.node("gw-a"), VirtualRouter(vrid=52, first_host=120), 200).start()
    client = ours.telemetry()
    lab.cleanup.callback(client.close)
    assert {"/dpvrrp/info", "/dpvrrp/workers", "/dpvrrp/worker", "/dpvrrp/drops"} <= set(client.ask("/"))
    assert client.ask("/dpvrrp/info") == {"version": ours.json("show", "status")["version"], "workers": 1, "ports": 1}
    (lcore,) = client.ask("/dpvrrp/workers")
    assert [worker["lcore"] for worker in ours.json("show", "workers")[0:1]] == [lcore]
    until(lambda: client.ask("/dpvrrp/drops")["unknown_vrid"] >= 2, 15, lambda: str(client.ask("/dpvrrp/drops")))
    worker = client.ask(f"/dpvrrp/worker,{lcore}")
    assert worker["sent"] > 0 and worker["not_accepted"] >= 2 and worker["icv_engine"]
    assert client.ask("/dpvrrp/worker,77") is None and client.ask("/dpvrrp/worker") is None
    assert ours.stop() == 0
