"""What every record says of where and from what it was measured."""

import os
from pathlib import Path

from course_pkg.train.record import commit, device_name

__all__ = ["ROOT", "commit", "device_name", "load"]

ROOT = Path(__file__).parents[1]


def load() -> float:
    """Return how many programs wanted the processor over the last minute."""
    return round(os.getloadavg()[0], 2)
