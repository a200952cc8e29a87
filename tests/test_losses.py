"""Losses against torch.nn.functional, their gradients against autograd."""

import numpy as np
import pytest
import torch
from oracle import KINDS, B, T, assert_close, complains, draw, draw_mask, to
from torch.nn import functional as F

from course_pkg import losses

V = 7
LOGITS = 3 * draw(0, T, B, V)
IDS = np.random.default_rng(1).integers(0, V, (T, B))
HALVES = np.random.default_rng(2).random((T, B, V))
MASKS = ("none", "ragged", "holes")


def cross_entropy(logits, y):
    return F.cross_entropy(logits.movedim(-1, 1), y, reduction="none")


def binary_cross_entropy(logits, y):
    return F.binary_cross_entropy_with_logits(logits, y, reduction="none").sum(-1)


def squared_error(y_hat, y):
    return F.mse_loss(y_hat, y, reduction="none").sum(-1) / 2


CASES = [(cross_entropy, IDS), (binary_cross_entropy, HALVES), (squared_error, HALVES)]


def judge(per_position, y_hat, y, mask):
    """Average torch's losses (T, B) over the true positions; value and gradient."""
    y_hat = torch.tensor(y_hat, requires_grad=True)
    m = np.ones((T, B, 1)) if mask is None else mask
    true = torch.tensor(m[..., 0] == 1)
    loss = per_position(y_hat, torch.tensor(y))[true].mean()
    loss.backward()
    return loss, y_hat.grad


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize(("per_position", "y"), CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_value_and_gradient_are_torchs(kind, per_position, y, mask):
    loss = getattr(losses, per_position.__name__)
    grad = getattr(losses, per_position.__name__ + "_grad")
    mask = draw_mask(mask)
    args = to(kind, (LOGITS, y, mask))
    assert_close((loss(*args), grad(*args)), judge(per_position, LOGITS, y, mask))


@pytest.mark.parametrize("size", [1000.0, -1000.0])
@pytest.mark.parametrize(("per_position", "y"), CASES)
def test_logits_of_a_thousand_stay_finite(per_position, y, size):
    loss = getattr(losses, per_position.__name__)
    grad = getattr(losses, per_position.__name__ + "_grad")
    logits = LOGITS + size * np.eye(V)[IDS]
    with np.errstate(all="raise", under="ignore"):
        got = loss(logits, y), grad(logits, y)
    assert all(np.isfinite(x).all() for x in got)
    assert_close(got, judge(per_position, logits, y, None))


@pytest.mark.parametrize(("per_position", "y"), CASES)
def test_what_lies_on_padding_does_not_matter(per_position, y):
    loss = getattr(losses, per_position.__name__)
    grad = getattr(losses, per_position.__name__ + "_grad")
    mask = draw_mask("ragged")
    other = np.where(mask == 1, LOGITS, 1e3)
    y_other = y.copy()
    y_other[mask[..., 0] == 0] = 0
    assert_close(loss(other, y_other, mask), loss(LOGITS, y, mask))
    assert_close(grad(other, y_other, mask), grad(LOGITS, y, mask))


@pytest.mark.parametrize(("per_position", "y"), CASES)
def test_nothing_is_made_on_another_device(per_position, y):
    for suffix in ("", "_grad"):
        f = getattr(losses, per_position.__name__ + suffix)
        got = f(torch.tensor(LOGITS, device="meta"), torch.tensor(y, device="meta"))
        assert got.device.type == "meta"


def test_float32_stays_float32():
    logits, mask = LOGITS.astype("float32"), draw_mask("holes").astype("float32")
    for per_position, y in CASES:
        y = y if y.dtype.kind == "i" else y.astype("float32")
        for suffix in ("", "_grad"):
            got = getattr(losses, per_position.__name__ + suffix)(logits, y, mask)
            assert got.dtype == np.float32


@pytest.mark.parametrize("suffix", ["", "_grad"])
@pytest.mark.parametrize(
    ("name", "y", "mask", "message"),
    [
        (
            "cross_entropy",
            (T, B, V),
            None,
            "y: expected (T, B) = (6, 4), got (6, 4, 7)",
        ),
        ("cross_entropy", (B, T), None, "y: expected (T, B) = (6, 4), got (4, 6)"),
        (
            "cross_entropy",
            (T, B),
            np.ones((T, B)),
            "mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)",
        ),
        (
            "cross_entropy",
            (T, B),
            np.zeros((T, B, 1)),
            "mask: expected at least one true position, got none",
        ),
        (
            "binary_cross_entropy",
            (T, B),
            None,
            "y: expected (T, B, K) = (6, 4, 7), got (6, 4)",
        ),
        (
            "squared_error",
            (T, B, 1),
            None,
            "y: expected (T, B, K) = (6, 4, 7), got (6, 4, 1)",
        ),
    ],
)
def test_what_does_not_fit_is_named(name, suffix, y, mask, message):
    with complains(message):
        getattr(losses, name + suffix)(LOGITS, np.zeros(y, int), mask)


@pytest.mark.parametrize("suffix", ["", "_grad"])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "squared_error"])
def test_masks_that_do_not_fit_are_named_by_each(name, suffix):
    f = getattr(losses, name + suffix)
    with complains("mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)"):
        f(LOGITS, LOGITS, np.ones((T, B)))
    with complains("mask: expected at least one true position, got none"):
        f(LOGITS, LOGITS, np.zeros((T, B, 1)))
