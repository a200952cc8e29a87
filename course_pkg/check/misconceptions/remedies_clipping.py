"""Misconceptions of clip_norm(grads, limit) and clip_value(grads, limit)."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.clipping import clip_norm, global_norm, parameter_norms

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
NORM, VALUE = "clip_norm", "clip_value"


def shorten(grads, limit, norm):
    """Shorten gradients that have this norm."""
    factor = min(1.0, limit / (norm + 1e-6))
    return {name: factor * g for name, g in grads.items()}


@wrong(
    NORM,
    1.5,
    "one norm per array",
    "Arrays with factors of their own turn the direction. Take one norm over all.",
)
def per_array(grads, limit):
    norms = parameter_norms(grads)
    cut = {k: shorten({k: g}, limit, norms[k])[k] for k, g in grads.items()}
    return cut, global_norm(grads)


@wrong(
    NORM,
    2.25,
    "short gradients are made longer",
    "Clipping only shortens: the factor is never above 1.",
)
def always_scaled(grads, limit):
    norm = global_norm(grads)
    return {k: g * (limit / (norm + 1e-6)) for k, g in grads.items()}, norm


@wrong(
    NORM,
    2.75,
    "0 / 0 for a gradient of zeros",
    "NaN would reach every parameter. Divide only where the norm is above the limit.",
)
def zero_by_zero(grads, limit):
    norm = global_norm(grads)
    return {k: np.minimum(norm, limit) * g / norm for k, g in grads.items()}, norm


@wrong(
    NORM,
    2.0,
    "the norm after clipping",
    "That one is known: it is the limit. Keep the norm before, which tells something.",
)
def norm_after(grads, limit):
    cut, _ = clip_norm(grads, limit)
    return cut, global_norm(cut)


@wrong(
    NORM,
    2.5,
    "the argument is changed",
    "g *= factor writes into the caller's array. Make a new dict: factor * g.",
)
def in_place(grads, limit):
    norm = global_norm(grads)
    for g in grads.values():
        g *= min(1.0, limit / (norm + 1e-6))
    return grads, norm


@wrong(
    NORM,
    0.25,
    "the sum of the arrays' norms",
    "Lengths at right angles add up in squares: sum the squares, then take the root.",
)
def sum_of_norms(grads, limit):
    norm = sum(parameter_norms(grads).values())
    return shorten(grads, limit, norm), norm


@wrong(
    NORM,
    0.25,
    "the root is missing",
    "The norm is the root of the sum of squares.",
)
def squared(grads, limit):
    norm = global_norm(grads) ** 2
    return shorten(grads, limit, norm), norm


@wrong(
    VALUE,
    0,
    "the sign is lost",
    "Cut to the range from -limit to limit; a negative entry stays negative.",
)
def absolute(grads, limit):
    return {k: np.minimum(np.abs(g), limit) for k, g in grads.items()}


@wrong(
    VALUE,
    0,
    "cut on one side only",
    "Entries below -limit are large, too.",
)
def only_above(grads, limit):
    return {k: np.minimum(g, limit) for k, g in grads.items()}


@wrong(
    VALUE,
    0,
    "large entries become zero",
    "They keep their sign and get the size of the limit.",
)
def dropped(grads, limit):
    return {k: np.where(np.abs(g) > limit, 0.0, g) for k, g in grads.items()}


@wrong(
    VALUE,
    0,
    "every entry gets the size of the limit",
    "Entries inside the range stay as they are.",
)
def only_signs(grads, limit):
    return {k: limit * np.sign(g) for k, g in grads.items()}


@wrong(
    VALUE,
    0,
    "all entries are scaled",
    "That keeps the direction, which is the norm's way. Here each entry is by itself.",
)
def scaled(grads, limit):
    return {k: g * min(1, limit / np.abs(g).max()) for k, g in grads.items()}


@wrong(
    VALUE,
    0.5,
    "the argument is changed",
    "out=g and g[...] = write into the caller's array. Let np.clip make a new one.",
)
def clipped_in_place(grads, limit):
    for g in grads.values():
        np.clip(g, -limit, limit, out=g)
    return grads
