# SPDX-License-Identifier: BSD-3-Clause
"""A terminal of a given size, with a program on it."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios

from .wait import Timeout, now

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def plain(text):
    """Without colours, movements of the cursor and bells."""
    return ESCAPES.sub("", text).replace("\r", "").replace("\a", "")


class Terminal:
    """`output` is what the program has written so far, with its escape sequences."""

    def __init__(self, *command, columns=80, rows=24, **environment):
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._master = master
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "PAGER", "LESS")}
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env=kept | {"TERM": "xterm", "PAGER": "cat"} | environment, preexec_fn=self._take_terminal)
        os.close(slave)
        self.output = ""

    @staticmethod
    def _take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    def _read(self, seconds):
        """False: the program has closed the terminal."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            got = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += got.decode(errors="replace")
        return bool(got)

    def type(self, keys):
        os.write(self._master, keys.encode())

    def look(self):
        """What the program has written so far, with its escape sequences."""
        self._read(0.1)
        return self.output

    def until(self, text, seconds=10):
        """Waits for the text, without escape sequences, and forgets the output up to here. Returns it."""
        deadline = now() + seconds * 1_000_000_000
        while text not in plain(self.output):
            if now() > deadline or not self._read(0.1):
                raise Timeout(f"no {text!r} on the terminal, but {plain(self.output)[-2000:]!r}")
        seen, self.output = self.output, ""
        return plain(seen)

    def end(self, seconds=15):
        """Waits for the end of the program. Returns its exit status."""
        deadline = now() + seconds * 1_000_000_000
        while self._read(0.1) and self._process.poll() is None:
            if now() > deadline:
                raise Timeout(f"the program does not end: {plain(self.output)[-2000:]!r}")
        while self._process.poll() is None and now() < deadline:
            self._read(0.1)
        while select.select([self._master], [], [], 0)[0] and self._read(0):
            pass
        return self._process.wait(timeout=1)
