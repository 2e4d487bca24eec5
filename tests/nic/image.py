# SPDX-License-Identifier: BSD-3-Clause
"""The image that the guest boots: Debian's small cloud kernel, and an initramfs with the built daemon, its tools and
their libraries.

The kernel package is fetched once with apt-get (26 MB on Debian 12, 35 MB on 13; nothing is installed) and kept under
build/nic. The initramfs is made again each time, in well under a second, so it never has an old daemon. It is not
compressed, because the guest's emulated CPU would have to unpack it.
"""

import lzma
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness.dpvrrpd import CONTROL, DAEMON
from harness.lab import ROOT
from harness.namespace import run

from cpio import Archive

FOLDER = ROOT / "build" / "nic"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
QEMU = "qemu-system-x86_64"
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

# In this order. The kernel has no driver for the e1000e, so only vfio-pci takes it.
MODULES = ("virtio_pci", "virtio_net", "8021q", "macvlan", "tun", "vfio_iommu_type1", "vfio-pci")
DRIVERS = ("bus_pci", "bus_vdev", "mempool_ring", "net_e1000")
TOOLS = ("ip", "keepalived", "apparmor_parser")
PROFILES = Path("/etc/apparmor.d")

_IMPATIENT = ("-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20")


class Unavailable(Exception):
    """The reason why a guest cannot run here."""


def check_host():
    """Raises Unavailable, unless a guest can be made and run here. Uses no network."""
    if platform.machine() != "x86_64":
        raise Unavailable(f"the guest is an x86-64 machine with Debian's kernel; this is {platform.machine()}")
    for tool, package in ((QEMU, "qemu-system-x86"), ("busybox", "busybox-static"),
                          ("strip", "binutils"), ("dpkg-deb", "dpkg"), ("apparmor_parser", "apparmor")):
        if not shutil.which(tool, path=_PATH):
            raise Unavailable(f"needs {tool}: run scripts/deps ({package})")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise Unavailable("needs /dev/net/tun")
    _drivers()


def kernel():
    """The folder of the unpacked kernel package: the newest in the cache, else fetched. Raises Unavailable."""
    for _ in range(2):
        if kept := sorted(FOLDER.glob("linux-image-*/boot/vmlinuz-*"), key=lambda p: p.stat().st_mtime):
            return kept[-1].parent.parent
        _fetch_kernel()
    raise Unavailable(f"{KERNEL_PACKAGE} holds no /boot/vmlinuz-*")


def _fetch_kernel():
    if not shutil.which("apt-get"):
        raise Unavailable(f"no guest kernel in {FOLDER} and no apt-get to fetch {KERNEL_PACKAGE} with")
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        package = _download_kernel()
    except (RuntimeError, subprocess.TimeoutExpired):  # a fresh machine has no lists, an old one has stale ones
        try:
            _do("apt-get", "update", "-q", *_IMPATIENT)
            package = _download_kernel()
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"cannot fetch the guest's kernel, {KERNEL_PACKAGE}: {str(error)[-300:]}") from None
    unpacked = FOLDER / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    for archive in FOLDER.glob(f"{package}_*.deb"):
        _do("dpkg-deb", "-x", archive, unpacked)
        archive.unlink()
    unpacked.rename(FOLDER / package)  # atomic: a folder with that name is complete


def _download_kernel():
    """Downloads the package that the meta package stands for at this moment, and returns its name."""
    found = re.search(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", KERNEL_PACKAGE, check=False))
    if not found:
        raise RuntimeError("apt knows no such package")
    _do("apt-get", "download", "-q", *_IMPATIENT, found[1])
    return found[1]


def _do(*command):
    done = subprocess.run(list(map(str, command)), cwd=FOLDER, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(done.stderr.strip() or f"{command[0]}: status {done.returncode}")


def make_initramfs(file):
    """Writes the initramfs for kernel() and returns the kernel's own file."""
    root = kernel()
    archive = Archive()
    for folder in ("bin", "sbin", "lib", "lib64"):  # merged, as on the machine that the files come from
        archive.folder(f"usr/{folder}")
        archive.link(folder, f"usr/{folder}")
    for folder in ("dev", "etc", "proc", "root", "run", "sys", "tmp", "var/lib", "mnt"):
        archive.folder(folder)
    archive.link("var/run", "/run")
    archive.data("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")

    programs = [Path(shutil.which(tool, path=_PATH)) for tool in TOOLS] + [DAEMON, CONTROL]
    for program in programs:
        archive.data(f"usr/sbin/{program.name}", _without_symbols(program), 0o755)
    # glibc loads libgcc_s when a thread ends; no program is linked with it.
    for needed in [*_libraries([*programs, *_drivers()]), *_drivers(), _library_folder() / "libgcc_s.so.1"]:
        archive.file(needed)
    archive.data("usr/bin/busybox", Path(shutil.which("busybox", path=_PATH)).read_bytes(), 0o755)

    # The profile as it is installed, but enforced.
    profile = (ROOT / "docs" / "apparmor" / "dpvrrpd").read_text()
    assert ", complain)" in profile
    archive.data("etc/apparmor.d/dpvrrpd", profile.replace(", complain)", ")").encode())
    archive.data("etc/apparmor.d/local/dpvrrpd", b"/tmp/** rwk,\n")  # the labs' configuration, keys and sockets
    parts = [PROFILES / part for part in ("abi", "abstractions", "tunables")]
    for rules in (file_ for part in parts for file_ in part.rglob("*") if file_.is_file()):
        archive.file(rules)

    modules = _modules(root)
    for name, content in modules:
        archive.data(f"usr/lib/modules/{name}.ko", content)
    archive.data("etc/modules", "\n".join(f"{name}.ko" for name, _ in modules).encode())
    archive.data("init", (Path(__file__).parent / "init").read_bytes(), 0o755)
    archive.write(file)
    return next(root.glob("boot/vmlinuz-*"))


def _without_symbols(program):
    """Everything that the guest must read before it starts. Nine tenths of the daemon are debug information."""
    with tempfile.NamedTemporaryFile() as stripped:
        run("strip", "-o", stripped.name, program)
        return Path(stripped.name).read_bytes()


def _library_folder():
    return Path("/usr/lib/x86_64-linux-gnu")


def _drivers():
    """DPDK's drivers, where EAL looks for them. Only those that the guest needs: EAL loads all it finds."""
    folder = next(iter(sorted((_library_folder() / "dpdk").glob("pmds-*"), reverse=True)), None)
    if folder is None:
        raise Unavailable(f"DPDK has no drivers in {_library_folder()}/dpdk/pmds-*")
    files = [f for name in DRIVERS for f in sorted(folder.glob(f"librte_{name}.so*"))]
    for name in DRIVERS:
        if not any(f.name.startswith(f"librte_{name}.") for f in files):
            raise Unavailable(f"DPDK's {name} is not in {folder}")
    return files


def _libraries(programs):
    """All that the dynamic linker would map for these programs."""
    found = re.findall(r"(?:=> )?(/\S+) \(0x", run("ldd", *programs))
    return [Path(path) for path in sorted(set(found))]


def _modules(root):
    """(name, content) of the modules, each after those it depends on. Debian 13 compresses them with xz and has them in
    usr/lib; the guest's insmod loads plain ones."""
    files = {f.name.partition(".ko")[0].replace("-", "_"): f
             for top in ("lib", "usr/lib") for f in root.glob(f"{top}/modules/**/*.ko*")}
    ordered = {}

    def add(name):
        if name in files and name not in ordered:  # otherwise built in, or added already
            content = files[name].read_bytes()
            if files[name].suffix == ".xz":
                content = lzma.decompress(content)
            depends = re.search(rb"\0depends=([^\0]*)\0", content)[1].decode()
            for other in filter(None, depends.split(",")):
                add(other.replace("-", "_"))
            ordered[name] = content

    for name in MODULES:
        add(name.replace("-", "_"))
    return ordered.items()
