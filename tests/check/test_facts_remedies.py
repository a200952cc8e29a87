"""Orthogonal matrices are judged by what is true of them, and of how they are drawn."""

import numpy as np
import pytest
from answers_remedies import REFERENCE
from asking import report

from course_pkg.check.cases import remedies_facts as facts
from course_pkg.check.cases.remedies_draws import weight

right = REFERENCE["orthogonal"]
ONE = weight(np.random.default_rng(0))
MANY = weight(np.random.default_rng(0), many=True)
ODD = {
    "nothing": lambda W: None,
    "a number": lambda W: 1.0,
    "a text": lambda W: "W",
    "a list": lambda W: W.tolist(),
    "transposed blocks": lambda W: W[:-1],
    "complex": lambda W: 1j * W,
    "whole": lambda W: W.astype(int),
    "NaN": lambda W: np.nan * W,
    "beyond": lambda W: 1e200 * W,
    "zeros": lambda W: 0 * W,
    "ones": np.ones_like,
}


def drawn(inputs, rng=0):
    return right(inputs["weight"], np.random.default_rng(rng), inputs.get("gain", 1.0))


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_orthogonal_matrix_earns_nothing(name):
    found = report(
        "orthogonal", lambda W, rng, gain=1.0: ODD[name](right(W, rng, gain)), 1,
        "remedies",
    )  # fmt: skip
    assert found.points == 0
    assert name in ("zeros", "ones") or not found.misconceptions


@pytest.mark.parametrize("value", [None, 3.0, [], "four", [None] * 4, [1.0] * 5])
def test_evidence_that_no_probe_returns_is_judged(value):
    assert not all(facts.drawn_with_rng(ONE, value).values())
    assert not all(facts.blocks_orthogonal(ONE, value).values())


@pytest.mark.parametrize(("error", "ok"), [(0, True), (1e-6, True), (1e-2, False)])
def test_rounding_is_forgiven_and_no_more(error, ok):
    W = drawn(MANY) + error * MANY["weight"]
    assert all(facts.blocks_orthogonal(MANY, W).values()) == ok
    assert all(facts.blocks_orthogonal(MANY, W.astype(np.float32)).values()) == ok


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_widths_of_numbers_are_judged(dtype):
    found = facts.blocks_orthogonal(MANY, drawn(MANY).astype(dtype))
    assert all(found.values()) == (dtype is np.longdouble)


def test_blocks_that_are_equal_are_no_draws_of_their_own():
    W, H = drawn(MANY), MANY["weight"].shape[1]
    W[-H:] = W[:H]
    found = facts.blocks_orthogonal(MANY, W)
    assert [fact for fact, true in found.items() if not true] == [
        "every block is a draw of its own"
    ]


def test_a_changed_argument_is_told():
    def answer(W, rng, gain=1.0):
        new = right(W, rng, gain)
        W[0] = 0
        return new

    found = report("orthogonal", answer, word="remedies")
    assert found.points == 1.5
    assert "Not so: the argument is as it was." in found.message()
