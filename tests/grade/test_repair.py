"""What repair does in the cases that a person would ask about, one by one."""

import json
from copy import deepcopy
from typing import Any

import pytest

from course_pkg.grade.fragments import MAX_CELLS, MAX_SOURCE
from course_pkg.grade.matching import MAX_JOINED
from course_pkg.grade.reading import Unreadable
from course_pkg.grade.repair import Repaired, repair

from .damages import RELEASE, SOURCES, Damaged, answers, submission


def mended(it: Damaged) -> Repaired:
    return repair(it.content(), RELEASE)


def source(repaired: Repaired, name: str) -> str:
    """Return the source of one cell by its id."""
    return next(c.source for c in repaired.notebook.cells if c.id == name)


def cell(it: Damaged, name: str) -> dict:
    return next(c for c in it.cells if c["key"] == name)


def own(text: str, kind: str = "code", **more: Any) -> dict:
    return {"cell_type": kind, "key": "own", "metadata": {}, "source": text, **more}


def insert(it: Damaged, *cells: dict, after: str) -> None:
    at = it.at(cell(it, after)) + 1
    it.cells[at:at] = cells


def test_an_answer_below_an_empty_cell_stays_where_it_works() -> None:
    it = submission("chen")
    insert(it, own("def contributions(*a): return 1", id="mine"), after="contributions")
    repaired = mended(it)
    assert repaired.notes == []
    ids = [c.id for c in repaired.notebook.cells]
    assert ids[ids.index("contributions") + 1] == "mine"


@pytest.mark.parametrize("after", ["check-contributions", "text-16", "text-01"])
def test_an_answer_where_it_does_not_work_is_put_in_its_place(after: str) -> None:
    it = submission("chen")
    insert(it, own("def contributions(*a): return 1", id="mine"), after=after)
    repaired = mended(it)
    assert source(repaired, "contributions") == "def contributions(*a): return 1"
    [note] = repaired.notes
    assert note.startswith("contributions: the answer was in cell ")
    assert "mine" not in [c.id for c in repaired.notebook.cells]


def test_an_answer_in_anothers_cell_moves_only_if_it_is_the_only_one() -> None:
    it = submission("chen")
    text = "def contributions(*a): return 1"
    cell(it, "finite_difference")["source"] = text
    repaired = mended(it)
    assert source(repaired, "contributions") == text
    assert source(repaired, "finite_difference") == SOURCES["finite_difference"]
    it = submission("ada")
    cell(it, "finite_difference")["source"] = text
    assert mended(it).notes == []
    assert source(mended(it), "finite_difference") == text


def test_a_merged_cell_answers_both_questions() -> None:
    it = submission("ada")
    both = answers("ada")["step_grad"] + "\n\n" + answers("ada")["scan_grad"]
    cell(it, "step_grad")["source"] = both
    it.cells.remove(cell(it, "scan_grad"))
    repaired = mended(it)
    assert source(repaired, "step_grad") == source(repaired, "scan_grad") == both
    assert repaired.notes == [
        "scan_grad: the answer was in the cell of step_grad, with which it was merged; "
        "put in its place."
    ]


def test_an_answer_merged_with_the_text_above_is_taken_out_of_it() -> None:
    it = submission("ada")
    cell(it, "text-09")["source"] = SOURCES["text-09"] + "\n\nMy reason."
    it.cells.remove(cell(it, "why_sum"))
    repaired = mended(it)
    assert source(repaired, "why_sum") == "My reason."
    assert source(repaired, "text-09") == SOURCES["text-09"]


def test_a_written_answer_below_its_empty_cell_is_taken() -> None:
    """Else nbgrader gives zero without asking a person."""
    it = submission("chen")
    insert(it, own("It is", "markdown"), own("a sum.", "markdown"), after="why_sum")
    repaired = mended(it)
    assert source(repaired, "why_sum").split() == ["It", "is", "a", "sum."]
    assert "why_sum: the answer was in cell" in repaired.notes[0]


@pytest.mark.parametrize("marked", ["head", "tail", "both"])
def test_a_written_answer_cut_in_two(marked: str) -> None:
    it = submission("ada")
    old = cell(it, "why_sum")
    head, tail = deepcopy(old), deepcopy(old)
    text = answers("ada")["why_sum"]
    cut = text.index(" changing")
    head["source"], tail["source"] = text[:cut], text[cut:]
    second = tail if marked != "tail" else head
    second["id"] = "new"
    if marked != "both":
        second["metadata"] = {}
    it.cells[it.at(old) : it.at(old) + 1] = [head, tail]
    assert source(mended(it), "why_sum").split() == text.split()


def test_paragraphs_cut_apart_are_joined_not_chosen_from() -> None:
    """JupyterLab's split leaves nbgrader's marks on both, and makes new ids."""
    it = submission("ada")
    old = cell(it, "why_sum")
    first = deepcopy(old) | {"source": "One reason.", "id": "a"}
    second = deepcopy(old) | {"source": "Another thought.", "id": "b"}
    it.cells[it.at(old) : it.at(old) + 1] = [first, second]
    assert source(mended(it), "why_sum") == "One reason.\nAnother thought."


def test_a_helper_goes_with_the_answer_that_needs_it() -> None:
    """Both were dragged to the end; the answer goes back and takes it along."""
    it = submission("ada")
    answer = cell(it, "scan_grad")
    it.cells.remove(answer)
    it.cells += [own("def helper(): pass", id="helper"), answer]
    ids = [c.id for c in mended(it).notebook.cells]
    assert ids.index("helper") == ids.index("scan_grad") - 1


def test_an_indented_cell_after_a_finished_answer_is_the_students_own() -> None:
    it = submission("ada")
    insert(it, own("    x = 3", id="mine"), after="step_grad")
    repaired = mended(it)
    assert repaired.notes == []
    assert source(repaired, "step_grad") == answers("ada")["step_grad"]


def test_what_a_student_may_edit_stays_edited() -> None:
    it = submission("ada")
    cell(it, "text-03")["source"] = "my notes"
    cell(it, "code-01")["source"] = "x = 1"
    repaired = mended(it)
    assert repaired.notes == []
    assert source(repaired, "text-03") == "my notes"
    assert source(repaired, "code-01") == "x = 1"


def test_a_copy_of_a_check_that_was_changed_stays_as_the_students_own() -> None:
    it = submission("ada")
    twin = deepcopy(cell(it, "check-step_grad")) | {"source": "check", "id": "mine"}
    insert(it, twin, after="check-step_grad")
    repaired = mended(it)
    assert source(repaired, "mine") == "check"
    assert source(repaired, "check-step_grad") == SOURCES["check-step_grad"]
    assert "names of other cells, removed" in repaired.notes[0]


def test_pictures_of_a_written_answer_are_kept_if_they_are_pictures() -> None:
    it = submission("ada")
    cell(it, "why_sum")["attachments"] = {
        "a.png": {"image/png": "AAAA", "image/gif": 3},
        "b.png": "no bundle",
    }
    made = mended(it).notebook.cells
    [answer] = [c for c in made if c.id == "why_sum"]
    assert answer.attachments == {"a.png": {"image/png": "AAAA"}}


def test_another_assignment_is_refused() -> None:
    """Its texts and its set-up have the same ids, so ids alone prove nothing."""
    it = submission("ada")
    for n, one in enumerate(it.cells):
        one["source"] = f"something else {n}"
        if one["key"] not in ("setup", "text-01"):
            one["id"], one["metadata"] = f"x-{n}", {}
    with pytest.raises(Unreadable, match="none of this assignment's questions"):
        mended(it)


def test_limits() -> None:
    it = submission("ada")
    cell(it, "step_grad")["source"] = "x" * (MAX_SOURCE + 1)
    assert any("characters were in step_grad" in note for note in mended(it).notes)
    it.cells += [own("x")] * MAX_CELLS
    with pytest.raises(Unreadable, match=f"more than {MAX_CELLS} cells"):
        mended(it)


def test_a_large_notebook_of_strange_cells_takes_no_long_time() -> None:
    """Two thousand copies, all of them claiming, defining and resembling everything."""
    it = submission("ada")
    lines = [line for text in SOURCES.values() for line in text.split("\n")]
    big = "\n".join(lines)
    old = cell(it, "scan_grad")
    it.cells = [deepcopy(old) | {"source": big, "id": str(n)} for n in range(900)]
    it.cells += [own(big, id=str(n)) for n in range(900)]
    assert len(mended(it).notebook.cells) >= len(SOURCES)


def test_many_cells_with_one_id_get_a_name_each() -> None:
    """Trying all names again for every cell took minutes for a full notebook."""
    it = submission("ada")
    it.cells += [own(f"x = {n}", id="twin") for n in range(MAX_CELLS - len(it.cells))]
    ids = [each.id for each in mended(it).notebook.cells]
    assert len(set(ids)) == len(ids) == MAX_CELLS


def test_pieces_without_end_are_not_joined() -> None:
    """Each join looks at all that was joined before: once more for every piece."""
    it = submission("ada")
    cell(it, "step_grad")["source"] = "def step_grad(d_state, tape):\n    a = 1"
    place = it.at(cell(it, "step_grad")) + 1
    piece = "    b = 2\n" * 300
    it.cells[place:place] = [own(piece, id=f"p{n}") for n in range(1500)]
    answer = source(mended(it), "step_grad")
    assert 2 * len(piece) < len(answer) <= MAX_JOINED


def test_the_release_may_be_plain_json_and_is_left_alone() -> None:
    before = json.dumps(RELEASE)
    made = mended(submission("ada")).notebook
    made.cells[1].metadata.nbgrader.points = 99
    assert json.dumps(RELEASE) == before


def test_half_a_character_is_replaced_and_told() -> None:
    it = submission("ada")
    cell(it, "step_grad")["source"] = "def step_grad(): return '\ud800'"
    repaired = mended(it)
    assert source(repaired, "step_grad") == "def step_grad(): return '?'"
    assert repaired.notes == ["Characters that are no text were replaced in step_grad."]


def test_versions_of_a_written_answer_are_chosen_from_not_joined() -> None:
    """The copy kept the id of the first, as no split does; what they say may differ."""
    it = submission("ada")
    old = cell(it, "why_sum")
    first = deepcopy(old) | {"source": "Weights are shared by all steps."}
    second = deepcopy(old) | {
        "source": "Another thought entirely: a product.",
        "id": "b",
    }
    it.cells[it.at(old) : it.at(old) + 1] = [first, second]
    repaired = mended(it)
    assert source(repaired, "why_sum") == second["source"]
    assert "2 versions of the answer" in repaired.notes[0]


def test_the_last_of_stray_answers_counts() -> None:
    it = submission("chen")
    first, second = (own(f"def contributions(*a): return {n}") for n in (1, 2))
    insert(it, first, after="text-01")
    insert(it, second, after="text-02")
    repaired = mended(it)
    assert source(repaired, "contributions") == second["source"]
    assert first["source"] in [c.source for c in repaired.notebook.cells]


def test_own_cells_of_an_earlier_notebook_in_the_file_are_kept_once() -> None:
    early, late = submission("ada"), submission("ada")
    insert(early, own("kept = 1", id="a"), own("gone = 2", id="b"), after="text-01")
    insert(late, own("kept = 1", id="a"), after="text-01")
    made = repair(early.content() + b"\n" + late.content(), RELEASE).notebook.cells
    assert [c.source for c in made].count("kept = 1") == 1
    assert [c.source for c in made].count("gone = 2") == 1


def test_odd_formats_and_kernels_are_told_in_what_can_be_printed() -> None:
    book = json.loads(submission("ada").content())
    book["nbformat_minor"] = 4
    book["metadata"]["kernelspec"]["name"] = "evil\x1b[2J\u202e" + "x" * 99
    notes = repair(json.dumps(book).encode(), RELEASE).notes
    assert notes[0] == "The notebook said it was of format 4.4; written as 4.5."
    assert notes[1].startswith("The kernel was 'evil?[2J?xxx")
    assert len(notes[1]) < 80


def test_a_name_that_several_released_cells_define_is_nobodys_sign() -> None:
    """Another answer with a helper of that name must not be taken for this one."""
    released = deepcopy(RELEASE)
    for one in released["cells"]:
        if one["id"] in ("step_grad", "scan_grad"):
            text = "".join(one["source"])
            one["source"] = f"{text}\n\ndef helper():\n    pass"
    it = submission("ada")
    whole = answers("ada")["scan_grad"] + "\n\ndef helper():\n    return 3"
    cell(it, "scan_grad")["source"] = whole
    it.cells.remove(cell(it, "step_grad"))
    repaired = repair(it.content(), released)
    assert source(repaired, "scan_grad") == whole
    assert source(repaired, "step_grad").endswith("def helper():\n    pass")
    assert "step_grad: the answer's cell was deleted" in repaired.notes[0]
