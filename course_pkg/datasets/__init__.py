"""Data: twelve real sets, loaded and checked, and tasks made by a seeded generator."""

from course_pkg.datasets.sets import load, split
from course_pkg.datasets.store import about, manifest

__all__ = ["about", "load", "manifest", "split"]
