"""Wrong answers that students write to the tasks of `elman`, by task."""

from course_pkg.check.misconceptions import (
    elman_dependencies,
    elman_jordan,
    elman_latch,
    elman_scan,
    elman_step,
    elman_totals,
)
from course_pkg.check.misconceptions.collect import Catalogue

CATALOGUE: Catalogue = {}
for module in (
    elman_step,
    elman_scan,
    elman_jordan,
    elman_totals,
    elman_latch,
    elman_dependencies,
):
    for task, entries in module.CATALOGUE.items():
        CATALOGUE.setdefault(task, []).extend(entries)
