"""Wrong answers that students write to the tasks of `sequences`, by task."""

from course_pkg.check.misconceptions import (
    sequences_counting,
    sequences_nearest,
    sequences_padded,
    sequences_symbols,
    sequences_windows,
)
from course_pkg.check.misconceptions.collect import Catalogue

CATALOGUE: Catalogue = {}
for module in (
    sequences_symbols,
    sequences_padded,
    sequences_windows,
    sequences_counting,
    sequences_nearest,
):
    for task, entries in module.CATALOGUE.items():
        CATALOGUE.setdefault(task, []).extend(entries)
