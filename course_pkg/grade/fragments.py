"""A submission's cells as they came, read leniently: one `Fragment` each."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from course_pkg.grade.reading import Unreadable, sides

MAX_CELLS = 2000
MAX_SOURCE = 200_000
KINDS = ("code", "markdown", "raw")
DEFINED = re.compile(r"^(?:async[ ]+)?(?:def|class)[ ]+(\w+)", re.M)
OPEN_END = re.compile(r"(?:[-+*/%@&|^=<>,:(\[{\\]|\b(?:and|or|not|in|is|if|else))$")
NEWLINE = re.compile(r"\r\n?")


@dataclass(eq=False)
class Fragment:
    """One cell of a submission.

    book: which notebook of the file; index: its place among all cells of the file;
    number: its place in its own notebook, from 1; mended: what was wrong in its text.
    """

    kind: str
    source: str
    id: str = ""
    name: str = ""
    marks: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)
    book: int = 0
    index: int = 0
    number: int = 0
    mended: set[str] = field(default_factory=set)

    @cached_property
    def defines(self) -> set[str]:
        """The functions and classes that it defines at top level."""
        return defined(self.source)

    @cached_property
    def lines(self) -> set[str]:
        """Its lines, as `lines` says."""
        return lines(self.source)

    def rewrite(self, source: str) -> None:
        """Give it another text."""
        self.source = source
        for name in ("defines", "lines"):
            self.__dict__.pop(name, None)

    def append(self, tail: "Fragment", between: str = "\n") -> None:
        """Add the text of the next piece and what was mended in it."""
        between = "" if self.source.endswith("\n") else between
        self.rewrite(self.source + between + tail.source)
        self.mended |= tail.mended


def defined(source: str) -> set[str]:
    """Return the names of the functions and classes defined at top level."""
    return set(DEFINED.findall(source))


def lines(source: str) -> set[str]:
    """Return the lines that say something, without their indents."""
    return {line for raw in source.split("\n") if (line := raw.strip())}


def fragments(notebooks: list[dict[str, Any]]) -> list[Fragment]:
    """Read the cells of all notebooks of a file, in order.

    Raises Unreadable for more cells than a person can have written.
    """
    found: list[Fragment] = []
    for book, notebook in enumerate(notebooks):
        cells = notebook.get("cells")
        if not isinstance(cells, list):
            sheets = [s for s in notebook["worksheets"] if isinstance(s, dict)]
            parts = [s.get("cells") for s in sheets]
            cells = [c for part in parts if isinstance(part, list) for c in part]
        if len(found) + len(cells) > MAX_CELLS:
            raise Unreadable(f"more than {MAX_CELLS} cells")
        for number, cell in enumerate(cells, 1):
            if isinstance(cell, dict):
                fragment = _fragment(cell)
                fragment.book, fragment.number = book, number
                fragment.index = len(found)
                found.append(fragment)
    return found


def _fragment(cell: dict[str, Any]) -> Fragment:
    kind, source = cell.get("cell_type"), _source(cell)
    if kind == "heading":  # nbformat 3
        level = cell.get("level")
        hashes = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1)
        kind, source = "markdown", f"{hashes} {' '.join(source.splitlines())}"
    elif kind == "html":
        kind = "markdown"
    text, mended = _mend(source)
    if kind not in KINDS:
        kind = "code" if "outputs" in cell else "raw"
        mended.add("kind")
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    return Fragment(
        kind,
        text,
        _text(cell.get("id")),
        _text(marks.get("grade_id")),
        marks,
        _attachments(cell.get("attachments")),
        mended=mended,
    )


def _source(cell: dict[str, Any]) -> str:
    """Return a cell's text; some programs leave the ends off a list of lines."""
    source = cell.get("source", cell.get("input"))
    if isinstance(source, list):
        parts = [part for part in source if isinstance(part, str)]
        ended = any("\n" in part for part in parts[:-1])
        source = ("" if ended or len(parts) < 2 else "\n").join(parts)
    return _text(source)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mend(source: str) -> tuple[str, set[str]]:
    """Return a cell's text as Jupyter would have saved it, and what was wrong."""
    mended = set()
    if len(source) > MAX_SOURCE:
        return "", {"long"}
    if "\r" in source:
        source = NEWLINE.sub("\n", source)
        mended.add("windows")
    try:
        source.encode()
    except UnicodeEncodeError:
        source = source.encode("utf-8", "replace").decode()
        mended.add("surrogate")
    both = sides(source)
    if both:
        source = both[1]
        mended.add("conflict")
    return source, mended


def _attachments(value: object) -> dict[str, Any]:
    """Return a cell's pictures, if they are written as the format says."""
    if not isinstance(value, dict):
        return {}
    return {
        name: {
            kind: data
            for kind, data in bundle.items()
            if isinstance(data, str) and (kind + data).isascii()
        }
        for name, bundle in value.items()
        if isinstance(bundle, dict) and name.isprintable()
    }


def continues(head: Fragment, tail: Fragment) -> bool:
    """Whether a cell's text goes on in the next cell, as when somebody split it.

    Code goes on with an indent that Python would take there, prose with a small letter.
    """
    if not head.source.strip() or not tail.source.strip():
        return False
    if head.book != tail.book or "markdown" in {head.kind, tail.kind} != {"markdown"}:
        return False
    if head.kind == "markdown":
        end = head.source.rstrip()[-1]
        return tail.source.lstrip()[0].islower() and (end.isalpha() or end in ",;(")
    last = head.source.rstrip().rpartition("\n")[2]
    first = tail.source.lstrip("\n").partition("\n")[0]
    if not head.defines:
        return False
    if head.source.count('"""') % 2 or first[:1] in list(")]}"):
        return True
    width, before = _indent(first), _indent(last)
    if not width:
        return False
    if width > before:
        return bool(OPEN_END.search(last))
    if width == before:
        return not re.match(r"\s*(?:return|raise)\b", last) or bool(
            OPEN_END.search(last)
        )
    return any(_indent(line) == width for line in head.source.split("\n"))


def _indent(line: str) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())
