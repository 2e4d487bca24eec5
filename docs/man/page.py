#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a manual page of a front part and a page of the documents: page.py LOWDOWN NAME.SECTION VERSION OUTPUT FRONT [BODY]

The unit tests compare docs/cli.md with the grammar and docs/config.md with the schema, so the manual pages that are made
of them agree with both, too."""

import re
import subprocess
import sys
from pathlib import Path

OPTION = "\ue000"  # stands for the "--" of an option, of which lowdown would make a dash


def as_manual(body):
    """A page of the documents: without its title, with its headings one level higher, and without links, which a manual
    page cannot follow."""
    lines, in_code = [], False
    for line in body.splitlines():
        if line.startswith("```"):
            in_code = not in_code
        elif not in_code:
            if line.startswith("# "):
                continue
            if line.startswith("##"):
                line = line[1:].replace("`", "")
            line = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", line)
        lines.append(line)
    return "\n".join(lines) + "\n"


def main(lowdown, page, version, output, front, body=None):
    name, section = page.rsplit(".", 1)
    text = Path(front).read_text()
    if body:
        before, after = text.split("\n# SEE ALSO\n")
        text = f"{before}\n{as_manual(Path(body).read_text())}\n# SEE ALSO\n{after}"
    text = re.sub(r"(?<![-|])--(?![-|])", OPTION, text)
    about = [word for field in (f"title={name}", f"section={section}", f"source=dpvrrp {version}") for word in ("-M", field)]
    roff = subprocess.run([lowdown, "-s", "-tman", *about], input=text, capture_output=True, text=True, check=True).stdout
    roff = roff.replace(OPTION, r"\-\-").replace(f"\\[u{ord(OPTION):04X}]", r"\-\-")
    # lowdown selects the font of code by a name of its own, which is not that of every formatter.
    Path(output).write_text(roff.replace(r"\fC", r"\f(CR").replace(r"\f[C]", r"\f(CR"))


if __name__ == "__main__":
    main(*sys.argv[1:])
