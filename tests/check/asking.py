"""What the tests of the checks share: a report without a display."""

import right_losses
import right_scan
import right_weights

from course_pkg import bptt, gradients, losses
from course_pkg.cells import elman
from course_pkg.check.ask import interview
from course_pkg.check.report import Report
from course_pkg.check.run import conclude, plan

REFERENCE = {
    "cross_entropy": losses.cross_entropy,
    "cross_entropy_grad": losses.cross_entropy_grad,
    "step_grad": elman.step_grad,
    "scan_grad": bptt.scan_grad,
    "weight_grads": bptt.weight_grads,
    "finite_difference": gradients.finite_difference,
    "contributions": gradients.contributions,
}
RIGHT = right_losses.RIGHT | right_scan.RIGHT | right_weights.RIGHT
SEEDS = (None, 1, 2**40)


def report(task: str, answer: object, seed: int | None = None) -> Report:
    """Ask the questions of a task of `bptt` in this process and judge the evidence."""
    questions = plan(f"bptt.{task}", seed)
    evidence = interview([(case.probe, inputs) for case, inputs in questions], answer)
    return conclude(f"bptt.{task}", questions, evidence)


def handed_on(d_state, tape):
    """Answer `step_grad` with one mistake: the state's gradient goes on unchanged."""
    dgi, dgh, _ = elman.step_grad(d_state, tape)
    return dgi, dgh, d_state


def unwritten(d_state, tape):
    """Answer `step_grad` as the released notebook does."""
    raise NotImplementedError
