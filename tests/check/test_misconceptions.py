"""Every misconception loses the points it should and is called by its own name."""

from collections import Counter
from importlib import import_module

import numpy as np
import pytest
from asking import ANSWERS, GRADED, REFERENCE, report

CATALOGUES = {
    word: import_module(f"course_pkg.check.misconceptions.{word}").CATALOGUE
    for word in GRADED
}
TASKS = [(word, task) for word in GRADED for task in ANSWERS[word].REFERENCE]
CATALOGUE = CATALOGUES["bptt"]
ENTRIES = [
    pytest.param(word, task, wrong, id=f"{word}-{task}-{wrong.answer.__name__}")
    for word, catalogue in CATALOGUES.items()
    for task, entries in catalogue.items()
    for wrong in entries
]


@pytest.mark.parametrize(("word", "task"), TASKS)
def test_there_are_five_for_each_task(word, task):
    assert len({wrong.name for wrong in CATALOGUES[word][task]}) >= 5


@pytest.mark.parametrize("word", GRADED)
def test_variants_of_a_name_share_hint_and_score(word):
    for entries in CATALOGUES[word].values():
        kinds = {(wrong.name, wrong.hint, wrong.keeps) for wrong in entries}
        assert max(Counter(name for name, *_ in kinds).values()) == 1


@pytest.mark.parametrize("seed", [None, 11])
@pytest.mark.parametrize(("word", "task", "wrong"), ENTRIES)
def test_named_in_every_case_it_gets_wrong(word, task, wrong, seed):
    found = report(task, wrong.answer, seed, word)
    assert found.points == wrong.keeps < found.task.points
    named = {r.wrong.name if r.wrong else None for r in found.results if not r.ok}
    assert named == {wrong.name}
    assert wrong.hint in found.message()
    assert found.book in found.message()
    assert found.as_plain()["misconception"] == wrong.name


@pytest.mark.parametrize(("word", "task"), TASKS)
def test_a_right_answer_has_no_name(word, task):
    answer = ANSWERS[word].REFERENCE[task]
    assert report(task, answer, word=word).as_plain()["misconception"] is None


@pytest.mark.parametrize("task", REFERENCE)
def test_no_name_is_guessed(task):
    """Wrong in a way of its own: everything a little too large, or plain noise."""
    right = REFERENCE[task]

    def scaled(*args):
        return each(right(*args), lambda x: 1.003 * x)

    def noise(*args):
        rng = np.random.default_rng(len(args))
        return each(right(*args), lambda x: rng.standard_normal(np.shape(x))[()])

    for answer in (scaled, noise):
        found = report(task, answer)
        assert found.points == 0
        assert found.misconceptions == []
        assert "looks like" not in found.message()
        assert "Hint: " in found.message()


def each(result, f):
    """Apply f to every array of a result; zeros become ones, so that f shows."""
    if isinstance(result, dict):
        return {name: each(x, f) for name, x in result.items()}
    if isinstance(result, tuple):
        return tuple(each(x, f) for x in result)
    return f(result if np.any(result) else result + 1.0)


def test_two_misconceptions_at_once_are_both_named():
    """No mask, and the last state's gradient dropped: each shows in its own case."""
    right = REFERENCE["scan_grad"]

    def both(cell, dhs, d_state, tape, W_hh, mask=None):
        return right(cell, dhs, 0 * d_state, tape, W_hh)

    found = report("scan_grad", both)
    assert set(found.misconceptions) == {
        "the mask is not used",
        "the gradient of the last state is dropped",
    }


def test_two_slips_in_one_answer_are_both_named():
    """h_t for h_{t-1}, and a mean over the batch: each is seen in its own part."""
    right = REFERENCE["weight_grads"]

    def both(params, x, tape, dgi, dgh):
        grads, dx = right(params, x, tape, dgi, dgh)
        for name in params:
            if name.startswith("bias"):
                grads[name] = grads[name] / x.shape[1]
        late = right(params, x, tape._replace(h_prev=tape.h), dgi, dgh)[0]
        return grads | {"weight_hh": late["weight_hh"]}, dx

    names = report("weight_grads", both).misconceptions
    assert "h_t in place of h_{t-1} in the gradient of W_hh" in names
    assert any("bias" in name for name in names)


def test_a_misconception_in_float32_has_its_name():
    wrong = next(w for w in CATALOGUE["step_grad"] if w.answer.__name__ == "at_h_prev")

    def answer(d_state, tape):
        return tuple(x.astype(np.float32) for x in wrong.answer(d_state, tape))

    assert report("step_grad", answer).misconceptions == [wrong.name]
