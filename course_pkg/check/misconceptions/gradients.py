"""Wrong answers that students write to the tasks of `gradients`, by task."""

from course_pkg.check.misconceptions import (
    gradients_curves,
    gradients_jacobian,
    gradients_pairs,
    gradients_products,
    gradients_signals,
)
from course_pkg.check.misconceptions.collect import Catalogue

CATALOGUE: Catalogue = {}
for module in (
    gradients_jacobian,
    gradients_products,
    gradients_pairs,
    gradients_signals,
    gradients_curves,
):
    for task, entries in module.CATALOGUE.items():
        CATALOGUE.setdefault(task, []).extend(entries)
