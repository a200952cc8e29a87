"""A question: a case on drawn inputs, and what follows from these two alone.

What is right and what each misconception answers do not depend on who is asked. They
are found when first needed and kept, since a grader asks a whole class. Trusted side.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from course_pkg.check.ask import ask
from course_pkg.check.case import Case, Evidence, Inputs, Wrong
from course_pkg.check.compare import tolerance


class Question:
    """One draw of a case; unpacks as case and inputs."""

    def __init__(self, case: Case, inputs: Inputs) -> None:
        self.case, self.inputs = case, inputs
        self._said: dict[int, tuple[Wrong, Evidence]] = {}

    def __iter__(self) -> Iterator[Any]:
        return iter((self.case, self.inputs))

    @cached_property
    def expected(self) -> Any:
        """What the reference gives on these inputs."""
        return self.case.expect(self.inputs)

    @cached_property
    def rtol(self) -> float:
        """The largest relative error of a right answer."""
        return self.case.rtol or tolerance(self.inputs)

    def by(self, wrong: Wrong) -> Evidence:
        """Return what a misconception brings back on these inputs."""
        kept = self._said.get(id(wrong))
        if kept is None:  # wrong is kept too, so that no other gets its id
            kept = wrong, ask(self.case.probe, wrong.answer, self.inputs)
            self._said[id(wrong)] = kept
        return kept[1]
