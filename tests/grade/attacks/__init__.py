"""Hostile submissions of `bptt`, by what they attack."""

from . import (
    files,
    floods,
    forgery,
    interpreter,
    kernel,
    liars,
    notebooks,
    outside,
    runner,
    searches,
)

ATTACKS = [
    attack
    for module in (
        interpreter,
        liars,
        searches,
        outside,
        forgery,
        notebooks,
        floods,
        runner,
        kernel,
        files,
    )
    for attack in module.ATTACKS
]
