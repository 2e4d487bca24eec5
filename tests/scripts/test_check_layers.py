# SPDX-License-Identifier: BSD-3-Clause
"""scripts/check_layers.py on small trees, each with one breach of the import law."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"

LIBRARIES = {"base": [], "wire": ["base"], "crypto": ["base"], "ah": ["wire"], "io": ["base"], "dataplane": ["base"]}


def make_tree(root, files=None, deps=None):
    deps = {**LIBRARIES, **(deps or {})}
    (root / "app" / "dpvrrpd").mkdir(parents=True)
    for library, names in deps.items():
        (root / "lib" / library).mkdir(parents=True)
        listed = ", ".join(f"'{n}'" for n in names)
        (root / "lib" / library / "meson.build").write_text(f"# comment\ndeps = [{listed}]\n")
    order = ", ".join(f"'{n}'" for n in LIBRARIES)
    (root / "lib" / "meson.build").write_text(f"lib_order = [\n  {order},\n]\n")
    for name, text in (files or {}).items():
        (root / name).write_text(text)


def check(root):
    done = subprocess.run([SCRIPT, root], capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    assert done.returncode == (1 if done.stdout else 0)
    return done.stdout.splitlines()


def test_our_own_tree_keeps_the_law():
    assert check(SCRIPT.parents[1]) == []


def test_a_lawful_tree_passes(tmp_path):
    make_tree(tmp_path, {
        "lib/ah/a.cc": '#include "ah/a.h"\n#include "wire/b.h"\n#include <vector>\n#include "absl/status/status.h"\n',
        "lib/dataplane/d.cc": "#include <rte_ethdev.h>\nauto t = std::chrono::steady_clock::now();\n",
        "lib/crypto/c.cc": "#include <openssl/evp.h>\n",
        "lib/io/i.cc": "#include <sys/epoll.h>\n#include <thread>\n",
        "app/dpvrrpd/main.cc": '#include "dataplane/d.h"\n#include "base/x.h"\n',
    })
    assert check(tmp_path) == []


@pytest.mark.parametrize("path, line, rule", [
    ("lib/wire/a.cc", '#include "ah/a.h"', "lib/wire does not declare 'ah'"),
    # ah declares wire, and wire declares base. So ah may not include base.
    ("lib/ah/a.cc", '#include "base/a.h"', "lib/ah does not declare 'base'"),
    ("lib/ah/a.cc", '#include "a.h"', "include by its path from lib/"),
    ("lib/base/a.cc", "#include <rte_mbuf.h>", "DPDK belongs to lib/dataplane"),
    ("lib/io/a.cc", '#include "rte_mbuf.h"', "DPDK belongs to lib/dataplane"),
    ("app/dpvrrpd/a.cc", "#include <rte_eal.h>", "DPDK belongs to lib/dataplane"),
    ("lib/ah/a.cc", "#include <openssl/hmac.h>", "a MAC engine belongs to lib/crypto"),
    ("lib/io/a.cc", "#include <linux/rtnetlink.h>", "netlink belongs to lib/kernel"),
    ("lib/io/a.cc", "#  include <libmnl/libmnl.h>", "netlink belongs to lib/kernel"),
    ("lib/io/a.cc", "#include <toml++/toml.h>", "TOML belongs to lib/config"),
    ("lib/dataplane/a.cc", "#include <sys/un.h>", "epoll and Unix sockets belongs to lib/io"),
    ("lib/wire/a.cc", "#include <thread>", "no thread"),
    ("lib/wire/a.cc", "auto t = std::chrono::steady_clock::now();", "no clock: ::now("),
    ("lib/wire/a.cc", "  clock_gettime(CLOCK_MONOTONIC, &ts);", "no clock"),
    ("lib/wire/a.cc", "long t = time(nullptr);", "no clock"),
    ("lib/wire/a.cc", "usleep(10);", "no sleep"),
    ("lib/wire/a.cc", "std::this_thread::sleep_for(x);", "no sleep"),
    ("lib/wire/a.cc", "std::thread t;", "no thread"),
    ("lib/wire/a.cc", 'printf("x");', "no print"),
    ("lib/wire/a.cc", "std::cerr << 1;", "no print"),
    ("lib/wire/a.cc", "syslog(LOG_INFO, s);", "no print"),
    ("lib/wire/a.cc", "int r = rand();", "no random number"),
    ("lib/wire/a.cc", "std::random_device d;", "no random number"),
    ("lib/wire/a.cc", "int fd = ::open(p, 0);", "no file"),
])
def test_a_breach_is_named_with_its_place(tmp_path, path, line, rule):
    make_tree(tmp_path, {path: f"// first line\n{line}\n"})
    faults = check(tmp_path)
    assert len(faults) == 1
    assert faults[0].startswith(f"{path}:2: ")
    assert rule in faults[0]


@pytest.mark.parametrize("line", [
    "// std::chrono::steady_clock::now()",
    "/* printf( */ int x;",
    'const char* text = "printf(\\"now\\") ::now()";',
    'const char* raw = R"(time(nullptr))";',
    "snprintf(buffer, sizeof(buffer), format);",
    "Instant deadline_time(int x);",
    "auto t = record.time(0);",
    "timeout(3);",
    "SkewTime(Priority(100), 1'000'000'000); f('\"');",
])
def test_what_only_looks_impure_passes(tmp_path, line):
    make_tree(tmp_path, {"lib/wire/a.cc": line + "\n"})
    assert check(tmp_path) == []


def test_lines_after_a_long_comment_keep_their_numbers(tmp_path):
    make_tree(tmp_path, {"lib/wire/a.cc": "/*\n\n\n*/\nint r = rand();\n"})
    assert [f.split(": ")[0] for f in check(tmp_path)] == ["lib/wire/a.cc:5"]


def test_check_cc_may_print_but_not_reach_further(tmp_path):
    make_tree(tmp_path, {"lib/base/check.cc": '#include <rte_log.h>\nfprintf(stderr, "x");\n'})
    assert check(tmp_path) == ["lib/base/check.cc:1: DPDK belongs to lib/dataplane: <rte_log.h>"]


def test_a_dependency_must_stand_above_its_user(tmp_path):
    make_tree(tmp_path, deps={"wire": ["ah"]})
    assert check(tmp_path) == ["lib/wire/meson.build:2: wire may not depend on ah: it is not above it in lib_order"]


def test_a_library_must_be_listed(tmp_path):
    make_tree(tmp_path)
    (tmp_path / "lib" / "stray").mkdir()
    assert check(tmp_path) == ["lib/stray/meson.build:1: library stray is not in lib_order of lib/meson.build"]


PARTS = {
    "lib/control/part.h": "",
    "lib/control/outbox.h": '#include "control/journal/event_log.h"\n',
    "lib/control/controller.cc": '#include "control/keys/keys.h"\n#include "control/numbers/numbers.h"\n',
    "lib/control/instances/registry.h": "",
    "lib/control/journal/event_log.h": "",
    "lib/control/keys/keys.h": "",
    "lib/control/keys/keys.cc": "",
    "lib/control/keys/deep/ring.h": "",
    "lib/control/numbers/numbers.h": "",
    "lib/control/compose/parts.h": '#include "control/keys/keys.h"\n#include "control/numbers/numbers.h"\n',
    "lib/control/reports/reports.cc": '#include "control/keys/keys.h"\n',
}


def make_control(root, files):
    for name in PARTS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
    make_tree(root, {"lib/control/meson.build": "deps = []\n", **PARTS, **files})
    order = ", ".join(f"'{n}'" for n in [*LIBRARIES, "control"])
    (root / "lib" / "meson.build").write_text(f"lib_order = [{order}]\n")


def test_parts_use_the_registry_the_journal_and_what_all_share(tmp_path):
    make_control(tmp_path, {"lib/control/keys/keys.cc": "".join(f'#include "control/{header}"\n' for header in (
        "keys/keys.h", "keys/deep/ring.h", "instances/registry.h", "journal/event_log.h", "part.h", "outbox.h"))})
    assert check(tmp_path) == []


@pytest.mark.parametrize("path, header, rule", [
    ("lib/control/keys/keys.cc", "control/numbers/numbers.h", "lib/control/keys is a part and includes no other part"),
    ("lib/control/keys/deep/ring.h", "control/numbers/numbers.h", "lib/control/keys is a part and includes no other"),
    ("lib/control/keys/keys.cc", "control/compose/parts.h", "lib/control/keys is a part and includes no other part"),
    ("lib/control/keys/keys.cc", "control/controller.h", "lib/control/keys is a part and includes no composition"),
    ("lib/control/instances/registry.h", "control/journal/event_log.h", "lib/control/instances is a part"),
])
def test_a_part_that_includes_another_part_is_named(tmp_path, path, header, rule):
    make_control(tmp_path, {path: f'// first line\n#include "{header}"\n'})
    faults = check(tmp_path)
    assert len(faults) == 1
    assert faults[0].startswith(f"{path}:2: ")
    assert rule in faults[0]
