"""``course`` and ``python -m course_pkg``: the command line."""

import sys

# The modules of the extra "models"; all others that may be missing are the grader's.
MODELS = {"rapidfuzz", "sacrebleu", "safetensors", "tokenizers", "tqdm"}


def main() -> None:
    """Run ``course``, or say in one line which extra it needs."""
    try:
        from course_pkg.commands import run
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
    extra = "models" if name in MODELS else "grade"
    sys.exit(f'course: {name} is missing; run: pip install "course_pkg[{extra}]"')


if __name__ == "__main__":
    main()
