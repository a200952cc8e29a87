"""What the tests of the checks share: a report without a display, and right answers."""

from importlib import import_module

from course_pkg.cells import elman
from course_pkg.check.ask import interview
from course_pkg.check.report import Report
from course_pkg.check.run import conclude, plan
from course_pkg.syllabus import WORDS

# answers_<word>.py has REFERENCE, each task's function in the package, and RIGHT, the
# same written differently: at least three for each task.
GRADED = [word for word, row in WORDS.items() if row.tasks]
ANSWERS = {word: import_module(f"answers_{word}") for word in GRADED}
REFERENCE, RIGHT = ANSWERS["bptt"].REFERENCE, ANSWERS["bptt"].RIGHT
SEEDS = (None, 1, 2**40)


def report(
    task: str, answer: object, seed: int | None = None, word: str = "bptt"
) -> Report:
    """Ask the questions of a task in this process and judge the evidence."""
    questions = plan(f"{word}.{task}", seed)
    evidence = interview([(case.probe, inputs) for case, inputs in questions], answer)
    return conclude(f"{word}.{task}", questions, evidence)


def handed_on(d_state, tape):
    """Answer `step_grad` with one mistake: the state's gradient goes on unchanged."""
    dgi, dgh, _ = elman.step_grad(d_state, tape)
    return dgi, dgh, d_state


def unwritten(d_state, tape):
    """Answer `step_grad` as the released notebook does."""
    raise NotImplementedError
