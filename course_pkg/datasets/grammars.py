"""Strings from grammars: what may come next follows from what came before.

Everything is drawn from the generator rng. Strings have no fixed length; `Vocab` and
`padded` turn them into arrays.
"""

import numpy as np

from course_pkg.arrays import expect
from course_pkg.datasets.totals import Rng, expect_sizes

# From each state the letters that may come, and the state each leads to.
REBER: tuple[dict[str, int], ...] = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
    {},
)
BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))


def reber(rng: Rng, B: int) -> list[str]:
    """Draw B strings of the Reber grammar, such as BTXSE; each way is as likely.

    The letters are B, T, P, S, X, V, E. Source: Reber 1967.
    """
    expect_sizes(rng, {}, B=B)
    return [_walk(rng) for _ in range(B)]


def _walk(rng: Rng) -> str:
    text, state = "", 0
    while ways := list(REBER[state].items()):
        letter, state = ways[int(rng.integers(len(ways)))]
        text += letter
    return text


def reber_next(text: str) -> str:
    """Return the letters that may follow the start of a Reber string, sorted.

    None may follow a whole string. Raises ValueError for a letter out of place.
    """
    state = 0
    for t, letter in enumerate(text):
        ways = REBER[state]
        want = " or ".join(sorted(ways)) or "the end"
        expect(letter in ways, f"text[{t}]", want, repr(letter))
        state = ways[letter]
    return "".join(sorted(REBER[state]))


def embedded_reber(rng: Rng, B: int) -> list[str]:
    """Draw B strings in which the second letter must come back as the last but one.

    Between the two, T or P, lies a whole Reber string, so the letter has to be held
    over all of it. Source: Hochreiter and Schmidhuber 1997, experiment 1.
    """
    expect_sizes(rng, {}, B=B)
    outer = rng.integers(0, 2, B)
    return [f"B{c}{_walk(rng)}{c}E" for c in np.array(["T", "P"])[outer]]


def brackets(
    rng: Rng, T: int, B: int, kinds: int = 2, depth: int | None = None
) -> list[str]:
    """Draw B balanced strings of T brackets, of one to four kinds.

    T: even; depth: how many may be open at once, at most and by default T / 2. Where
    both are possible, opening and closing are equally likely.
    Raises ValueError for an odd T, other kinds, or a depth below 1.
    """
    expect_sizes(rng, {"T": 2}, T=T, B=B, kinds=kinds)
    expect(T % 2 == 0, "T", "an even number", T)
    expect(kinds <= len(BRACKETS), "kinds", f"at most {len(BRACKETS)}", kinds)
    most = T // 2 if depth is None else depth
    expect(most >= 1, "depth", "a number ≥ 1", depth)
    return [_balanced(rng, T, kinds, most) for _ in range(B)]


def _balanced(rng: Rng, T: int, kinds: int, depth: int) -> str:
    text, closers = "", ""
    for left in range(T, 0, -1):
        may_open = len(closers) < min(depth, left)
        if not closers or (may_open and rng.random() < 0.5):
            opener, closer = BRACKETS[int(rng.integers(kinds))]
            text, closers = text + opener, closers + closer
        else:
            text, closers = text + closers[-1], closers[:-1]
    return text
