"""Data: twelve real sets, loaded and checked, and tasks made by a seeded generator."""

from course_pkg.datasets.drawings import letters, shapes, waves
from course_pkg.datasets.grammars import brackets, embedded_reber, reber, reber_next
from course_pkg.datasets.melodies import NOTES, melodies
from course_pkg.datasets.memory import (
    COUNTRIES,
    COUNTRY_WORDS,
    copy_memory,
    country,
    parity_ahead,
    recall,
    temporal_order,
)
from course_pkg.datasets.opinions import NEGATION_WORDS, negation
from course_pkg.datasets.sets import load, split
from course_pkg.datasets.store import about, manifest
from course_pkg.datasets.totals import adding, larger_total, running_sum
from course_pkg.datasets.vectors import nearest, word_vectors
from course_pkg.datasets.writing import dates, digits

__all__ = [
    "COUNTRIES",
    "COUNTRY_WORDS",
    "NEGATION_WORDS",
    "NOTES",
    "about",
    "adding",
    "brackets",
    "copy_memory",
    "country",
    "dates",
    "digits",
    "embedded_reber",
    "larger_total",
    "letters",
    "load",
    "manifest",
    "melodies",
    "nearest",
    "negation",
    "parity_ahead",
    "reber",
    "reber_next",
    "recall",
    "running_sum",
    "shapes",
    "split",
    "temporal_order",
    "waves",
    "word_vectors",
]
