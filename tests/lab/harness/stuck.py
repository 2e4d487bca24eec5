# SPDX-License-Identifier: BSD-3-Clause
"""Stops one thread of a process, as if the kernel blocked it, while the others run."""

import os
import subprocess
import sys

# ptrace(2) from a separate process: the parent of the daemon could not distinguish a stop from the daemon's end.
_TRACER = """
import ctypes, os, sys
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long] * 4
SEIZE, INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
thread = int(sys.argv[1])
if ptrace(SEIZE, thread, 0, 0) or ptrace(INTERRUPT, thread, 0, 0):
    sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")
while True:
    _, status = os.waitpid(thread, WALL)
    if not os.WIFSTOPPED(status):
        break
    print("stopped", flush=True)
"""


def stop_thread(lab, thread):
    """Until the lab or the process ends."""
    tracer = subprocess.Popen([sys.executable, "-c", _TRACER, str(thread)], stdout=subprocess.PIPE, text=True)
    lab.cleanup.callback(lambda: (tracer.kill(), tracer.wait()))
    assert tracer.stdout.readline() == "stopped\n"
    return os.path.exists(f"/proc/{thread}")
