"""Imports point one way, and the core needs NumPy and PyTorch only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "course_pkg"

# A room of the package may import what stands above it, and its own modules.
ROOMS = (
    {"arrays", "syllabus"},
    {
        "cells",
        "choices",
        "contract",
        "initialisers",
        "losses",
        "metrics",
        "optim",
        "orthogonality",
    },
    {"batches", "datasets", "ngrams", "vocab"},
    {"bptt", "decode", "pieces"},
    {"attention", "autograd", "clipping", "mixtures", "skips", "spectra", "stacking"},
    {"dependencies", "truncation"},
    {"lags", "terms"},
    {"gradients"},
    {"fast", "kernels"},
    {"backends"},
    {"weights"},
    {"layer"},
    {"layers"},
    {"models"},
    {"train"},
    {"pictures"},
    {"curves", "outputs"},
    {"plots"},
    {"check"},
    {"grade"},
    {"runs"},
    {"commands"},
    {"__main__"},
)
NEED_EXTRAS = ("grade", "runs", "commands", "__main__")


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    return [*module.split("."), ""][1]


def level(module: str) -> int:
    return next(n for n, rooms in enumerate(ROOMS) if room(module) in rooms)


def imports(source: str) -> set[str]:
    """Return the package's modules that a source imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write imports with the package's name"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = names & MODULES.keys()
            found |= inner if inner else {node.module or ""}
    return {name for name in found if name.split(".")[0] == "course_pkg"}


def test_every_room_has_its_place():
    placed = set().union(*ROOMS)
    assert {room(module) for module in MODULES} - {""} == placed


def test_the_reader_of_imports_sees_every_form():
    source = (
        "import course_pkg.bptt\nfrom course_pkg import arrays, __version__\n"
        "def f():\n    from course_pkg.cells.elman import step\nimport numpy\n"
    )
    want = {"course_pkg.bptt", "course_pkg.arrays", "course_pkg.cells.elman"}
    assert imports(source) == want


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module):
    imported = imports(MODULES[module].read_text("utf8"))
    if module == "course_pkg":
        assert not imported
        return
    for other in imported - {"course_pkg"}:
        same = room(other) == room(module)
        assert same or level(other) < level(module), f"{module} imports {other}"


def test_import_needs_numpy_and_torch_only():
    """In a process of its own, all but the grader come in without an extra."""
    core = [m for m in MODULES if room(m) not in NEED_EXTRAS]
    code = f"""
import sys, numpy.random, torch
before = set(sys.modules)
import {", ".join(core)}
new = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(*sorted(new - {{"course_pkg", "torch", "numpy"}} - set(sys.stdlib_module_names)))
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []
    assert run.stderr == ""
