"""The words of the course: one row each, read by every other part of the project."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One graded task: its name, its points, the heading of the book behind it.

    ``manual`` marks a written answer that a person grades.
    """

    name: str
    points: int
    section: str
    manual: bool = False

    @property
    def slug(self) -> str:
        """Return the section's anchor on its page."""
        return self.section.lower().replace(" ", "-")


@dataclass(frozen=True)
class Word:
    """One chapter's row: title, modules it explains, and its assignment's tasks."""

    title: str
    modules: tuple[str, ...]
    tasks: tuple[Task, ...] = ()


WORDS = {
    "start": Word(
        "How to work with this book",
        ("bptt",),
        (
            Task("running_total", 10, "Many sequences at once"),
            Task("true_mean", 6, "A mean over what is true"),
            Task("message", 4, "The practice hand-in", manual=True),
        ),
    ),
    "sequences": Word(
        "Sequences",
        ("vocab", "batches", "ngrams", "datasets.vectors"),
        (
            Task("encode", 2, "From symbols to numbers"),
            Task("decode", 1, "From symbols to numbers"),
            Task("padded", 4, "Batches of different lengths"),
            Task("windows", 4, "One long text"),
            Task("ngram_nats", 4, "Counting what comes next"),
            Task("nearest", 3, "Vectors of words"),
            Task("wider", 2, "Counting what comes next", manual=True),
        ),
    ),
    "elman": Word(
        "Recurrence: Elman networks",
        ("cells.elman", "bptt"),
        (
            Task("step", 4, "The Elman equation"),
            Task("scan", 4, "Many sequences at once"),
            Task("jordan", 3, "A readout"),
            Task("summing", 1, "Networks that need no training"),
            Task("comparing", 1, "Networks that need no training"),
            Task("latch", 2, "Networks that need no training"),
            Task("dependencies", 3, "What a state can have seen"),
            Task("learned_to_add", 2, "Networks that need no training", manual=True),
        ),
    ),
    "bptt": Word(
        "Backpropagation through time, derived",
        ("bptt", "losses", "gradients", "optim"),
        (
            Task("cross_entropy", 2, "Softmax and cross-entropy"),
            Task("cross_entropy_grad", 2, "Softmax and cross-entropy"),
            Task("step_grad", 3, "One step back"),
            Task("scan_grad", 4, "The backward recursion"),
            Task("weight_grads", 3, "From signals to weight gradients"),
            Task("finite_difference", 2, "Checking a derivative"),
            Task("contributions", 2, "Who tells whom"),
            Task("why_sum", 2, "From signals to weight gradients", manual=True),
        ),
    ),
    "gradients": Word(
        "Gradients that vanish or explode",
        ("gradients", "spectra", "lags"),
        (
            Task("jacobian", 4, "The Jacobian and its product"),
            Task("product", 2, "The Jacobian and its product"),
            Task("product_norms", 2, "The Jacobian and its product"),
            Task("counterexamples", 3, "When the bound is sharp"),
            Task("signal_norms", 4, "How far a gradient reaches"),
            Task("diagnose", 3, "Nothing there or not getting through"),
            Task("weights_say_little", 2, "How far a gradient reaches", manual=True),
        ),
    ),
    "remedies": Word(
        "Remedies",
        ("clipping", "truncation", "initialisers", "orthogonality", "skips"),
        (
            Task("clip_norm", 3, "Three ways to clip"),
            Task("clip_value", 1, "Three ways to clip"),
            Task("cosine", 1, "Three ways to clip"),
            Task("orthogonal", 2, "Orthogonal at the start"),
            Task("identity", 1, "ReLU and the identity"),
            Task("truncated", 6, "Very long sequences"),
            Task("scan_skip", 2, "Wires that skip time"),
            Task("scan_skip_grad", 2, "Wires that skip time"),
            Task("one_seed", 2, "What this does not give you", manual=True),
        ),
    ),
}
