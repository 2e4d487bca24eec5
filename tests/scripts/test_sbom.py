# SPDX-License-Identifier: BSD-3-Clause
"""scripts/sbom: a valid SPDX document, every library of the installed programs in it, and the committed one not stale."""

import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PROGRAMS = [BUILD / "app" / name for name in ("dpvrrpd/dpvrrpd", "dpvrrpd_agent/dpvrrpd-agent", "dpvrrpctl/dpvrrpctl")]
# SPDX 2.3, clauses 6, 7 and 11: the fields that must be there.
OF_DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"}
OF_PACKAGE = {"SPDXID", "name", "downloadLocation"}
COMMITTED = ROOT / "docs" / "sbom.spdx.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The document and the page of this build."""
    if not shutil.which("dpkg"):
        pytest.skip("needs dpkg, which knows the packages")
    assert all(program.exists() for program in PROGRAMS), "run scripts/build"
    folder = tmp_path_factory.mktemp("sbom")
    shutil.copy(ROOT / "docs" / "dependencies.md", folder)
    subprocess.run([ROOT / "scripts/sbom", "--build", BUILD, "--json", folder / "sbom.json", "--table",
                    folder / "dependencies.md"], check=True, timeout=60)
    return json.loads((folder / "sbom.json").read_text()), (folder / "dependencies.md").read_text()


def packages(document):
    return {package["name"]: package for package in document["packages"]}


def rows(page):
    table = page.split("<!-- begin: scripts/sbom -->")[1].split("<!-- end: scripts/sbom -->")[0]
    return {line.split("|")[1].strip() for line in table.splitlines()[3:]}


def direct(document):
    """The names of the packages that our programs themselves link or contain."""
    return {name for name, package in packages(document).items()
            if name != "dpvrrp" and not package["summary"].startswith("linked by a library")}


def check(document):
    assert OF_DOCUMENT <= document.keys()
    assert (document["spdxVersion"], document["dataLicense"], document["SPDXID"]) == (
        "SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s#]+", document["documentNamespace"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"])
    assert all(re.match(r"(Tool|Person|Organization): ", creator) for creator in document["creationInfo"]["creators"])
    identifiers = [package["SPDXID"] for package in document["packages"]]
    assert len(set(identifiers)) == len(identifiers)
    for package in document["packages"]:
        assert OF_PACKAGE <= package.keys(), package["name"]
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"])
        assert package["versionInfo"] and package["licenseConcluded"] not in ("", "NONE", "NOASSERTION"), package["name"]
        assert package["filesAnalyzed"] is False  # so that no verification code is needed
        for reference in package.get("externalRefs", []):
            assert reference.keys() == {"referenceCategory", "referenceType", "referenceLocator"}
    known = {"SPDXRef-DOCUMENT", *identifiers}
    described = set()
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= known
        if relation["relationshipType"] == "DESCRIBES":
            described.add(relation["relatedSpdxElement"])
    assert described == {"SPDXRef-dpvrrp"}


def test_the_documents_have_the_fields_of_spdx(made):
    check(made[0])
    check(json.loads(COMMITTED.read_text()))


def test_every_library_of_the_installed_programs_is_listed(made):
    mapped = subprocess.run(["ldd", *PROGRAMS], capture_output=True, text=True, check=True).stdout
    names = {path.rpartition("/")[2] for path in re.findall(r"(?:=> )?(/\S+) \(0x", mapped)}
    assert len(names) > 20  # Abseil and DPDK alone have more
    listed = " ".join(package.get("comment", "") for package in made[0]["packages"])
    assert {name for name in names if not re.search(rf"(?<!\S){re.escape(name)}[,.](?!\S)", listed)} == set()


def test_the_committed_list_has_the_packages_of_this_build(made):
    committed = json.loads(COMMITTED.read_text())
    fresh = direct(made[0])
    assert fresh <= direct(committed)
    # A build without these is possible: one exists on x86 only, and glibc 2.38 has the functions of the other.
    assert direct(committed) - fresh <= {"intel-ipsec-mb", "libbsd"}
    assert rows((ROOT / "docs" / "dependencies.md").read_text()) == packages(committed).keys() - {"dpvrrp"}
    assert rows(made[1]) == packages(made[0]).keys() - {"dpvrrp"}


def test_a_folder_without_a_build_is_refused(tmp_path):
    done = subprocess.run([ROOT / "scripts/sbom", "--build", tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "is no build directory" in done.stderr


def test_a_diverted_file_names_no_package():
    """As dpkg of Debian 13 answers for the loader."""
    packages_of = runpy.run_path(str(ROOT / "scripts" / "sbom"))["packages_of"]
    assert packages_of("diversion by libc6 from: /lib64/ld-linux-x86-64.so.2\n"
                       "diversion by libc6 to: /lib64/ld-linux-x86-64.so.2.usr-is-merged\n"
                       "libc6:amd64: /usr/lib64/ld-linux-x86-64.so.2\n") == {
        "/usr/lib64/ld-linux-x86-64.so.2": "libc6:amd64"}
