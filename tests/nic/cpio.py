# SPDX-License-Identifier: BSD-3-Clause
"""A cpio archive, format `newc`, for the kernel: driver-api/early-userspace/buffer-format of its manual."""

import os


class Archive:
    """A name that is in the archive is not added again. The folders above a name are added before it."""

    def __init__(self):
        self._parts = []
        self._names = set()

    def folder(self, name):
        self._add(name, 0o040755, b"")

    def data(self, name, content, mode=0o644):
        self._add(name, 0o100000 | mode, content)

    def link(self, name, target):
        self._add(name, 0o120777, os.fsencode(target))

    def file(self, path):
        """A file of this machine, at the same path. A symbolic link stays a link, and its target is added: a library
        with two names must have only one copy, because otherwise both would be loaded."""
        path = path.parent.resolve() / path.name
        if path.is_symlink():
            self.link(str(path)[1:], os.readlink(path))
            self.file(path.parent / os.readlink(path))
        else:
            self.data(str(path)[1:], path.read_bytes(), 0o755)

    def _add(self, name, mode, content):
        if name in self._names:
            return
        if "/" in name:
            self.folder(name.rpartition("/")[0])
        self._names.add(name)
        self._parts.append((name, mode, content))

    def write(self, file):
        with open(file, "wb") as out:
            for number, (name, mode, content) in enumerate([*self._parts, ("TRAILER!!!", 0, b"")], 1):
                encoded = os.fsencode(name) + b"\0"
                fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
                header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
                for part in (header, content):
                    out.write(part + bytes(-len(part) % 4))
