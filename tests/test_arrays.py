"""NumPy and PyTorch give the same through `arrays`, and the same as torch's own."""

import numpy as np
import pytest
import torch
from oracle import KINDS, assert_close, complains, draw, to
from torch.nn import functional as F

from course_pkg import arrays

X = 3 * draw(0, 4, 2, 5)


def test_namespace_is_the_module_that_takes_the_array():
    assert arrays.namespace(X) is np
    assert arrays.namespace(torch.tensor(X)) is torch


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (arrays.log_softmax, lambda x: F.log_softmax(x, -1)),
        (arrays.log_sum_exp, lambda x: x.logsumexp(-1, keepdim=True)),
        (arrays.sigmoid, torch.sigmoid),
        (arrays.reverse, lambda x: x.flip(0)),
        (arrays.row_max, lambda x: x.max(-1, keepdim=True).values),
    ],
)
def test_functions_are_torchs(kind, ours, theirs):
    assert_close(ours(to(kind, X)), theirs(torch.tensor(X)))


@pytest.mark.parametrize("kind", KINDS)
def test_linear_is_torchs_with_and_without_bias(kind):
    W, b = draw(1, 3, 5), draw(2, 3)
    for bias in (b, None):
        want = F.linear(*to("torch", (X, W, bias)))
        assert_close(arrays.linear(*to(kind, (X, W, bias))), want)


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_numbers_stay_finite(kind):
    x = to(kind, np.array([[-1000.0, 0.0, 1000.0]]))
    assert_close(arrays.log_softmax(x), np.array([[-2000.0, -1000.0, 0.0]]))
    assert_close(arrays.sigmoid(x), np.array([[0.0, 0.5, 1.0]]))


@pytest.mark.parametrize("kind", KINDS)
def test_log_sum_exp_of_nothing_but_zeros_is_minus_infinity(kind):
    x = np.array([[-np.inf, -np.inf], [-np.inf, 2000.0]])
    assert_close(arrays.log_sum_exp(to(kind, x)), np.array([[-np.inf], [2000.0]]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_take_dtype_and_kind_from_like(kind, dtype):
    like = to(kind, np.zeros(1, dtype))
    got = arrays.steps(4, like)
    assert_close(got, np.array([0.0, 1.0, 2.0, 3.0]), tol=0)
    assert (type(got), got.dtype) == (type(like), like.dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_one_hot_takes_dtype_and_kind_from_like(kind):
    ids, like = to(kind, (np.array([[2, 0], [1, 2]]), np.zeros(1, "float32")))
    got = arrays.one_hot(ids, 3, like)
    assert_close(got, np.eye(3)[[[2, 0], [1, 2]]], tol=0)
    assert got.dtype == like.dtype
    assert type(got) is type(like)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dtype", "want"),
    [("float16", True), ("float64", True), ("int64", False), ("complex64", False)],
)
def test_is_float(kind, dtype, want):
    assert arrays.is_float(to(kind, np.zeros(2, dtype))) is want


def test_to_numpy_cuts_the_graph():
    x = torch.tensor(X, requires_grad=True)
    got = arrays.to_numpy(2 * x)
    assert type(got) is np.ndarray
    assert_close(got, 2 * X, tol=0)


def test_expect_shape_names_what_came():
    arrays.expect_shape("mask", X, "T B V", 4, 2, 5)
    with complains("mask: expected (T, B, 1) = (4, 2, 1), got (4, 2, 5)"):
        arrays.expect_shape("mask", X, "T B 1", 4, 2, 1)


def test_expect_names_what_came():
    arrays.expect(True, "eps", "eps > 0", 1)
    with complains("eps: expected eps > 0, got -1"):
        arrays.expect(False, "eps", "eps > 0", -1)


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_come_apart_and_together(kind):
    x = to(kind, draw(0, 2, 12))
    parts = arrays.blocks(x, 3)
    assert_close(
        parts, to(kind, tuple(draw(0, 2, 12)[:, k : k + 4] for k in (0, 4, 8)))
    )
    assert_close(arrays.join(*parts), x, tol=0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", KINDS)
def test_eye_is_of_the_kind_and_dtype_it_is_shown(kind, dtype):
    like = to(kind, np.zeros(2, dtype))
    got = arrays.eye(3, like)
    assert got.dtype == like.dtype
    assert type(got) is type(like)
    assert_close(got, np.eye(3), tol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_one_hot_refuses_ids_that_are_none(kind):
    """-1 would count from the end, and a label that means "nothing" become a class."""
    like = to(kind, np.zeros(1))
    for ids, message in (
        ([[2, -1]], "ids: expected 0..V-1 = 0..2, got -1..2"),
        ([[3, 0]], "ids: expected 0..V-1 = 0..2, got 0..3"),
    ):
        with complains(message):
            arrays.one_hot(to(kind, np.array(ids)), 3, like)
    with pytest.raises(ValueError, match=r"^ids: expected integers, got \S*float64$"):
        arrays.one_hot(to(kind, np.zeros(2)), 3, like)
    assert arrays.one_hot(to(kind, np.zeros((0, 2), int)), 3, like).shape == (0, 2, 3)
