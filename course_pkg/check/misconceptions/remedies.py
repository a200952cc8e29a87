"""Misconceptions of the word `remedies`: wrong answers to each task, with names."""

from course_pkg.check.misconceptions import (
    remedies_angles,
    remedies_chunks,
    remedies_clipping,
    remedies_starts,
    remedies_wires,
)
from course_pkg.check.misconceptions.collect import Catalogue

CATALOGUE: Catalogue = {}
for module in (
    remedies_clipping,
    remedies_angles,
    remedies_starts,
    remedies_chunks,
    remedies_wires,
):
    CATALOGUE |= module.CATALOGUE
