#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a manual page of a front part and a page of the documents: page.py LOWDOWN NAME.SECTION VERSION OUTPUT FRONT [BODY]

Unit tests compare the commands of docs/cli.md with the grammar, and the keys and types of docs/config.md with the schema.
The manual pages that are made of them agree with both as far as that."""

import re
import subprocess
import sys
from pathlib import Path

# They stand for the "--" of an option and for "...", of which lowdown would make a dash and another letter.
OPTION, DOTS = "\ue000", "\ue001"


def as_manual(body):
    """A page of the documents: without its title, with its headings one level higher, and without links, which a manual
    page cannot follow."""
    parts = re.split(r"^(```.*?^```\n)", body, flags=re.M | re.S)  # every second one is code
    for i in range(0, len(parts), 2):
        text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", parts[i])
        text = re.sub(r"^# .*\n", "", text, flags=re.M)
        parts[i] = re.sub(r"^#(#.*)", lambda heading: heading[1].replace("`", ""), text, flags=re.M)
    return "".join(parts)


def main(lowdown, page, version, output, front, body=None):
    name, section = page.rsplit(".", 1)
    text = Path(front).read_text(encoding="utf-8")
    if body:
        before, after = text.split("\n# SEE ALSO\n")
        text = "\n".join((before, as_manual(Path(body).read_text(encoding="utf-8")), "# SEE ALSO", after))
    text = re.sub(r"(?<![-|])--(?![-|])", OPTION, text).replace("...", DOTS)
    about = [word for field in (f"title={name}", f"section={section}", f"source=dpvrrp {version}") for word in ("-M", field)]
    roff = subprocess.run([lowdown, "-s", "-tman", *about], input=text, capture_output=True, encoding="utf-8", check=True).stdout
    for letter, written in ((OPTION, r"\-\-"), (DOTS, r"\&...")):
        roff = roff.replace(letter, written).replace(f"\\[u{ord(letter):04X}]", written)
    # lowdown selects the font of code by a name of its own, which is not that of every formatter.
    Path(output).write_text(roff.replace(r"\fC", r"\f(CR").replace(r"\f[C]", r"\f(CR"), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
