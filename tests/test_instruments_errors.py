"""Instruments name what does not fit, where another shape could be folded to fit."""

import numpy as np
import pytest
from oracle import B, H, I, T, complains, draw, draw_params

from course_pkg import bptt, gradients, lags, spectra
from course_pkg.cells import elman

PARAMS, X, H0 = draw_params(0), draw(1, T, B, I), draw(2, B, H)
W_HH, DHS = PARAMS["weight_hh"], draw(3, T, B, H)
_, LAST, TAPE = bptt.forward(elman, PARAMS, X, H0)
BY_DHS = {
    "scan_grad": lambda d, m: bptt.scan_grad(elman, d, LAST, TAPE, W_HH, m),
    "contributions": lambda d, m: gradients.contributions(elman, d, TAPE, W_HH, m),
    "messages": lambda d, m: list(lags.messages(elman, d, LAST, TAPE, W_HH, m)),
    "norms_by_lag": lambda d, m: lags.norms_by_lag(elman, d, LAST, TAPE, W_HH, m),
    "weight_grads_by_lag": lambda d, m: list(
        lags.weight_grads_by_lag(elman, PARAMS, X, d, LAST, TAPE, m)
    ),
}
BY_MASK = {name: lambda m, f=f: f(DHS, m) for name, f in BY_DHS.items()} | {
    "scan": lambda m: bptt.scan(elman, DHS, H0, W_HH, None, m),
    "jacobians": lambda m: spectra.jacobians(elman, LAST, TAPE, W_HH, m),
}


@pytest.mark.parametrize("shape", [(B, T, H), (T * B, 1, H), (T, B, I), (T - 1, B, H)])
@pytest.mark.parametrize("name", BY_DHS)
def test_gradients_of_another_shape_are_named(name, shape):
    """Batch first has as many numbers, and they would land at other steps."""
    with complains(f"dhs: expected (T, B, H) = (6, 4, 5), got {shape}"):
        BY_DHS[name](np.ones(shape), None)


@pytest.mark.parametrize("shape", [(B, T, 1), (T, B), (1, T * B, 1), (T, 1, 1)])
@pytest.mark.parametrize("name", BY_MASK)
def test_masks_of_another_shape_are_named(name, shape):
    with complains(f"mask: expected (T, B, 1) = (6, 4, 1), got {shape}"):
        BY_MASK[name](np.ones(shape))


@pytest.mark.parametrize("name", BY_MASK)
def test_what_fits_is_taken(name):
    BY_MASK[name](np.ones((T, B, 1)))


def test_a_state_that_does_not_fit_is_named():
    message = "{}: expected (B, H) = (4, 5), got (4, 3)"
    wrong = np.ones((B, I))
    with complains(message.format("state")):
        bptt.scan(elman, DHS, wrong, W_HH)
    with complains(message.format("state")):
        spectra.jacobian(elman, PARAMS, wrong, X[0])
    with complains(message.format("d_state")):
        bptt.scan_grad(elman, DHS, wrong, TAPE, W_HH)
