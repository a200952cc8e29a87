"""``course`` and ``python -m course_pkg``: the command line."""

import sys


def main() -> None:
    """Run ``course``, or say in one line which extra it needs."""
    try:
        from course_pkg.grade.cli import run
    except ModuleNotFoundError as error:
        _expect_extra(error)
    try:
        run()
    except ModuleNotFoundError as error:
        _expect_extra(error)


def _expect_extra(error: ModuleNotFoundError) -> None:
    """Exit with the remedy where a module of another project is missing."""
    name = (error.name or "").partition(".")[0]
    if not name or name == "course_pkg":
        raise error
    sys.exit(f'course: {name} is missing; run: pip install "course_pkg[grade]"')


if __name__ == "__main__":
    main()
