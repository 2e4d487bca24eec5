#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks lib/ and app/ against the import law; prints one `file:line: rule` per breach.

  own folder   lib/y includes "x/..." only if x is y or is in `deps` of lib/y/meson.build (directly: a library that
               is only a dependency of another one is not declared).
  one world    each outside world (DPDK, OpenSSL, netlink, ...) is included by one library only.
  parts        a folder of lib/control is a part and includes no other part: only itself, the registry, the journal and
               the headers that all parts share. The folders that compose the parts, commands and reports may include all.
  purity       a pure library reads no clock, never sleeps, prints nothing, uses no random number, starts no thread and
               opens no file or socket.

usage: check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

PURE = {"base", "wire", "crypto", "traffic", "ah", "vrrp", "track", "pipeline", "host", "config", "keepalived", "cli",
        "gen", "script", "capture", "observe", "control", "replay"}

# header -> the only library that may include it. A pattern is matched against the whole name.
WORLDS = [
    (r"rte_.*", "dataplane", "DPDK"),
    (r"openssl/.*|intel-ipsec-mb\.h", "crypto", "a MAC engine"),
    (r"libmnl/.*|linux/(netlink|rtnetlink|if_addr|if_link|neighbour|fib_rules)\.h", "kernel", "netlink"),
    (r"toml\+\+/.*|toml\.hpp|toml\+\+\.h", "config", "TOML"),
    (r"nlohmann/.*", "cli", "JSON"),
    (r"microhttpd\.h", "http", "HTTP"),
    (r"sys/(epoll|un|signalfd|eventfd|timerfd)\.h", "io", "epoll and Unix sockets"),
]

# lib/control: these folders are used by every part; these put the parts together or read all of them; these headers
# beside the folders are shared by all.
COMMON_PARTS = {"instances", "journal"}
COMPOSING = {"compose", "commands", "reports"}
SHARED_HEADERS = {"control_time.h", "outbox.h", "part.h", "process_status.h", "services.h"}

# The patterns of an impure line, after comments and literals are removed. A leading `.`, `>` or word character means a
# member or another name (`deadline.time()`, `SkewTime()`).
NOT_A_MEMBER = r"(?<![\w.>])"
IMPURE = [
    (r"::now\s*\(|" + NOT_A_MEMBER + r"(clock_gettime|gettimeofday)\s*\(|" + NOT_A_MEMBER +
     r"time\s*\(\s*(nullptr|NULL|0|&)", "clock"),
    (r"\bsleep_(for|until)\b|" + NOT_A_MEMBER + r"(u|nano|clock_nano)?sleep\s*\(", "sleep"),
    (r"\bstd::(jthread|thread|async)\b|" + NOT_A_MEMBER + r"pthread_create\s*\(", "thread"),
    (r"\bstd::(cout|cerr|clog|printf|fprintf|puts)\b|" + NOT_A_MEMBER +
     r"(v|f|d|vf|vd)?printf\s*\(|" + NOT_A_MEMBER + r"(puts|fputs|syslog|fwrite|perror)\s*\(|\babsl::F?PrintF\b", "print"),
    (r"\brandom_device\b|" + NOT_A_MEMBER + r"(s?rand|s?random|[dlm]rand48|getrandom|arc4random\w*)\s*\(", "random number"),
    (r"\bstd::[io]?fstream\b|" + NOT_A_MEMBER + r"(fopen|openat|open|socket|getenv)\s*\(", "file, socket or environment"),
]
IMPURE_HEADERS = {
    "ctime": "clock", "time.h": "clock", "sys/time.h": "clock", "thread": "thread", "pthread.h": "thread",
    "iostream": "print", "syslog.h": "print", "fstream": "file", "fcntl.h": "file", "unistd.h": "system call",
    "sys/socket.h": "socket", "random": "random number",
}
# A failed CHECK prints the reason before it stops the program.
MAY_PRINT = {"lib/base/check.cc"}

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
LEXEME = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIGIT_SEPARATOR = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")


def without_comments_and_literals(text):
    """The text with empty comments and literals, and unchanged line numbers."""
    return LEXEME.sub(lambda m: "\n" * m.group().count("\n") or " ", DIGIT_SEPARATOR.sub("_", text))


def without_meson_comments(text):
    return re.sub(r"#[^\n]*", "", text)


def names_in(text, variable):
    """The quoted names of `variable = [...]` in a meson.build, with the line of the assignment."""
    found = re.search(rf"^\s*{variable}\s*=\s*\[(.*?)\]", text, re.S | re.M)
    if not found:
        return [], 1
    return re.findall(r"'([^']+)'", found.group(1)), text.count("\n", 0, found.start(1)) + 1


class Checker:
    def __init__(self, root):
        self.root = Path(root)
        self.faults = []
        self.deps = {}

    def fault(self, path, line, rule):
        self.faults.append((path.relative_to(self.root).as_posix(), line, rule))

    def read_declarations(self):
        top = self.root / "lib" / "meson.build"
        order, line = names_in(without_meson_comments(top.read_text()), "lib_order")
        if not order:
            self.fault(top, line, "lib_order names no library")
        for position, library in enumerate(order):
            build = self.root / "lib" / library / "meson.build"
            if not build.is_file():
                self.fault(top, line, f"library {library} has no meson.build")
                continue
            deps, deps_line = names_in(without_meson_comments(build.read_text()), "deps")
            self.deps[library] = set(deps)
            for dep in deps:
                if dep not in order[:position]:
                    self.fault(build, deps_line, f"{library} may not depend on {dep}: it is not above it in lib_order")
        for folder in sorted(p for p in (self.root / "lib").iterdir() if p.is_dir()):
            if folder.name not in order:
                self.fault(folder / "meson.build", 1, f"library {folder.name} is not in lib_order of lib/meson.build")

    def check_include(self, path, number, library, quoted, header):
        for pattern, owner, world in WORLDS:
            if library != owner and re.fullmatch(pattern, header):
                self.fault(path, number, f"{world} belongs to lib/{owner}: <{header}>")
                return
        first = header.split("/")[0]
        if quoted and library and "/" in header and first in self.deps:
            if first != library and first not in self.deps.get(library, set()):
                self.fault(path, number, f"lib/{library} does not declare '{first}' in deps: \"{header}\"")
            elif library == "control" and first == "control":
                self.check_part(path, number, header)
        elif quoted and library and "/" not in header:
            self.fault(path, number, f"include by its path from lib/: \"{header}\"")
        if library in PURE and not quoted and header in IMPURE_HEADERS and self.name(path) not in MAY_PRINT:
            self.fault(path, number, f"lib/{library} is pure, no {IMPURE_HEADERS[header]}: <{header}>")

    def check_part(self, path, number, header):
        """`header` is included by a file of a folder of lib/control."""
        names = path.relative_to(self.root / "lib" / "control").parts
        if len(names) < 2 or names[0] in COMPOSING:
            return
        part, included = names[0], header.split("/")[1:]
        if len(included) == 1:
            if included[0] not in SHARED_HEADERS:
                self.fault(path, number, f"lib/control/{part} is a part and includes no composition: \"{header}\"")
        elif included[0] != part and not (included[0] in COMMON_PARTS and part not in COMMON_PARTS):
            self.fault(path, number, f"lib/control/{part} is a part and includes no other part: \"{header}\"")

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def check_file(self, path, library):
        text = path.read_text(errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            include = INCLUDE.match(line)
            if include:
                self.check_include(path, number, library, include.group(1) is not None, include.group(1) or include.group(2))
        if library not in PURE or self.name(path) in MAY_PRINT:
            return
        for number, line in enumerate(without_comments_and_literals(text).splitlines(), 1):
            if INCLUDE.match(line) or re.match(r"\s*#\s*include", line):
                continue
            for pattern, what in IMPURE:
                found = re.search(pattern, line)
                if found:
                    self.fault(path, number, f"lib/{library} is pure, no {what}: {found.group().strip()}")

    def run(self):
        self.read_declarations()
        for top in ("lib", "app"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in (".h", ".cc", ".cpp", ".hpp", ".c"):
                    self.check_file(path, path.relative_to(self.root).parts[1] if top == "lib" else None)
        return sorted(self.faults)


def main(arguments):
    root = arguments[1] if len(arguments) > 1 else Path(__file__).resolve().parent.parent
    faults = Checker(root).run()
    for path, line, rule in faults:
        print(f"{path}:{line}: {rule}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
