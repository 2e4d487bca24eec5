#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends small UDP packets, and prints how many: udp_sender.py ADDRESS RATE SECONDS. RATE 0: as many as possible.

The kernel divides one datagram into SEGMENTS packets (udp(7), UDP_SEGMENT). If the device has gso_max_segs 1, it does so
before the device, which then gets ordinary packets."""

import socket
import sys
import time

_UDP_SEGMENT = 103
SEGMENTS, PAYLOAD = 64, 18  # 60 bytes a frame


def main():
    address, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, PAYLOAD)
        out.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        out.connect((address, 9))
        datagram, sent, began = bytes(SEGMENTS * PAYLOAD), 0, time.monotonic()
        while (elapsed := time.monotonic() - began) < seconds:
            if rate and sent >= rate * elapsed:
                time.sleep(0.0002)
                continue
            out.send(datagram)
            sent += SEGMENTS
    print(sent)


if __name__ == "__main__":
    main()
