"""Pairs of texts and digits, for networks that turn one sequence into another."""

import datetime

import numpy as np

from course_pkg.arrays import Array
from course_pkg.datasets.totals import Rng, expect_sizes

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)


def _forms(day: datetime.date) -> tuple[str, ...]:
    month, d, y = MONTHS[day.month - 1], day.day, day.year
    return (
        f"{d} {month} {y}",
        f"{month} {d}, {y}",
        f"{d}.{day.month}.{y}",
        f"{DAYS[day.weekday()]}, {d:02} {month[:3]} {y}",
        f"{y} {month[:3].lower()} {d:02}",
    )


def dates(rng: Rng, B: int) -> tuple[list[str], list[str]]:
    """Draw B days of 1900 to 2099: written in one of five forms, and in ISO form.

    Returns texts such as "3 March 2021", "March 3, 2021", "3.3.2021",
    "Wed, 03 Mar 2021" and "2021 mar 03", and for each the ISO form "2021-03-03".
    """
    expect_sizes(rng, {}, B=B)
    span = (LAST - FIRST).days + 1
    days = [FIRST + datetime.timedelta(int(n)) for n in rng.integers(0, span, B)]
    form = rng.integers(0, len(_forms(FIRST)), B)
    written = [_forms(day)[n] for day, n in zip(days, form, strict=True)]
    return written, [day.isoformat() for day in days]


def digits(rng: Rng, T: int, B: int) -> Array:
    """Draw ids 0..9: (T, B), int64, to be copied, reversed or sorted."""
    expect_sizes(rng, {}, T=T, B=B)
    return rng.integers(0, 10, (T, B), dtype=np.int64)
