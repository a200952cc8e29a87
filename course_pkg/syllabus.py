"""The words of the course: one row each, read by every other part of the project."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One graded task: its name, the section of the book behind it, its points.

    ``manual`` marks a written answer that a person grades.
    """

    name: str
    points: int
    section: str
    manual: bool = False


@dataclass(frozen=True)
class Word:
    """One chapter's row: title, modules it explains, and its assignment's tasks."""

    title: str
    modules: tuple[str, ...]
    tasks: tuple[Task, ...] = ()


WORDS = {
    "elman": Word("Recurrence: Elman networks", ("cells.elman", "bptt")),
    "bptt": Word(
        "Backpropagation through time, derived",
        ("bptt", "losses", "gradients", "optim"),
        (
            Task("cross_entropy", 2, "softmax-and-cross-entropy"),
            Task("cross_entropy_grad", 2, "softmax-and-cross-entropy"),
            Task("step_grad", 3, "one-step-back"),
            Task("scan_grad", 4, "the-backward-recursion"),
            Task("weight_grads", 3, "from-signals-to-weight-gradients"),
            Task("finite_difference", 2, "checking-a-derivative"),
            Task("contributions", 2, "who-tells-whom"),
            Task("why_sum", 2, "from-signals-to-weight-gradients", manual=True),
        ),
    ),
}
