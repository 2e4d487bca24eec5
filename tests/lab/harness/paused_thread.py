# SPDX-License-Identifier: BSD-3-Clause
"""Stops one thread of a process while the others run, as a debugger does (ptrace(2))."""

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path

_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000  # of waitpid(2): a thread, too

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, thread):
    if _libc.ptrace(request, thread, None, None) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def thread_named(pid, part):
    """The thread of the process with this in its name. EAL calls a worker's "lcore-worker-1", or "dpdk-worker1"."""
    found = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir() if part in (task / "comm").read_text()]
    assert len(found) == 1, found
    return found[0]


@contextmanager
def paused(thread):
    _ptrace(_SEIZE, thread)
    try:
        _ptrace(_INTERRUPT, thread)
        os.waitpid(thread, _WALL)
        yield
    finally:
        _ptrace(_DETACH, thread)
