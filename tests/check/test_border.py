"""Ask in one process, judge in another: nothing in a check needs both in one place."""

import inspect
from itertools import pairwise

import numpy as np
import pytest
import right_losses
import right_scan
import right_weights
from asking import REFERENCE, RIGHT, report
from crossing import ask_elsewhere, pack, unpack

from course_pkg.check.probes import bptt as probes
from course_pkg.check.run import _cases, conclude, plan

SEED = 20  # a grader's, not the public one
HEAD = """
import math
import numpy as np
import torch
import torch.nn.functional as F
from course_pkg.cells.elman import Tape
# What an answer might try where the comparison shares its process:
np.allclose = np.isclose = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
import course_pkg.check.judge, course_pkg.check.compare, course_pkg.check.run
course_pkg.check.judge.judge = lambda *a: course_pkg.check.judge.Verdict(True)
course_pkg.check.judge.differences = lambda *a: []
course_pkg.check.compare.differences = lambda *a: []
course_pkg.check.run.conclude = None
"""
WRONG = """
def lazy(logits, y, mask):
    return 1.0

def leaving(d_state, tape):
    raise SystemExit

def without_mask(cell, dhs, d_state, tape, W_hh, mask=None):
    return RIGHT_SCAN(cell, dhs, d_state, tape, W_hh)
"""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    """Ask two answers to every task, and three wrong ones, in one other process."""
    right = [(task, f) for task, answers in RIGHT.items() for f in answers[:2]]
    wrong = [("cross_entropy", "lazy"), ("step_grad", "leaving")]
    wrong.append(("scan_grad", "without_mask"))
    modules = (right_losses, right_scan, right_weights)
    bodies = [inspect.getsource(module) for module in modules]
    source = HEAD + "\n".join(bodies) + "\nRIGHT_SCAN = back_in_loops\n" + WRONG
    asked = [*((task, f.__name__) for task, f in right), *wrong]
    plans = [(name, plan(f"bptt.{task}", SEED)) for task, name in asked]
    folder = tmp_path_factory.mktemp("border")
    evidence, modules = ask_elsewhere(folder, source, plans)
    reports = {
        name: conclude(f"bptt.{task}", questions, found)
        for (task, _), (name, questions), found in zip(
            asked, plans, evidence, strict=True
        )
    }
    return reports, modules


def test_right_answers_get_full_marks_across_the_border(crossed):
    reports, _ = crossed
    names = [f.__name__ for answers in RIGHT.values() for f in answers[:2]]
    assert len(names) == 14
    for name in names:
        assert reports[name].points == reports[name].task.points, name


def test_comparison_is_out_of_a_students_reach(crossed):
    reports, _ = crossed
    assert reports["lazy"].points == 0
    assert reports["leaving"].points == 0
    assert "raised a SystemExit" in reports["leaving"].message()


def test_a_misconception_is_named_across_the_border(crossed):
    found = crossed[0]["without_mask"]
    assert found.points == 3.0
    assert found.misconceptions == ["the mask is not used"]


def test_cases_and_misconceptions_do_not_cross(crossed):
    """Nor does a module with a reference, but for the one that defines the tape."""
    modules = set(crossed[1])
    assert "course_pkg.check.probes.bptt" in modules
    assert not modules & {f"course_pkg.{m}" for m in ("bptt", "losses", "gradients")}
    rooms = {name.split(".")[2] for name in modules if name.count(".") > 1}
    assert not rooms & {"cases", "misconceptions"}


@pytest.mark.parametrize("task", REFERENCE)
def test_a_sandbox_finds_every_probe_by_its_name(task):
    for case in _cases(f"bptt.{task}"):
        assert getattr(probes, case.probe.__name__) is case.probe


@pytest.mark.parametrize("task", REFERENCE)
def test_inputs_survive_the_crossing(task):
    for _, inputs in plan(f"bptt.{task}"):
        np.testing.assert_equal(unpack(pack(inputs)), listed(inputs))


def listed(x):
    """Turn tuples into lists, as JSON does."""
    if isinstance(x, dict):
        return {name: listed(part) for name, part in x.items()}
    return [listed(part) for part in x] if isinstance(x, (tuple, list)) else x


def test_a_seed_is_a_draw():
    """The same seed gives the same inputs, another seed others; cases differ too."""
    drawn = [plan("bptt.scan_grad", seed) for seed in (5, 5, 6, None)]
    first = [pack([inputs for _, inputs in questions]) for questions in drawn]
    assert first[0] == first[1]
    assert len(set(first)) == 3
    own = [pack(inputs) for _, inputs in drawn[0]]
    assert all(a != b for a, b in pairwise(sorted(own)))


SHAPED = {
    "cross_entropy": "logits",
    "cross_entropy_grad": "logits",
    "step_grad": "d_state",
    "scan_grad": "dhs",
    "weight_grads": "x",
    "finite_difference": "x",
    "contributions": "dhs",
}


@pytest.mark.parametrize(("task", "name"), SHAPED.items())
@pytest.mark.parametrize("seed", range(4))
def test_draws_catch_what_equal_sizes_and_zeros_would_hide(task, name, seed):
    for case, inputs in plan(f"bptt.{task}", seed):
        sizes = inputs[name].shape
        assert len(set(sizes)) == len(sizes)
        if "params" in inputs:
            H, I = inputs["params"]["weight_ih"].shape  # noqa: E741
            assert len({H, I, *sizes}) == 4
        if "h_prev" in inputs:
            assert (inputs["h_prev"][0] != 0).all()
        if case.name == "a ragged batch":
            lengths = inputs["mask"].sum(0)
            assert lengths.min() == 1
            assert lengths.max() == len(inputs["mask"])


def test_evidence_of_one_answer_is_worth_nothing_for_another_seed():
    """Stored results of the public draws are no help on secret ones."""
    stored = []

    def record(d_state, tape):
        stored.append(REFERENCE["step_grad"](d_state, tape))
        return stored[-1]

    assert report("step_grad", record).points == 3
    replay = iter(stored)
    assert report("step_grad", lambda *args: next(replay), seed=SEED).points == 0
