"""Ways in which a notebook gets damaged between a student's desk and the inbox.

Each is a function of a `Damaged` submission and a random source. It says in ``said``
words that the report must use for it, and in ``lost`` the answers that it destroyed.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .sample_class import CLASS, RELEASED

RELEASE = json.loads(RELEASED.read_text("utf8"))
STUDENTS = (
    "ada",
    "boris",
    "chen",
    "dora",
    "emil",
    "fatima",
    "gus",
    "hana",
    "ivan",
    "jo",
)
WRITTEN = "why_sum"
SPARE = "def {}(*anything):\n    half = 'an older version'\n    return half"


def marks(cell: dict) -> dict:
    """Return nbgrader's metadata of a cell, {} if it has none."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def source(cell: dict) -> str:
    """Return a cell's text, whatever form it has."""
    text = cell.get("source", cell.get("input", ""))
    return text if isinstance(text, str) else "".join(text)


ANSWERS = [c["id"] for c in RELEASE["cells"] if marks(c).get("solution")]
LOCKED = [c["id"] for c in RELEASE["cells"] if marks(c).get("locked")]
FREE = [c["id"] for c in RELEASE["cells"] if not marks(c)]


@dataclass
class Damaged:
    """A submission on its way; ``key`` of a cell is what it was, never written out.

    lost: destroyed on purpose. vague: still there, but nobody could say for what.
    busy: answers that were damaged already, so that two damages do not meet in one.
    older: answers of which there is an older version. stirred: whether cells lie
    elsewhere ("order") or between others than before ("place").
    """

    notebook: dict
    cells: list[dict]
    lost: set[str] = field(default_factory=set)
    vague: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    older: set[str] = field(default_factory=set)
    stirred: str = ""
    said: list[str] = field(default_factory=list)
    wraps: list[Callable[[bytes], bytes]] = field(default_factory=list)
    fresh: int = 0

    def pick(self, chance: random.Random, keys: list[str]) -> dict | None:
        """Choose a cell that nothing has touched yet."""
        fit = [c for c in self.cells if c["key"] in keys and c["key"] not in self.busy]
        if not fit:
            return None
        cell = chance.choice(fit)
        self.busy.add(cell["key"])
        return cell

    def at(self, cell: dict) -> int:
        """Return a cell's place."""
        return next(n for n, c in enumerate(self.cells) if c is cell)

    def name(self) -> str:
        """Return an id that no cell has."""
        self.fresh += 1
        return f"fresh-{self.fresh}"

    def settle(self) -> "Damaged":
        """Decide what nobody can know: a written answer without name, id or place."""
        cell = next((c for c in self.cells if c["key"] == WRITTEN), None)
        known = cell and WRITTEN in (marks(cell).get("grade_id"), cell.get("id"))
        if self.stirred and not known:
            self.vague.add(WRITTEN)
        if self.stirred == "order":
            self.lost |= self.older
        if WRITTEN in self.older and cell and cell.get("id") != WRITTEN:
            self.vague.add(WRITTEN)
        return self

    def content(self) -> bytes:
        """Return the file."""
        cells = [{k: v for k, v in c.items() if k != "key"} for c in self.cells]
        notebook = {**self.notebook}
        if "worksheets" in notebook:
            notebook["worksheets"] = [{"cells": cells, "metadata": {}}]
        else:
            notebook["cells"] = cells
        text = json.dumps(notebook, indent=1, ensure_ascii=False)
        raw = text.encode("utf-8", "backslashreplace")
        for wrap in self.wraps:
            raw = wrap(raw)
        return raw


def submission(student: str) -> Damaged:
    """Return what a student handed in, undamaged."""
    path = CLASS / student / "bptt" / "bptt.ipynb"
    notebook = json.loads(path.read_text("utf8"))
    cells = notebook.pop("cells")
    for cell in cells:
        cell["key"] = cell["id"]
    return Damaged(notebook, cells)


def answers(student: str) -> dict[str, str]:
    """Return a student's answers by name."""
    return {
        c["key"]: source(c) for c in submission(student).cells if c["key"] in ANSWERS
    }


Chance = random.Random


def copied(it: Damaged, chance: Chance) -> None:
    """Ctrl-C, Ctrl-V: the copy has the marks and a new id, and lies anywhere."""
    cell = it.pick(chance, ANSWERS)
    if cell:
        twin = deepcopy(cell) | {"id": it.name()}
        it.cells.insert(chance.randrange(len(it.cells) + 1), twin)
        it.said.append("same answer")


def older_copy(it: Damaged, chance: Chance) -> None:
    """A copy kept as a reserve, before the last version."""
    cell = it.pick(chance, ANSWERS)
    if cell:
        old = SPARE.format(cell["key"]) if cell["key"] != WRITTEN else "An older one."
        twin = deepcopy(cell) | {"id": it.name(), "source": old}
        it.cells.insert(chance.randrange(it.at(cell) + 1), twin)
        it.older.add(cell["key"])
        empty = source(cell) == SOURCES[cell["key"]]
        if empty:  # then the older version is the only one
            it.lost.add(cell["key"])
        it.said.append("versions")


def empty_copy(it: Damaged, chance: Chance) -> None:
    """The released cell pasted in again, behind the answer."""
    cell = it.pick(chance, ANSWERS)
    if cell:
        twin = deepcopy(cell) | {"id": it.name(), "source": SOURCES[cell["key"]]}
        it.cells.insert(chance.randrange(it.at(cell) + 1, len(it.cells) + 1), twin)
        it.said.append("versions|same answer")


def split(it: Damaged, chance: Chance) -> None:
    """Cut at a line; the marks stay with the first piece, the second, or both."""
    cell = it.pick(chance, ANSWERS)
    if cell is None:
        return
    rows = source(cell).splitlines(keepends=True)
    if len(rows) < 2:
        return
    cut = chance.randrange(1, len(rows))
    while not "".join(rows[:cut]).strip() or not "".join(rows[cut:]).strip():
        cut = chance.randrange(1, len(rows))
    head, tail = deepcopy(cell), deepcopy(cell)
    head["source"], tail["source"] = "".join(rows[:cut]), rows[cut:]
    if chance.random() < 0.5 and not head["source"].endswith("\n\n"):
        head["source"] = head["source"].removesuffix("\n")
    who = chance.choice(["head", "tail", "both"])
    second, first = (tail, head) if who != "tail" else (head, tail)
    if "id" in first:
        second["id"] = it.name()
    if who != "both":
        second["metadata"] = {}
    at = it.at(cell)
    it.cells[at : at + 1] = [head, tail]
    it.said.append("pieces of a split cell")


def deleted(it: Damaged, chance: Chance) -> None:
    """A locked or free cell is gone."""
    cell = it.pick(chance, LOCKED + FREE)
    if cell:
        it.stirred = it.stirred or "place"
        it.cells.pop(it.at(cell))
        it.said.append(f"had been deleted: .*{cell['key']}")


def deleted_answer(it: Damaged, chance: Chance) -> None:
    """An answer is gone."""
    cell = it.pick(chance, ANSWERS)
    if cell:
        it.cells.pop(it.at(cell))
        it.lost.add(cell["key"])
        it.said.append(f"{cell['key']}: the answer's cell was deleted")


def retyped(it: Damaged, chance: Chance) -> None:
    """Esc M, Esc Y or Esc R at the wrong moment."""
    cell = it.pick(chance, ANSWERS + LOCKED + FREE)
    if cell:
        kinds = {"code", "markdown", "raw"} - {cell["cell_type"]}
        cell["cell_type"] = chance.choice(sorted(kinds))
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        it.stirred = it.stirred or "place"
        it.said.append(f"kind of cell.*{cell['key']}")


def moved(it: Damaged, chance: Chance) -> None:
    """One cell dragged elsewhere."""
    it.stirred = "order"
    old = chance.randrange(len(it.cells))
    new = chance.choice([n for n in range(len(it.cells)) if n != old])
    it.cells.insert(new, it.cells.pop(old))
    it.said.append("Moved back")


def shuffled(it: Damaged, chance: Chance) -> None:
    """All cells in another order."""
    it.stirred = "order"
    before = it.cells.copy()
    chance.shuffle(it.cells)
    if it.cells != before:
        it.said.append("Moved back")


def unmarked(it: Damaged, chance: Chance) -> None:
    """nbgrader's metadata gone from one cell, or all metadata from all."""
    everything = chance.random() < 0.5
    marked = [c for c in it.cells if marks(c)]
    for cell in marked if everything else [chance.choice(marked)] if marked else []:
        cell["metadata"] = chance.choice([{}, None, [], "gone", {"nbgrader": 3}])
        it.said.append("Marks of nbgrader")


def unnamed(it: Damaged, chance: Chance) -> None:
    """Cell ids gone, changed or all the same."""
    how = chance.choice(["gone", "new", "same", "odd"])
    for cell in it.cells:
        if how == "gone":
            cell.pop("id", None)
        elif how == "odd":
            cell["id"] = chance.choice([None, 7, "", "ä ö", "x" * 99, "\ud800", [1]])
        else:
            cell["id"] = it.name() if how == "new" else "same"
    it.said.append("Cell ids were missing or changed")


def misnamed(it: Damaged, chance: Chance) -> None:
    """Two answers have each other's marks, their ids being right."""
    pair = [c for c in it.cells if c["key"] in ANSWERS and marks(c) and c.get("id")]
    pair = [c for c in pair if c["key"] not in it.busy and c["id"] == c["key"]]
    if len(pair) < 2:
        return
    a, b = chance.sample(pair, 2)
    it.busy |= {a["key"], b["key"]}
    a["metadata"], b["metadata"] = b["metadata"], a["metadata"]
    it.said.append("Marks of nbgrader")


def same_name(it: Damaged, chance: Chance) -> None:
    """Every marked cell has the same name, the ids being right."""
    name = chance.choice(ANSWERS)
    if any(c.get("id") != c["key"] for c in it.cells):
        return
    for cell in it.cells:
        if marks(cell):
            cell["metadata"]["nbgrader"]["grade_id"] = name
    it.said.append("Marks of nbgrader")


def repriced(it: Damaged, chance: Chance) -> None:
    """Points and flags edited."""
    graded = [c for c in it.cells if "points" in marks(c)]
    for cell in graded:
        cell["metadata"]["nbgrader"]["points"] = chance.choice([100, -1, "many", None])
        it.said.append("Points were changed back")


def unlocked(it: Damaged, chance: Chance) -> None:
    """A locked cell's text edited."""
    cell = it.pick(chance, LOCKED)
    if cell:
        cell["source"] = source(cell) + chance.choice(
            ["\nx = 1", " # mine", "\n\npass"]
        )
        it.said.append(f"locked cell had been edited: .*{cell['key']}")


def check_above(it: Damaged, chance: Chance) -> None:
    """An answer dragged below its check."""
    cell = it.pick(chance, [name for name in ANSWERS if f"check-{name}" in LOCKED])
    check = cell and next(
        (c for c in it.cells if c["key"] == f"check-{cell['key']}"), None
    )
    if cell and check and it.at(cell) < it.at(check):
        it.cells.remove(cell)
        it.cells.insert(it.at(check) + 1, cell)
        it.said.append("Moved back")


def own_cells(it: Damaged, chance: Chance) -> None:
    """The student's own cells: no damage."""
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(it.cells) + 1)
        if at and it.cells[at - 1]["key"] == WRITTEN:
            continue  # there it would be taken for the answer
        text = chance.choice(
            ["x = 2", "## My notes", "print(scan)", "%timeit 1", "  y = 3"]
        )
        kind = "markdown" if text[0] == "#" else chance.choice(["code", "raw"])
        cell: dict[str, Any] = {"cell_type": kind, "id": it.name(), "metadata": {}}
        cell |= {"source": text, "key": "own"}
        if kind == "code":
            cell |= {"execution_count": 3, "outputs": []}
        it.cells.insert(at, cell)
    it.stirred = it.stirred or "place"


def merged(it: Damaged, chance: Chance) -> None:
    """Two neighbours made one: Shift-M."""
    pairs = [
        (a, b)
        for a, b in zip(it.cells, it.cells[1:], strict=False)
        if a["cell_type"] == b["cell_type"] == "code"
        and not {a["key"], b["key"]} & (it.busy | {"own"})
        and not (marks(a) and not marks(a).get("solution") and not marks(b))
    ]
    if pairs:
        a, b = chance.choice(pairs)
        it.busy |= {a["key"], b["key"]}
        it.vague |= {a["key"], b["key"]} & set(ANSWERS)
        it.stirred = it.stirred or "place"
        a["source"] = f"{source(a)}\n\n{source(b)}"
        it.cells.remove(b)
        it.said.append("deleted|merged|edited")


def windows(it: Damaged, chance: Chance) -> None:
    """Line ends of Windows inside the sources."""
    for cell in it.cells:
        cell["source"] = source(cell).replace("\n", "\r\n")
    it.said.append("Windows line ends")


def one_string(it: Damaged, chance: Chance) -> None:
    """Sources as one string, or as lines without their ends: both harmless."""
    for cell in it.cells:
        text = source(cell)
        lines = text.split("\n")
        bare = chance.random() < 0.5 and len(lines) > 1
        cell["source"] = lines if bare else text


def outputs(it: Damaged, chance: Chance) -> None:
    """Giant, broken and hostile outputs: dropped, as all outputs are."""
    for cell in it.cells:
        if cell["cell_type"] == "code" and chance.random() < 0.3:
            cell["outputs"] = chance.choice(
                [
                    [{"output_type": "stream", "name": "stdout", "text": "x" * 10**5}],
                    [{"output_type": "no such", "data": float("nan")}],
                    "not a list",
                    [[[[]]]],
                ]
            )


def conflict_marks(it: Damaged, chance: Chance) -> None:
    """A merge conflict left in an answer's text."""
    cell = it.pick(chance, [name for name in ANSWERS if name != WRITTEN])
    if cell:
        other = SPARE.format(cell["key"])
        text = f"<<<<<<< HEAD\n{source(cell)}\n=======\n{other}\n>>>>>>> theirs"
        cell["source"] = text
        it.said.append(f"conflict marks were in {cell['key']}")


def format_3(it: Damaged, chance: Chance) -> None:
    """The format of 2014."""
    if it.notebook.get("nbformat") == 3:
        return
    for cell in it.cells:
        cell.pop("id", None)
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
            cell |= {"language": "python", "prompt_number": 1, "collapsed": False}
    metadata = {"name": "bptt"}
    it.notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": metadata}
    it.notebook["worksheets"] = []
    it.said.append("format 3")


def odd_top(it: Damaged, chance: Chance) -> None:
    """Another kernel, another language, another number of the format."""
    how = chance.choice(["kernel", "language", "none", "minor", "major"])
    if how == "kernel":
        it.notebook["metadata"] = {
            "kernelspec": {"name": "ir\x1b[31m", "language": "R"}
        }
        it.said.append("The kernel was 'ir")
    elif how == "language":
        it.notebook["metadata"] = {"language_info": {"name": "julia"}}
        it.said.append("The language was 'julia'")
    elif how == "none":
        it.notebook["metadata"] = chance.choice([None, [], {}, "python"])
        it.said.append("The kernel was missing")
    elif how == "minor":
        it.notebook["nbformat_minor"] = chance.choice([0, 4, 99, -1, "5", None, 10**12])
        it.said.append("said it was of format")
    else:
        it.notebook["nbformat"] = chance.choice([2, 5, "4", None])
        it.said.append("said it was of format")


def earlier_book(it: Damaged, chance: Chance) -> None:
    """An earlier state of the notebook in front, in the same file or as a conflict."""
    old = deepcopy(it)
    for cell in old.cells:
        if cell["key"] in ANSWERS:
            cell["source"] = SOURCES[cell["key"]]
    old.wraps = []
    before, between = (
        old.content(),
        chance.choice([b"", b"\n", b"\n<<< and now: >>>\n"]),
    )
    conflict = chance.random() < 0.5
    it.said.append("merge conflict" if conflict else "2 notebooks")
    it.stirred = it.stirred or "place"

    def wrap(raw: bytes) -> bytes:
        if conflict:
            sides = [b"<<<<<<< HEAD", raw, b"=======", before, b">>>>>>> theirs"]
            return b"\n".join(sides)
        return before + between + raw

    it.wraps.insert(0, wrap)


def wrapped(it: Damaged, chance: Chance) -> None:
    """What mail programs, editors and archives do to a file."""
    wraps: dict[str, Callable[[bytes], bytes]] = {
        "byte order": lambda raw: b"\xef\xbb\xbf" + raw,
        "UTF-16": lambda raw: raw.decode().encode("utf-16"),
        "other text": lambda raw: raw + b"\n} and { greetings",
        "other  text|other text": lambda raw: b"From: me\n\n" + raw,
        "zip": zipped,
        "": lambda raw: raw.replace(b"\n", b"\r\n"),
    }
    said = chance.choice(list(wraps))
    if any(w.__name__ == "last" for w in it.wraps):
        return
    wrap = wraps[said]

    def last(raw: bytes) -> bytes:
        return wrap(raw)

    it.wraps.append(last)
    if said:
        it.said.append(said)


def cut_off(it: Damaged, chance: Chance) -> None:
    """A download that broke off in the last cell."""
    if not it.wraps and it.cells[-1]["key"] not in ANSWERS and len(it.cells) > 9:
        it.said.append("broken")
        it.wraps.append(lambda raw: raw[: raw.rindex(b"cell_type") - 3])


def zipped(raw: bytes) -> bytes:
    """Return an archive with the notebook and the litter of another system."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bptt/bptt.ipynb", raw)
        archive.writestr("__MACOSX/bptt/._bptt.ipynb", b"\0")
        archive.writestr("bptt/.ipynb_checkpoints/bptt-checkpoint.ipynb", b"{}")
    return buffer.getvalue()


SOURCES = {c["id"]: "".join(c["source"]) for c in RELEASE["cells"]}
HARMLESS = (own_cells, one_string, outputs)
# In the order in which they are applied: what needs whole cells comes first.
DAMAGES = (
    older_copy, empty_copy, copied, deleted, deleted_answer, unlocked, conflict_marks,
    own_cells, check_above, moved, shuffled, merged, retyped, misnamed, same_name,
    repriced, unmarked, unnamed, split, windows, one_string, outputs, odd_top,
    format_3, earlier_book, cut_off, wrapped,
)  # fmt: skip
