"""Training: one loop for every model, and the files that it leaves behind."""

from course_pkg.train.loop import fit
from course_pkg.train.record import describe, write_record
from course_pkg.train.weights import load, save

__all__ = ["describe", "fit", "load", "save", "write_record"]
