"""Wrong answers that students write to the tasks of `bptt`, by task."""

from course_pkg.check.misconceptions import (
    bptt_contributions,
    bptt_difference,
    bptt_ends,
    bptt_loss,
    bptt_loss_grad,
    bptt_scan,
    bptt_step,
    bptt_weights,
)
from course_pkg.check.misconceptions.collect import Catalogue

CATALOGUE: Catalogue = {}
for module in (
    bptt_loss,
    bptt_loss_grad,
    bptt_step,
    bptt_scan,
    bptt_ends,
    bptt_weights,
    bptt_difference,
    bptt_contributions,
):
    for task, entries in module.CATALOGUE.items():
        CATALOGUE.setdefault(task, []).extend(entries)
