"""Misconceptions of scan_skip and scan_skip_grad for the Elman cell."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
SCAN, BACK = "scan_skip", "scan_skip_grad"


def run(gi, state, W_hh, W_skip, k, shift=0, start=False):
    """Run with the skip reading h_{t-k+shift}; start: h_0 stands for all before it."""
    hs = [state]
    for t in range(1, len(gi) + 1):
        a, back = gi[t - 1] + hs[-1] @ W_hh.T, t - k + shift
        if back >= 0 or start:
            a = a + hs[max(back, 0)] @ W_skip.T
        hs.append(np.tanh(a))
    return np.stack(hs[1:])


@wrong(
    SCAN,
    0.5,
    "the skip is one step too short",
    "hs[t] is h_{t+1} where the first state stands apart: count on paper which h is k "
    "steps before.",
)
def too_short(gi, state, W_hh, W_skip, k):
    return run(gi, state, W_hh, W_skip, k, shift=1)


@wrong(
    SCAN,
    0.5,
    "the skip is one step too long",
    "The first step that reads a skip is step k: it reads the first state, h_0.",
)
def too_long(gi, state, W_hh, W_skip, k):
    return run(gi, state, W_hh, W_skip, k, shift=-1)


@wrong(
    SCAN,
    0,
    "an index before the start",
    "A negative index counts from a list's end. Where t < k the skip adds nothing.",
)
def before_the_start(gi, state, W_hh, W_skip, k):
    return run(gi, state, W_hh, W_skip, k, start=True)


@wrong(
    SCAN,
    0.5,
    "the same matrix for both paths",
    "The skip has a matrix of its own: W_skip.",
)
def same_matrix(gi, state, W_hh, W_skip, k):
    return run(gi, state, W_hh, W_hh, k)


@wrong(
    SCAN,
    0.5,
    "W_skip is transposed",
    "With arrays of rows, W h is h @ W.T, for this matrix as for the other.",
)
def transposed(gi, state, W_hh, W_skip, k):
    return run(gi, state, W_hh, W_skip.T, k)


@wrong(
    SCAN,
    0,
    "the skip replaces the near step",
    "Both paths are open: W_hh meets h_{t-1} as before, and W_skip adds to it.",
)
def instead(gi, state, W_hh, W_skip, k):
    return run(gi, state, 0 * W_hh, W_skip, k)


@wrong(
    SCAN,
    0.5,
    "the skip is added outside of tanh",
    "It joins the pre-activation; tanh is taken of the sum.",
)
def outside(gi, state, W_hh, W_skip, k):
    hs = [state]
    for t in range(1, len(gi) + 1):
        h = np.tanh(gi[t - 1] + hs[-1] @ W_hh.T)
        hs.append(h + hs[t - k] @ W_skip.T if t >= k else h)
    return np.stack(hs[1:])


def sweep(dhs, hs, W_hh, W_skip, k, shift=0, first=0):
    """Go back, the skip writing to h_{t-k+shift} from `first` on."""
    d, dgi = np.concat([0 * dhs[:1], dhs]), np.zeros_like(dhs)
    for t in range(len(dhs), 0, -1):
        dgi[t - 1] = d[t] * (1 - hs[t - 1] ** 2)
        d[t - 1] += dgi[t - 1] @ W_hh
        if t - k + shift >= first:
            d[t - k + shift] += dgi[t - 1] @ W_skip
    return dgi, d[0]


@wrong(
    BACK,
    0.25,
    "the skip sends nothing back",
    "h_{t-k} took part in step t, so it hears of its loss: through W_skip, at once.",
)
def no_skip(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, W_hh, 0 * W_skip, k)


@wrong(
    BACK,
    0.25,
    "the skip arrives one step too late",
    "What the skip read at step t was h_{t-k}; its gradient goes there.",
)
def late(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, W_hh, W_skip, k, shift=1)


@wrong(
    BACK,
    1.25,
    "the skip does not reach the first state",
    "Step k has read the first state. Its gradient has two parts, one through each "
    "matrix.",
)
def not_the_first(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, W_hh, W_skip, k, first=1)


@wrong(
    BACK,
    0.25,
    "the same matrix for both paths",
    "What came through W_skip goes back through W_skip.",
)
def same_way_back(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, W_hh, W_hh, k)


@wrong(
    BACK,
    0.25,
    "W_skip on the wrong side",
    "Forward it is h @ W_skip.T, so backward it is dgi @ W_skip.",
)
def skip_transposed(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, W_hh, W_skip.T, k)


@wrong(
    BACK,
    0,
    "only the skip goes back",
    "The near path is still there: h_{t-1} hears of step t through W_hh.",
)
def only_the_skip(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, hs, 0 * W_hh, W_skip, k)


@wrong(
    BACK,
    0,
    "the derivative of tanh is missing",
    "dgi belongs to the pre-activation: times 1 - h_t**2.",
)
def no_slope(dhs, hs, W_hh, W_skip, k):
    return sweep(dhs, 0 * hs, W_hh, W_skip, k)
