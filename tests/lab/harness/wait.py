# SPDX-License-Identifier: BSD-3-Clause
"""A test waits by polling a condition with a deadline. A fixed sleep is only for a test about that time."""

import time


class Timeout(AssertionError):
    pass


def until(condition, seconds, what, step=0.02):
    """Polls `condition` until it is true and returns its value; fails after `seconds`, naming `what` (text, or a
    function that makes it at the moment of failure)."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Timeout(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(step)


def now():
    """Nanoseconds on the clock of the kernel's frame time stamps."""
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def ms(nanoseconds):
    return nanoseconds / 1e6
