"""What is wrong whatever the task: shapes, dtypes, changed arguments, kept state."""

import numpy as np
import pytest
import torch
from asking import REFERENCE, report

SCAN, STEP, LOSS = (REFERENCE[t] for t in ("scan_grad", "step_grad", "cross_entropy"))
ARRAYS = ("cross_entropy_grad", "step_grad", "scan_grad", "contributions")


def change(result, f):
    """Apply f to every array of a result."""
    if isinstance(result, tuple):
        return tuple(change(x, f) for x in result)
    return f(result)


class Liar(np.ndarray):
    """An array that says it equals everything."""

    def __eq__(self, other):
        return True

    def __array_function__(self, *args):
        return True


class Agreeable(float):
    """A number that says it is close to everything."""

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


ODD = {
    "None": (lambda x: None, "got None; is there a `return`?"),
    "a generator": (lambda x: (row for row in x), "got a generator"),
    "a list": (lambda x: list(x), "np.stack makes one"),
    "text": (lambda x: "right", "got a str"),
    "objects": (lambda x: x.astype(object), "dtype object"),
    "integers": (lambda x: (10 * x).astype(int), "integers of shape"),
    "booleans": (lambda x: x > 0, "integers of shape"),
    "complex": (lambda x: x + 0j, "complex numbers of shape"),
    "NaN": (lambda x: x * np.nan, "are NaN or infinite"),
    "infinite": (lambda x: x / 0.0, "are NaN or infinite"),
    "float16": (lambda x: x.astype(np.float16), "entries are wrong"),
    "another order": (lambda x: x.swapaxes(0, 1), "axes in another order"),
    "one axis more": (lambda x: x[None], "got real numbers of shape (1, "),
    "empty": (lambda x: x[:0], "got real numbers of shape (0, "),
    "a number": (lambda x: float(x.sum()), "got real numbers of shape ()"),
    "a view of 10^12": (lambda x: np.broadcast_to(x[0, 0], (10**6, 10**6, 7)), "than"),
    "a tensor of 10^12": (lambda x: torch.zeros(1).expand(10**12), "1,000,000 numbers"),
    "no storage": (lambda x: torch.zeros(x.shape, device="meta"), "no array"),
    "a liar": (lambda x: np.zeros(x.shape).view(Liar), "got a Liar in place of"),
    "a matrix": (lambda x: np.asmatrix(x.reshape(len(x), -1)), "got a matrix in place"),
    "a masked array": (lambda x: np.ma.array(x), "in place of a plain NumPy array"),
    "a class": (lambda x: np.ndarray, "got a type"),
    "nested": (lambda x: [[[[[[[[x]]]]]]]], "more than 6 deep"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_result_is_wrong_with_a_clear_message(kind):
    f, said = ODD[kind]
    found = report(
        "cross_entropy_grad", lambda *a: f(REFERENCE["cross_entropy_grad"](*a))
    )
    assert found.points == 0
    assert said in found.message()
    if kind != "float16":  # whose numbers are the right ones, as far as they go
        assert found.misconceptions == []


NO_NUMBER = {
    "an integer": (lambda x: 3, "the int 3"),
    "a boolean": (lambda x: True, "the bool True"),
    "shape (1,)": (lambda x: np.array([x]), "of shape (1,)"),
    "complex": (lambda x: complex(x), "got a complex"),
    "complex array": (lambda x: np.array(x + 0j), "complex numbers of shape ()"),
    "agreeable": (lambda x: Agreeable(x + 1), "got an Agreeable"),
    "NaN": (lambda x: float("nan"), "got nan"),
    "huge": (lambda x: 10**5000, "more than 64 bits"),
}


@pytest.mark.parametrize("kind", NO_NUMBER)
def test_what_is_no_real_number_is_wrong(kind):
    f, said = NO_NUMBER[kind]
    found = report("cross_entropy", lambda *args: f(float(LOSS(*args))))
    assert found.points == 0
    assert said in found.message()


def test_a_tuple_of_another_length_is_wrong():
    found = report("step_grad", lambda d_state, tape: STEP(d_state, tape)[:2])
    assert found.points == 0
    assert "expected 3 results (dgi, dgh, d_state_prev), got a tuple of 2" in (
        found.message()
    )


def test_a_single_array_for_several_results_is_wrong():
    """The rows of an array do not stand for the parts of a tuple."""
    found = report("step_grad", lambda d_state, tape: np.stack(STEP(d_state, tape)))
    assert found.points == 0
    assert "got real numbers of shape (3, " in found.message()


def test_missing_and_foreign_keys_are_told():
    right = REFERENCE["weight_grads"]

    def answer(params, x, tape, dgi, dgh):
        grads, dx = right(params, x, tape, dgi, dgh)
        grads["W_ih"] = grads.pop("weight_ih")
        return grads, dx

    assert "grads: weight_ih is missing and W_ih is not asked for" in (
        report("weight_grads", answer).message()
    )


def lost(task, answer):
    """Return the names of the cases that an answer loses, and the report."""
    found = report(task, answer)
    return [r.case.name.split(":")[0] for r in found.results if not r.ok], found


def test_an_argument_that_is_changed_costs_the_tidy_case():
    def answer(cell, dhs, d_state, tape, W_hh, mask=None):
        found = SCAN(cell, dhs, d_state, tape, W_hh, mask)
        d_state += dhs[-1]
        return found

    names, found = lost("scan_grad", answer)
    assert names == ["tidy"]
    assert "changes its argument d_state." in found.message()


def test_a_parameter_that_is_changed_is_found_inside_its_dict():
    right = REFERENCE["weight_grads"]

    def answer(params, x, tape, dgi, dgh):
        found = right(params, x, tape, dgi, dgh)
        params["bias_hh"] = 0 * params["bias_hh"] if "bias_hh" in params else None
        return found

    names, found = lost("weight_grads", answer)
    assert "tidy" in names
    assert "changes its argument params." in found.message()


def test_state_kept_between_calls_costs_the_tidy_case():
    seen = set()

    def answer(d_state, tape):
        again = d_state.tobytes() in seen
        seen.add(d_state.tobytes())
        return change(STEP(d_state, tape), lambda x: x + again)

    names, found = lost("step_grad", answer)
    assert names == ["tidy"]
    assert "second call: dgi" in found.message()


def test_a_result_that_the_next_call_overwrites_costs_the_tidy_case():
    buffers = {}

    def answer(d_state, tape):
        out = buffers.setdefault(d_state.shape, np.zeros((3, *d_state.shape)))
        out[:] = STEP(d_state, tape)
        return tuple(out)

    names, _ = lost("step_grad", answer)
    assert names == ["tidy"]


def test_dependence_on_the_order_of_the_batch_costs_the_tidy_case():
    first_rows = set()

    def answer(d_state, tape):
        # Right while the batch begins as it did when first seen; a stand-in for
        # statistics over a batch that happen to agree.
        turned = float(d_state[-1, 0]) in first_rows
        first_rows.add(float(d_state[0, 0]))
        return change(STEP(d_state, tape), lambda x: x + turned)

    names, found = lost("step_grad", answer)
    assert names == ["tidy"]
    assert "batch in reverse order: dgi" in found.message()


def test_what_is_wrong_everywhere_earns_nothing_for_manners():
    for task in ARRAYS:
        found = report(
            task, lambda *a, t=task: change(REFERENCE[t](*a), lambda x: 0.0 * x)
        )
        assert found.points == 0
