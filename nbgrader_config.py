"""Make the stock ``nbgrader`` commands and the formgrader work from this folder."""

from pathlib import Path

from course_pkg.grade.config import configure

configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821 (nbgrader's)
