"""The cells of a release, as places that a submission's cells can take."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from course_pkg.grade.fragments import Fragment, defined, lines

Role = Literal["answer", "locked", "free"]


@dataclass(eq=False)
class Slot:
    """A cell of the release and the fragments that claim to be it.

    defines: the names that only this cell defines; found: where an answer
    lay, if not in its own cell.
    """

    index: int
    cell: Any
    role: Role
    name: str
    source: str
    defines: set[str]
    lines: set[str]
    fragments: list[Fragment] = field(default_factory=list)
    found: str = ""

    def empty(self, fragment: Fragment) -> bool:
        """Whether a fragment says nothing that the release does not say."""
        return fragment.lines <= self.lines

    def fits(self, fragment: Fragment) -> float:
        """How well a fragment's content agrees with this cell, from 0 to 2."""
        if fragment.source == self.source:
            return 2
        if self.defines:
            return 2 if self.defines & fragment.defines else 0
        if self.role == "answer":
            return 1 if fragment.kind == self.cell["cell_type"] else 0
        mine = fragment.lines
        return len(mine & self.lines) / max(1, len(mine | self.lines))

    def proper(self, fragment: Fragment) -> bool:
        """Whether a fragment is an answer to this task, right or wrong."""
        own = not self.defines or bool(self.defines & fragment.defines)
        return own and not self.empty(fragment)


def slots(released: Any) -> list[Slot]:
    """Return the cells of a released notebook, without fragments."""
    sources = ["".join(cell["source"]) for cell in released["cells"]]
    counts = Counter(name for source in sources for name in defined(source))
    made = []
    for index, (cell, source) in enumerate(
        zip(released["cells"], sources, strict=True)
    ):
        marks = cell["metadata"].get("nbgrader", {})
        held = marks.get("locked") or marks.get("grade") or marks.get("task")
        role: Role = "locked" if held else "free"
        if marks.get("solution"):
            role = "answer"
        own = {name for name in defined(source) if counts[name] == 1}
        name = marks.get("grade_id") or cell.get("id") or f"cell {index + 1}"
        made.append(Slot(index, cell, role, name, source, own, lines(source)))
    return made
