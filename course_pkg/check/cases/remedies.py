"""The cases of the word `remedies`: what is asked, what is right, what it is worth."""

from functools import partial as p

import numpy as np

from course_pkg import clipping, initialisers, skips
from course_pkg.arrays import linear
from course_pkg.bptt import scan
from course_pkg.cells import elman
from course_pkg.check.case import Case, Form
from course_pkg.check.cases import remedies_draws as draws
from course_pkg.check.cases.remedies_facts import blocks_orthogonal, drawn_with_rng
from course_pkg.check.cases.shared import MANNERS, TIDY, TIDY_ALONE, by_probe, thrice
from course_pkg.check.probes import remedies as probes
from course_pkg.truncation import truncated

GRADS = {"weight_ih": "H I", "weight_hh": "H H", "bias_ih": "H"}

# References --------------------------------------------------------------------------


def scan_skip(
    gi: np.ndarray, state: np.ndarray, W_hh: np.ndarray, W_skip: np.ndarray, k: int
) -> np.ndarray:
    """Return the states (T, B, H) of an Elman net that also reads h_{t-k}."""
    cell = skips.Skip(elman, (k,), W_skip)
    return scan(cell, gi, skips.with_past(state, cell.older), W_hh)[0]


def scan_skip_grad(
    dhs: np.ndarray, hs: np.ndarray, W_hh: np.ndarray, W_skip: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradients of gi (T, B, H) and of the first state (B, H)."""
    d, dgi = np.concat([np.zeros_like(dhs[:1]), dhs]), np.zeros_like(dhs)
    for t in range(len(dhs), 0, -1):
        dgi[t - 1] = d[t] * (1 - hs[t - 1] ** 2)
        d[t - 1] += linear(dgi[t - 1], W_hh.T)
        if t >= k:
            d[t - k] += linear(dgi[t - 1], W_skip.T)
    return dgi, d[0]


# Cases -------------------------------------------------------------------------------


def norm_cases() -> list[Case]:
    """Return the cases of clip_norm: 3 points."""
    once, many = probes.clip, probes.clip_thrice
    right = by_probe(once, clipping.clip_norm)
    all_right = by_probe(many, clipping.clip_norm)
    whole: Form = (("grads", GRADS), ("norm", ""))
    grads, norm = (("grads", GRADS), ("norm", None)), (("grads", None), ("norm", ""))
    above, below = p(draws.clipping, share=0.6), p(draws.clipping, share=1.2)
    one = "One factor for all arrays: the limit over the norm of all of them together."
    leave = "A gradient that is short enough stays as it is."
    before = "Return the norm before clipping: it is the one worth recording."
    zero = "A gradient of zeros is short enough. Mind 0 / 0."
    tidy = thrice(whole)
    return [
        Case("above the limit", 1.0, above, once, right, grads, one),
        Case("below the limit", 0.75, below, once, right, grads, leave),
        Case("the norm", 0.5, above, once, right, norm, before),
        Case("zeros", 0.25, draws.nothing, once, right, whole, zero),
        Case(TIDY_ALONE, 0.5, above, many, all_right, tidy, MANNERS, tidy=True),
    ]


def value_cases() -> list[Case]:
    """Return the cases of clip_value: 1 point."""
    once, many = probes.clip, probes.clip_thrice
    right = by_probe(once, clipping.clip_value)
    all_right = by_probe(many, clipping.clip_value)
    draw, tidy = draws.entries, thrice(GRADS)
    each = "Every entry by itself: below -limit, -limit; above limit, limit."
    return [
        Case("entries", 0.5, draw, once, right, GRADS, each),
        Case(TIDY_ALONE, 0.5, draw, many, all_right, tidy, MANNERS, tidy=True),
    ]


def cosine_cases() -> list[Case]:
    """Return the cases of cosine: 1 point."""
    once, many = probes.cosine, probes.cosine_thrice
    right = by_probe(once, clipping.cosine)
    all_right = by_probe(many, clipping.cosine)
    draw, zero, tidy = draws.pair, p(draws.pair, zero=True), thrice("")
    one = "All arrays laid end to end are one vector: its product, over both norms."
    none = "With a vector of zeros the answer is 0, as agreed in the task."
    return [
        Case("an angle", 0.5, draw, once, right, "", one),
        Case("zeros", 0.25, zero, once, right, "", none),
        Case(TIDY_ALONE, 0.25, draw, many, all_right, tidy, MANNERS, tidy=True),
    ]


def orthogonal_cases() -> list[Case]:
    """Return the cases of orthogonal: 2 points, judged by property."""
    once, drawn = probes.orthogonal, probes.orthogonal_drawn
    right = by_probe(once, initialisers.orthogonal)
    all_right = by_probe(drawn, initialisers.orthogonal)
    square = "The Q of a QR decomposition of random numbers is orthogonal."
    blocks = "H rows are a block; each is a draw of its own, times gain."
    source = "Draw with rng alone, so that a seed gives the same net again."
    shape, many = "", p(draws.weight, many=True)
    one, own = blocks_orthogonal, drawn_with_rng
    return [
        Case("one block", 1.0, draws.weight, once, right, shape, square, facts=one),
        Case("blocks and gain", 0.5, many, once, right, shape, blocks, facts=one),
        Case(
            "drawn with rng", 0.5, draws.weight, drawn, all_right, "", source, facts=own
        ),
    ]


def identity_cases() -> list[Case]:
    """Return the cases of identity: 1 point."""
    once, many = probes.identity, probes.identity_thrice
    right = by_probe(once, initialisers.identity)
    all_right = by_probe(many, initialisers.identity)
    shape: Form = "G·H H"
    draw, tidy = p(draws.weight, many=True), thrice(shape)
    one = "Ones on the diagonal, zeros elsewhere."
    blocks = "H rows are a block; each is gain times the identity."
    return [
        Case("one block", 0.25, draws.weight, once, right, shape, one),
        Case("blocks and gain", 0.5, draw, once, right, shape, blocks),
        Case(TIDY_ALONE, 0.25, draw, many, all_right, tidy, MANNERS, tidy=True),
    ]


def truncated_cases() -> list[Case]:
    """Return the cases of truncated: 6 points."""
    once, many = probes.truncated, probes.truncated_thrice
    right, all_right = by_probe(once, truncated), by_probe(many, truncated)
    every = GRADS | {"bias_hh": "H"}
    whole: Form = (("loss", ""), ("grads", every), ("state", "B H"))
    ahead: Form = (("loss", ""), ("grads", None), ("state", "B H"))
    back: Form = (("loss", None), ("grads", every), ("state", None))
    full, two = p(draws.stream, size=8), p(draws.stream, size=4)
    rest, rag = p(draws.stream, size=3), p(draws.stream, size=3, mask="ragged")
    one = "A single chunk is the whole sequence: backpropagation as you know it."
    carry = "A chunk starts in the state in which the one before ended."
    cut = "Add the gradients of the chunks; none crosses from one into the one before."
    left = "The last chunk has what is left, and counts like every other."
    held = "Each chunk needs its own piece of the mask."
    tidy = thrice(whole)
    return [
        Case("one chunk", 1.0, full, once, right, whole, one),
        Case("loss and last state", 1.0, two, once, right, ahead, carry),
        Case("gradients", 2.0, two, once, right, back, cut),
        Case("a shorter last chunk", 1.0, rest, once, right, whole, left),
        Case("a ragged batch", 0.5, rag, once, right, whole, held),
        Case(TIDY, 0.5, rag, many, all_right, tidy, MANNERS, tidy=True),
    ]


def skip_cases() -> list[Case]:
    """Return the cases of scan_skip: 2 points."""
    once, many = probes.scan_skip, probes.scan_skip_thrice
    right, all_right = by_probe(once, scan_skip), by_probe(many, scan_skip)
    draw, far, form = draws.skipping, p(draws.skipping, k=9), "T B H"
    wire = "h_t hears of h_{t-1} through W_hh and of h_{t-k} through W_skip."
    none = "Before the first state there was none: the skip adds nothing there."
    return [
        Case("a skip", 1.0, draw, once, right, form, wire),
        Case("a skip too long", 0.5, far, once, right, form, none),
        Case(TIDY, 0.5, draw, many, all_right, thrice(form), MANNERS, tidy=True),
    ]


def skip_grad_cases() -> list[Case]:
    """Return the cases of scan_skip_grad: 2 points."""
    once, many = probes.scan_skip_grad, probes.scan_skip_grad_thrice
    right, all_right = by_probe(once, scan_skip_grad), by_probe(many, scan_skip_grad)
    draw, far = draws.skipping_back, p(draws.skipping_back, k=9)
    whole: Form = (("dgi", "T B H"), ("d_state", "B H"))
    inner: Form = (("dgi", "T B H"), ("d_state", None))
    wire = "What reaches the pre-activation of step t goes on to h_{t-1} and h_{t-k}."
    none = "Where the skip read nothing, nothing goes back."
    tidy = thrice(whole)
    return [
        Case("back through a skip", 1.0, draw, once, right, inner, wire),
        Case("a skip too long", 0.25, far, once, right, whole, none),
        Case("the first state", 0.25, draw, once, right, whole, wire),
        Case(TIDY, 0.5, draw, many, all_right, tidy, MANNERS, tidy=True),
    ]


CASES = {
    "clip_norm": norm_cases(),
    "clip_value": value_cases(),
    "cosine": cosine_cases(),
    "orthogonal": orthogonal_cases(),
    "identity": identity_cases(),
    "truncated": truncated_cases(),
    "scan_skip": skip_cases(),
    "scan_skip_grad": skip_grad_cases(),
}
