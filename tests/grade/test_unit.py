"""The trusted side of a unit: what runs where, what crosses, what a cell is worth."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from nbformat import from_dict
from nbgrader.utils import determine_grade

from course_pkg.check.case import Problem
from course_pkg.check.run import plan
from course_pkg.grade.limits import Limits
from course_pkg.grade.trusted import questions
from course_pkg.grade.unit import Unit, grade_unit

from .grading import BPTT, SEEDS, cell, question, texts, tiny, unit, wrote
from .in_place import Box

RIGHT = "def f(x):\n    return 2 * x"
SECRET = SEEDS[1]


def graded(test: str, answer: str = RIGHT, points: float = 2.0, **more):
    """Grade the tiny release's one answer against a graded cell."""
    release = tiny(test, points, **more)
    return grade_unit(unit(release=release, f=answer), Box())


@pytest.fixture(scope="module")
def ada():
    box = Box()
    return grade_unit(unit(**wrote("ada")), box), box.sessions[0]


def test_a_right_notebook_gets_its_points(ada):
    outcome, _ = ada
    assert (outcome.result.status, outcome.result.score) == ("graded", 18)
    assert [q.points for q in outcome.result.questions][-1] is None
    assert (outcome.repairs, outcome.result.warnings) == ([], [])


def test_a_graded_cell_says_what_nbgrader_reads(ada):
    check = from_dict(cell(ada[0], "check-step_grad"))
    assert determine_grade(check) == (3, 3)
    shown, value = check.outputs
    assert set(shown.data) == {
        "text/plain", "text/html", "application/vnd.unrolled.check+json"
    }  # fmt: skip
    assert value.output_type == "execute_result"
    assert value.data == {"text/plain": "3.0"}
    assert value.execution_count == check.execution_count


def test_an_outcome_is_plain_data(ada):
    outcome, _ = ada
    again = pickle.loads(pickle.dumps(outcome))
    assert again == outcome
    assert json.loads(json.dumps(outcome.notebook)) == outcome.notebook
    assert type(outcome.notebook) is dict


def test_a_graded_cell_never_runs_inside(ada):
    _, session = ada
    ran = "\n".join(session.ran)
    assert "from course_pkg.check import check" in ran  # the locked set-up does
    assert 'check("' not in ran
    assert "progress(" not in ran


def test_the_questions_are_the_secret_seeds(ada):
    _, session = ada
    asked = {name: inputs for name, _, inputs in session.asked}
    assert set(asked) == {f"bptt.{t.name}" for t in BPTT.tasks if not t.manual}
    for name, crossed in asked.items():
        secret = [q.inputs for q in plan(name, SECRET)]
        np.testing.assert_equal([inputs for _, inputs in crossed], secret)
        public = [q.inputs for q in plan(name)]
        assert not any(same(a, b) for (_, a), b in zip(crossed, public, strict=True))


def same(a, b) -> bool:
    """Tell whether any array of two draws is the same."""
    arrays = [k for k, x in a.items() if isinstance(x, np.ndarray) and x.dtype == float]
    return any(np.array_equal(a[k], b[k]) for k in arrays if k != "mask" and a[k].any())


def numbers(x) -> list[np.ndarray]:
    """Return all arrays of plain data."""
    if isinstance(x, dict):
        return [a for part in x.values() for a in numbers(part)]
    if isinstance(x, (list, tuple)):
        return [a for part in x for a in numbers(part)]
    return [np.asarray(x)] if isinstance(x, (float, np.ndarray)) else []


def test_expected_values_do_not_cross(ada):
    """No array that goes in is among those that are expected back."""
    _, session = ada
    for name, _, crossed in session.asked:
        given = numbers([inputs for _, inputs in crossed])
        for q in questions(name, SECRET):
            for want in numbers(q.expected):
                told = any(
                    g.shape == want.shape and np.allclose(g, want) for g in given
                )
                assert not told or not want.any(), name


def test_only_names_and_inputs_cross(ada):
    _, session = ada
    for _, variable, crossed in session.asked:
        assert type(variable) is str
        for probe, inputs in crossed:
            assert type(probe) is str
            assert all(type(key) is str for key in inputs)


def test_progress_counts_what_was_checked_here(ada):
    last = cell(ada[0], "code-03")
    assert "bptt: 18 of 18 points so far, and 2 by hand" in texts(last)


def test_a_verdict_from_inside_is_worth_nothing():
    """A session's own check, display and score are a student's output, no more."""
    forged = """
def check(name, answer): return 4.0
class Lie(float): pass
scan_grad = lambda *a: {"points": 4.0, "ok": True}
import course_pkg.check.run as run
"""
    outcome = grade_unit(unit(**wrote("ada") | {"scan_grad": forged}), Box())
    assert question(outcome, "scan_grad").points == 0
    assert "expected 4 results" in question(outcome, "scan_grad").message
    assert outcome.result.score == 14


@pytest.mark.parametrize("kind", ["time", "crash", "memory"])
def test_a_limit_costs_its_question_only(kind):
    problem = Problem(kind, "met the limit of 7 s", stops=True)
    outcome = grade_unit(unit(**wrote("ada")), Box(scan_grad=problem))
    assert outcome.result.score == 14
    assert question(outcome, "scan_grad").points == 0
    message = question(outcome, "scan_grad").message
    assert "a loss at every step: Your function met the limit of 7 s." in message


def test_a_cell_that_meets_a_limit_is_named():
    box = Box()
    box.limits = {"while True": Problem("time", "ran longer than the limit of 3 s")}
    outcome = grade_unit(unit(**wrote("ada") | {"scan_grad": "while True: pass"}), box)
    assert outcome.result.score == 14
    said = question(outcome, "scan_grad").message
    assert said == "the answer's cell stops: ran longer than the limit of 3 s"
    assert outcome.result.warnings == ["scan_grad: ran longer than the limit of 3 s"]


def test_nothing_written_is_told_as_today():
    outcome = grade_unit(unit(), Box())
    assert outcome.result.score == 0
    told = [q.message for q in outcome.result.questions if "why" not in q.id]
    assert all(message.startswith("Not written yet.") for message in told)
    assert question(outcome, "why_sum").message == "no answer written"


def test_a_missing_answer_names_its_cells_error():
    outcome = grade_unit(unit(step_grad="step_grad = 1 /"), Box())
    assert question(outcome, "step_grad").message.startswith(
        "the answer's cell stops: SyntaxError"
    )


def test_what_is_no_function_is_a_wrong_answer():
    outcome = grade_unit(unit(step_grad="step_grad = 7"), Box())
    assert "is no function but an int" in question(outcome, "step_grad").message


@pytest.mark.parametrize(
    ("test", "points"),
    [
        ("np.testing.assert_allclose(f(np.ones(3)), 2 * np.ones(3))", 2),
        ("assert f(3) == 6\nassert f([1]) == [1, 1]", 2),
        ("assert f(3) == 7", 0),
        ("for n in range(3):\n    assert f(n) == 2 * n\n1.5", 1.5),
        ("def g(x):\n    return f(x) + 1\nassert g(1) == 3", 2),
        ("np.float64(f(1)) / 2", 1),
        ("f(1) == 3", 0),
        ("float('nan')", 0),
        ("-1.0", 0),
        ("2.5", 0),
        ("'2.0'", 0),
        ("np.array([1.0])", 0),
        ("print('seen'); import sys; print('no', file=sys.stderr)", 2),
        ("import warnings; warnings.warn('loud')", 2),
        ("raise SystemExit", 0),
        ("undefined", 0),
        ("f.secret", 0),
        ("f(lambda: 1)", 0),
    ],
)
def test_an_instructors_own_test_is_worth(test, points):
    outcome = graded(test)
    check = from_dict(cell(outcome, "check-f"))
    assert determine_grade(check) == (points, 2)
    assert question(outcome, "f").points == points


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("class Lie:\n    __eq__ = lambda a, b: True\nf = lambda x: Lie()", "a Lie"),
        ("f = lambda x: (lambda: 1)", "a function"),
        ("f = lambda x: 1 / 0", "your answer raised a ZeroDivisionError"),
        ("f = 6", "'int' object is not callable"),
        ("class A(np.ndarray): pass\nf = lambda x: np.ones(2).view(A)",
         "in place of a plain NumPy array"),
    ],
)  # fmt: skip
def test_only_plain_data_is_compared(answer, told):
    outcome = graded("assert f(3) == 6", answer)
    assert question(outcome, "f").points == 0
    assert told in question(outcome, "f").message


def test_an_unwritten_answer_in_an_instructors_test():
    release = tiny("assert f(1) == 2")
    outcome = grade_unit(unit(release=release), Box())
    assert question(outcome, "f").message == "not done yet"


def test_a_students_data_comes_over_as_data():
    outcome = graded(
        "assert (xs == [1, 2]).all() and k == 3",
        RIGHT + "\nxs = np.array([1, 2])\nk = 3",
    )
    assert question(outcome, "f").points == 2


def test_a_students_name_replaces_nothing_of_pythons():
    shadow = RIGHT + "\ndef abs(x): return 0\nnp = None"
    assert question(graded("assert abs(f(-1)) == 2", shadow), "f").points == 2
    kept = graded("assert np.pi > 3", shadow)
    assert question(kept, "f").points == 2


def test_a_students_answer_sees_copies_only():
    spoil = "def f(x):\n    x[:] = 0\n    return x"
    outcome = graded("x = np.ones(2); f(x); assert x.sum() == 2", spoil)
    assert question(outcome, "f").points == 2


def test_names_of_one_submission_are_gone_for_the_next():
    release = tiny("seen = globals().get('seen', 0) + 1\nassert seen == 1")
    for _ in range(2):
        assert grade_unit(unit(release=release), Box()).result.score == 2


def test_a_cell_that_claims_to_be_graded_runs_inside():
    """Points, sources and marks are the release's, whatever the notebook says."""
    release = tiny("assert f(1) == 2")
    notebook = json.loads(json.dumps(release.notebook))
    forged = json.loads(json.dumps(notebook["cells"][2]))
    forged["id"], forged["source"] = "forged", "import sys\nowned = 1"
    forged["metadata"]["nbgrader"]["grade_id"] = "check-g"
    forged["metadata"]["nbgrader"]["points"] = 1000
    notebook["cells"][2]["source"] = "2.0"
    notebook["cells"][2]["metadata"]["nbgrader"]["points"] = 1000
    notebook["cells"].append(forged)
    box = Box()
    content = json.dumps(notebook).encode()
    outcome = grade_unit(Unit("eve", content, release, 1), box)
    assert outcome.result.score == 0
    assert not any("assert f(1)" in source for source in box.sessions[0].ran)
    assert cell(outcome, "check-f")["source"] == "assert f(1) == 2"


def test_what_cannot_be_read_is_a_zero_for_a_person():
    outcome = grade_unit(Unit("kim", b"not a notebook", BPTT, 1), Box())
    assert (outcome.result.status, outcome.result.score) == ("unreadable", 0)
    assert outcome.notebook is None
    assert len(outcome.result.questions) == len(BPTT.tasks)


def test_the_key_says_what_determines_the_outcome():
    first = unit(**wrote("ada"))
    assert first.key == unit(**wrote("ada")).key
    other = tiny("1.0")
    changed = [
        unit(**wrote("boris")),
        unit(seed=1, **wrote("ada")),
        Unit("ada", first.content, other, SECRET),
    ]
    assert len({first.key, *(u.key for u in changed)}) == 4
    assert Unit("bo", first.content, BPTT, SECRET).key == first.key
    assert str(SECRET) not in repr(first)


def test_a_release_knows_its_version():
    assert tiny("1.0").version == tiny("1.0").version != tiny("1.5").version


def test_questions_are_drawn_once_and_stay_as_they_are(ada):
    name = "bptt.scan_grad"
    kept = questions(name, SECRET)
    assert questions(name, SECRET) is kept
    for q, fresh in zip(kept, plan(name, SECRET), strict=True):
        np.testing.assert_equal(q.inputs, fresh.inputs)
        np.testing.assert_equal(q.expected, fresh.expected)


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ("while f(1) != 2: pass", "f = lambda x: 3"),
        ("total = 0\nfor i in range(f(1)): total += i", "f = lambda x: 10**18"),
        ("sum(1 for i in range(f(1)))", "f = lambda x: 10**18"),
        ("try:\n    while True: f(1)\nexcept Exception: pass", "f = lambda x: 3"),
    ],
)
def test_a_test_that_an_answer_makes_endless_ends(test, answer):
    handed = unit(release=tiny(test), f=answer)
    outcome = grade_unit(replace(handed, limits=Limits(cell_seconds=0.2)), Box())
    assert question(outcome, "f").points == 0
    told = "the check ran longer than the limit of 0.2 s"
    assert question(outcome, "f").message == told


def test_a_loop_that_ends_is_as_it_was():
    test = """n, seen = 0, []
while n < 3:
    n += 1
    if n == 2: continue
else:
    seen.append("else")
for i, x in enumerate("ab"): seen.append((i, x))
assert (n, seen) == (3, ["else", (0, "a"), (1, "b")])
assert {k: v for k, v in zip("ab", [1, 2]) if v > 1} == {"b": 2}
assert sum(i * j for i in range(3) for j in range(i)) == 2"""
    assert question(graded(test), "f").points == 2


@pytest.mark.parametrize(
    "magic", ["%time f(1)", "!touch owned", "get_ipython().system"]
)
def test_no_magic_works_in_a_graded_cell(magic, tmp_path, monkeypatch):
    """Neither the release's own nor one that a notebook brings."""
    monkeypatch.chdir(tmp_path)
    assert question(graded(magic), "f").points == 0
    release = tiny("assert f(1) == 2")
    notebook = json.loads(json.dumps(release.notebook))
    notebook["cells"][0]["source"] = notebook["cells"][2]["source"] = magic
    notebook["cells"][1]["source"] = RIGHT
    content, box = json.dumps(notebook).encode(), Box()
    assert grade_unit(Unit("eve", content, release, 1), box).result.score == 2
    assert magic not in box.sessions[0].ran
    assert not list(tmp_path.iterdir())
