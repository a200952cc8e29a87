"""bptt names what does not fit: the argument, what was expected, what came."""

import numpy as np
import pytest
from oracle import B, H, I, T, complains, draw, draw_params

from course_pkg import bptt
from course_pkg.cells import elman, lstm
from course_pkg.cells.gru_before import ResetBefore
from course_pkg.cells.jordan import Jordan
from course_pkg.cells.lstm_peephole import Peephole
from course_pkg.cells.lstm_projected import Projected
from course_pkg.clipping import ClippedCell
from course_pkg.skips import Skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": (6, 4, 4)}, "x: expected (T, B, I) with T ≥ 1 and I = 3, got (6, 4, 4)"),
        ({"x": (4, 3)}, "x: expected (T, B, I) with T ≥ 1 and I = 3, got (4, 3)"),
        ({"x": (0, 4, 3)}, "x: expected (T, B, I) with T ≥ 1 and I = 3, got (0, 4, 3)"),
        ({"h0": (4, 6)}, "state: expected (B, H) = (4, 5), got (4, 6)"),
        ({"h0": (5,)}, "state: expected (B, H) = (4, 5), got (5,)"),
        ({"mask": (4, 6)}, "mask: expected (T, B, 1) = (6, 4, 1), got (4, 6)"),
    ],
)
def test_forward_names_what_does_not_fit(change, message):
    args = {"x": (T, B, I), "h0": (B, H), "mask": (T, B, 1)} | change
    x, h0, mask = (np.ones(shape) for shape in args.values())
    with complains(message):
        bptt.forward(elman, draw_params(0), x, h0, mask)


@pytest.mark.parametrize(
    ("dhs", "d_last", "mask", "message"),
    [
        ((B, H), (B, H), None, "dhs: expected (T, B, H) = (6, 4, 5), got (4, 5)"),
        ((5, B, H), (B, H), None, "dhs: expected (T, B, H) = (6, 4, 5), got (5, 4, 5)"),
        ((T, B, H), (B, I), None, "d_state: expected (B, H) = (4, 5), got (4, 3)"),
        ((T, B, H), (B, H), (T, B), "mask: expected (T, B, 1) = (6, 4, 1), got (6, 4)"),
    ],
)
def test_backward_names_what_does_not_fit(dhs, d_last, mask, message):
    params, x, h0 = draw_params(0), np.ones((T, B, I)), np.ones((B, H))
    tape = bptt.forward(elman, params, x, h0)[2]
    mask = None if mask is None else np.ones(mask)
    with complains(message):
        bptt.backward(elman, params, x, np.ones(dhs), np.ones(d_last), tape, mask)


def test_scan_names_a_gi_that_does_not_fit():
    W_hh, h0 = np.ones((H, H)), np.ones((B, H))
    want = "gi: expected (T, B, G·H) with T ≥ 1 and G·H = 5, got "
    for shape in [(T, B, 1), (B, H), (0, B, H)]:
        with complains(want + str(shape)):
            bptt.scan(elman, np.ones(shape), h0, W_hh)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_h_alone_is_no_state_of_a_cell_with_c_for_any_batch(n):
    """A batch of two, h (2, H), would unpack to an h and a c."""
    params, x, h = draw_params(0, G=4), draw(1, T, n, I), draw(2, n, H)
    with complains("state: expected a tuple of 2 arrays, got 1"):
        bptt.forward(lstm, params, x, h)
    hs, _, tape = bptt.forward(lstm, params, x, (h, h))
    with complains("d_state: expected a tuple of 2 arrays, got 1"):
        bptt.backward(lstm, params, x, hs, h, tape)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": (T, B, 4)}, "x: expected (T, B, I) = (6, 4, 3), got (6, 4, 4)"),
        ({"x": (5, B, I)}, "x: expected (T, B, I) = (6, 4, 3), got (5, 4, 3)"),
        ({"dgi": (T, B, 1)}, "dgi: expected (T, B, G·H) = (6, 4, 5), got (6, 4, 1)"),
        ({"dgh": (B, H)}, "dgh: expected (T, B, G·H) = (6, 4, 5), got (4, 5)"),
    ],
)
def test_weight_grads_names_what_does_not_fit(change, message):
    params, x = draw_params(0), np.ones((T, B, I))
    tape = bptt.forward(elman, params, x, np.ones((B, H)))[2]
    args = {"x": (T, B, I), "dgi": (T, B, H), "dgh": (T, B, H)} | change
    x, dgi, dgh = (np.ones(shape) for shape in args.values())
    with complains(message):
        bptt.weight_grads(params, x, tape, dgi, dgh)


def test_weight_grads_knows_the_names_of_torch():
    params, x = draw_params(0), np.ones((T, B, I))
    hs, _, tape = bptt.forward(elman, params, x, np.ones((B, H)))
    want = "params: expected weight_ih, with weight_hh, bias_ih, bias_hh or none, got "
    for changed in ({"weight_hh": H}, params | {"weight_hy": H}):
        with complains(want + str([*changed])):
            bptt.weight_grads(changed, x, tape, hs, hs)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        (Jordan(), "W_hy"),
        (Projected(), "W_hr"),
        (Peephole(), "w_ci, w_cf, w_co"),
        (ResetBefore(), "W_hn"),
        (Skip(elman, (2,)), "W"),
        (ClippedCell(Jordan(), 1.0), "W_hy"),
    ],
)
def test_a_cell_without_its_own_weights_is_named(cell, names):
    state = np.ones((B, H))
    with complains(f"cell: expected {names} of bptt.bind(cell, params), got None"):
        bptt.scan(cell, np.ones((T, B, 4 * H)), state, np.ones((4 * H, H)))
    tape = bptt.forward(elman, draw_params(0), np.ones((T, B, I)), state)[2]
    with complains(f"cell: expected {names} of bptt.bind(cell, params), got None"):
        bptt.scan_grad(cell, np.ones((T, B, H)), state, tape, np.ones((4 * H, H)))
