# SPDX-License-Identifier: BSD-3-Clause
"""Named labs. Each is a module of this package: its docstring is the drawing, and `build(lab)` makes the nodes and
starts the gateways. Tests build them in a lab of their own, `scripts/lab up NAME` in one that stays."""

import importlib
import pkgutil
from dataclasses import dataclass, field


@dataclass
class Topology:
    """`masters`: the gateways that are master after a few seconds; the others are not."""
    gateways: dict = field(default_factory=dict)  # name -> gateway of the harness, started
    masters: tuple = ()


def names():
    """In the order of the alphabet, as the command line writes them."""
    return [module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)]


def _module(name):
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def drawing(name):
    return _module(name).__doc__.strip("\n")


def missing(name):
    """The reason why this machine cannot run it, or None."""
    return getattr(_module(name), "missing", lambda: None)()


def build(name, lab):
    return _module(name).build(lab)
