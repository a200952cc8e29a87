"""Misconceptions of orthogonal(weight, rng, gain) and identity(weight, gain)."""

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.initialisers import identity as plain
from course_pkg.initialisers import orthogonal as right

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
ORTHOGONAL, IDENTITY = "orthogonal", "identity"
GAIN = (
    "the gain is not what was asked",
    "Multiply once by gain: every column of a block is as long as that.",
)
SOURCE = (
    "the generator is not used",
    "Draw with rng.standard_normal: a generator of your own ignores the caller's seed.",
)


@wrong(
    ORTHOGONAL,
    1.5,
    "one decomposition for all blocks",
    "The columns of the whole are orthogonal then, those of a block are not. Decompose "
    "each block by itself.",
)
def whole(weight, rng, gain=1.0):
    return gain * np.linalg.qr(rng.standard_normal(weight.shape))[0]


@wrong(ORTHOGONAL, 1.5, *GAIN)
def gain_squared(weight, rng, gain=1.0):
    return right(weight, rng, gain**2)


@wrong(ORTHOGONAL, 1.5, *GAIN)
def gain_forgotten(weight, rng, gain=1.0):
    return right(weight, rng)


@wrong(
    ORTHOGONAL,
    1.5,
    "one block, repeated",
    "Draw anew for each block.",
)
def repeated(weight, rng, gain=1.0):
    H = weight.shape[1]
    return np.tile(right(weight[:H], rng, gain), (len(weight) // H, 1))


@wrong(
    ORTHOGONAL,
    0.5,
    "random numbers, scaled",
    "Their columns are about as long as that, and about at right angles, not exactly.",
)
def random(weight, rng, gain=1.0):
    return gain * rng.standard_normal(weight.shape) / weight.shape[1] ** 0.5


@wrong(
    ORTHOGONAL,
    0.5,
    "columns of the right length that are not at right angles",
    "Length alone is not enough; QR or SVD give right angles as well.",
)
def normalised(weight, rng, gain=1.0):
    H = weight.shape[1]
    blocks = rng.standard_normal(weight.shape).reshape(-1, H, H)
    sizes = np.linalg.norm(blocks, axis=1, keepdims=True)
    return (gain * blocks / sizes).reshape(-1, H)


@wrong(
    ORTHOGONAL,
    0.5,
    "eigenvectors of a matrix that is not symmetric",
    "Only symmetric matrices have eigenvectors at right angles for certain.",
)
def eigenvectors(weight, rng, gain=1.0):
    H = weight.shape[1]
    blocks = rng.standard_normal(weight.shape).reshape(-1, H, H)
    return gain * np.linalg.eig(blocks)[1].real.reshape(-1, H)


@wrong(ORTHOGONAL, 1.5, *SOURCE)
def own_seed(weight, rng, gain=1.0):
    return right(weight, np.random.default_rng(0), gain)


@wrong(ORTHOGONAL, 1.5, *SOURCE)
def no_seed(weight, rng, gain=1.0):
    return right(weight, np.random.default_rng(), gain)


@wrong(
    IDENTITY,
    0.25,
    "ones on the diagonal of the first block only",
    "np.eye(G * H, H) is zero below row H. Every block of H rows has its own identity.",
)
def first_block(weight, gain=1.0):
    return gain * np.eye(*weight.shape)


@wrong(
    IDENTITY,
    0.25,
    "one block in place of all",
    "The result has the shape of weight: G blocks below each other.",
)
def one_block(weight, gain=1.0):
    return gain * np.eye(weight.shape[1])


@wrong(
    IDENTITY,
    0.25,
    "the gain is forgotten",
    "The diagonal holds gain, not 1.",
)
def no_gain(weight, gain=1.0):
    return plain(weight)


@wrong(
    IDENTITY,
    0,
    "every entry is set",
    "Off the diagonal there are zeros: a unit keeps itself, and no other.",
)
def full(weight, gain=1.0):
    return np.full_like(weight, gain)


@wrong(
    IDENTITY,
    0,
    "gain added to what was there",
    "The old numbers of weight do not count; only its shape does.",
)
def added(weight, gain=1.0):
    return weight + plain(weight, gain)


@wrong(
    IDENTITY,
    0.75,
    "the argument is changed",
    "Make a new array instead of writing into weight.",
)
def filled(weight, gain=1.0):
    weight[...] = plain(weight, gain)
    return weight
