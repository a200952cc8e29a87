"""Melodies by rule: a phrase, the same again, another, and the first once more."""

import numpy as np

from course_pkg.arrays import Array, expect
from course_pkg.datasets.totals import Rng, expect_sizes

# The MIDI numbers of the ids: two octaves of C major pentatonic, from middle C.
NOTES = (60, 62, 64, 67, 69, 72, 74, 76, 79, 81, 84)


def melodies(rng: Rng, T: int, B: int) -> Array:
    """Draw melodies of the form A A B A: ids of `NOTES`, (T, B), int64.

    Within a phrase the melody goes up or down by at most two notes; each phrase A ends
    on C, id 0 or 5 or 10. The third part is new, so the fourth needs a long memory.
    Raises ValueError for T below 8 or not divisible by 4.
    """
    expect_sizes(rng, {"T": 8}, T=T, B=B)
    expect(T % 4 == 0, "T", "a number divisible by 4", T)
    first, third = _phrase(rng, T // 4, B), _phrase(rng, T // 4, B)
    # The nearest C is at most two notes away: within the reach of one more step.
    first[-1] = 5 * np.rint(first[-2] / 5).astype(np.int64)
    return np.concatenate([first, first, third, first])


def _phrase(rng: Rng, T: int, B: int) -> Array:
    notes, top = [rng.integers(0, len(NOTES), B)], len(NOTES) - 1
    for _ in range(T - 1):
        notes.append(np.clip(notes[-1] + rng.integers(-2, 3, B), 0, top))
    return np.stack(notes)
