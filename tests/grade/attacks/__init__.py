"""Hostile submissions of `bptt`, by what they attack."""

from . import floods, forgery, interpreter, liars, notebooks, outside, searches

ATTACKS = [
    attack
    for module in (interpreter, liars, searches, outside, forgery, notebooks, floods)
    for attack in module.ATTACKS
]
