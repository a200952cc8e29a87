"""What the case lists of every word share: good manners, and references by probe."""

from collections.abc import Callable
from typing import Any

from course_pkg.check.case import Answer, Form, Inputs, Probe

TIDY = "tidy: arguments unchanged, twice the same, batch in any order"
TIDY_ALONE = "tidy: arguments unchanged, twice the same"  # without a batch
MANNERS = (
    "Work on copies, keep nothing between calls, and let no sequence of a batch see "
    "another."
)


def thrice(form: Form) -> Form:
    """Return the form of a probe that calls three times."""
    calls = ("first call", "second call", "batch in reverse order")
    return tuple((name, form) for name in calls)


def by_probe(probe: Probe, reference: Answer) -> Callable[[Inputs], Any]:
    """Expect what the probe brings back from the reference, on inputs of its own."""
    return lambda inputs: probe(reference, inputs)
