"""What an attack is, and how it becomes a submission of `bptt`."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..sample_class import Ada, answer

# Every attacker answers two tasks honestly, one before and one after the attack. They
# are worth 4 points, and no attack may cost them: it harms its own question at most.
HONEST = {
    task: answer(Ada, task) or "" for task in ("cross_entropy", "finite_difference")
}
WORTH = 4.0
WRONG = "def step_grad(d_state, tape):\n    return d_state, 2 * d_state, d_state\n"


@dataclass(frozen=True)
class Attack:
    """A hostile submission: what it tries, its cells, and what it deserves.

    ``answers`` replaces the cells of tasks; ``before`` is a cell of the student's behind
    the imports, ``after`` one at the end; ``edit`` changes the notebook's JSON, ``raw``
    its bytes, ``folder`` what lies around it (the student's folder and where the canaries
    are). More points than ``worth`` are a gain, fewer than ``keeps`` (None: as worth)
    are too many lost.
    """

    name: str
    tries: str
    answers: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    worth: float = WORTH
    keeps: float | None = None
    edit: Callable[[dict], None] | None = None
    raw: Callable[[bytes], bytes] | None = None
    folder: Callable[[Path, dict[str, Any]], None] | None = None

    @property
    def least(self) -> float:
        """Return the points that it must still get."""
        return self.worth if self.keeps is None else self.keeps


# Known to every attack: where the canaries are, and how to try many doors in a row.
# Doses that could hurt a machine are for a cage only: `caged` tells.
PRELUDE = """
import os, sys
WHERE = {where!r}

def caged():
    try:
        return os.readlink("/proc/self/ns/pid") != WHERE["pid namespace"]
    except OSError:
        return os.getpid() < 1000

def read(path, size=200_000):
    with open(path, "rb") as file:
        return file.read(size)

SAID = []  # what an answer prints is not shown; a last cell shows this

def say(*words):
    SAID.append(" ".join(map(str, words)))
    print(*words)

def attempt(*doors):
    for door in doors:
        try:
            print(door())
        except Exception as error:
            print(type(error).__name__, str(error)[:80])
"""


def code(source: str, name: str) -> dict[str, Any]:
    """Return a student's own code cell."""
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def task_of(cell: dict[str, Any]) -> str:
    """Return a cell's grade_id, "" if it has none."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def notebook(attack: Attack, released: dict, where: dict[str, Any]) -> bytes:
    """Write the attacker's notebook from the released one."""
    made = copy.deepcopy(released)
    sources = {**HONEST, "step_grad": WRONG, **attack.answers}
    cells = []
    for cell in made["cells"]:
        cell["source"] = sources.get(task_of(cell), cell["source"])
        cells.append(cell)
        if task_of(cell) == "setup":
            cells.append(code(PRELUDE.format(where=where), "prelude"))
            if attack.before:
                cells.append(code(attack.before, "before"))
    cells.append(code("print(*SAID, sep='\\n')", "said"))
    if attack.after:
        cells.append(code(attack.after, "after"))
    made["cells"] = cells
    if attack.edit:
        attack.edit(made)
    content = json.dumps(made, indent=1).encode()
    return attack.raw(content) if attack.raw else content


def honest(released: dict, answers: Mapping[str, str] | None = None) -> bytes:
    """Write the notebook of the student who comes next: Ada's, 18 points by checks."""
    made = copy.deepcopy(released)
    for cell in made["cells"]:
        own = answer(Ada, task_of(cell)) if task_of(cell) else None
        cell["source"] = own or cell["source"]
    return json.dumps(made).encode()
