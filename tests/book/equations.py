"""Find the displayed equations of the book, and bind each to the test that executes it.

A test module `test_equations_<word>.py` writes

    @equation("eq-bptt-local", r"\\bar a_t = (1 - h_t \\odot h_t) \\odot \\bar h_t")
    def test_local(): ...

with the LaTeX as the page prints it. `test_equations.py` holds the page to the LaTeX;
the test holds the LaTeX to numbers. So a sign flipped in either place turns red.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
LABEL = re.compile(r"\beq-[a-z]+(?:-[a-z0-9]+)+\b")

FENCE = re.compile(r"^\s*(?P<fence>`{3,}|:{3,}|~{3,})(?:\{(?P<name>[^}]+)\})?")
OPTION = re.compile(r"^\s*:(?P<key>[a-z]+):\s*(?P<value>\S*)")
DOLLARS = re.compile(r"^\s*\$\$(?P<tex>.*)$")
CLOSED = re.compile(r"^(?P<tex>.*?)\$\$\s*(?:\((?P<label>[^)]+)\))?\s*$")
AMSMATH = re.compile(r"^\s*\\begin\{(?:align|gather|equation|multline|alignat)\*?\}")


class Printed(NamedTuple):
    """A displayed equation of a page; label is None where the page gives none."""

    page: str
    line: int
    label: str | None
    latex: str


class Bound(NamedTuple):
    """An equation as a test claims it."""

    label: str
    latex: str
    test: str


_bound: dict[str, Bound] = {}  # by test, so that a module imported twice counts once


def equation(label: str, latex: str) -> Callable[[Callable], Callable]:
    """Bind a test to the equation with this label, printed as this LaTeX."""
    if not LABEL.fullmatch(label):
        raise ValueError(f"label: expected eq-<word>-<what>, got {label!r}")

    def bind(test: Callable) -> Callable:
        if not test.__name__.startswith("test_"):
            raise ValueError(f"{test.__name__}: pytest will not collect this name")
        name = f"{Path(test.__code__.co_filename).name}::{test.__name__}"
        if name in _bound and _bound[name] != Bound(label, latex, name):
            raise ValueError(f"{name}: bound twice")
        _bound[name] = Bound(label, latex, name)
        return test

    return bind


def bound() -> list[Bound]:
    """Import every `test_equations_*.py` and return what they bind."""
    for path in sorted(Path(__file__).parent.glob("test_equations_*.py")):
        importlib.import_module(path.stem)
    return list(_bound.values())


def printed() -> list[Printed]:
    """Return the displayed equations of all pages of the book."""
    pages = sorted(BOOK.glob("*.md"))
    return [eq for p in pages for eq in displayed(p.read_text("utf8"), p.name)]


def displayed(text: str, page: str = "") -> Iterator[Printed]:
    """Yield the displayed equations of a MyST text: math directives, $$ and amsmath."""
    lines = list(enumerate(text.splitlines(), 1))
    in_paragraph = False
    while lines:
        number, line = lines.pop(0)
        fence, opened = FENCE.match(line), DOLLARS.match(line)
        if opened and in_paragraph:
            raise ValueError(f"{page}:{number}: $$ needs an empty line before it")
        in_paragraph = bool(line.strip()) and not (fence or opened)
        if fence and fence["name"] == "math":
            yield _directive(page, number, _until(lines, _end(fence)))
        elif fence and _is_code(fence):
            _until(lines, _end(fence))
        elif AMSMATH.match(line):
            yield Printed(page, number, None, line)
        elif opened:
            lines.insert(0, (number, opened["tex"]))
            body = _until(lines, CLOSED, keep=True)
            last = CLOSED.match(body[-1])
            if last is None:
                raise ValueError(f"{page}:{number}: $$ is never closed")
            tex = "\n".join([*body[:-1], last["tex"]])
            yield Printed(page, number, last["label"], tex)


def _directive(page: str, number: int, body: list[str]) -> Printed:
    """Return the equation of a math directive with this body."""
    options = [m for m in map(OPTION.match, body) if m]
    label = next((m["value"] for m in options if m["key"] == "label"), None)
    tex = "\n".join(line for line in body if not OPTION.match(line))
    return Printed(page, number, label, tex)


def _end(fence: re.Match) -> re.Pattern:
    """Return the line that closes this fence."""
    return re.compile(rf"^\s*{fence['fence']}\s*$")


def _is_code(fence: re.Match) -> bool:
    """Tell code, whose lines are no text, from directives that hold more text."""
    if fence["name"] is None:
        return fence["fence"][0] != ":"
    code = ("code", "literalinclude", "raw", "mermaid")
    return fence["name"].startswith(code)


def _until(
    lines: list[tuple[int, str]], end: re.Pattern, keep: bool = False
) -> list[str]:
    """Take lines up to the one that matches ``end``, which is dropped or kept."""
    body = []
    while lines:
        line = lines.pop(0)[1]
        if end.match(line):
            return [*body, line] if keep else body
        body.append(line)
    return body or [""]


def normalised(latex: str) -> str:
    """Drop the white space that TeX ignores; keep it after a control word."""
    kept = re.sub(r"(\\[A-Za-z]+)\s+(?=[A-Za-z])", "\\1\0", latex.strip())
    return re.sub(r"\s+", "", kept).replace("\0", " ")
