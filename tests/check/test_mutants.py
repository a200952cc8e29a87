"""The checks notice small mistakes in the solutions, or it says here why not."""

import pytest
from asking import GRADED
from mutants import cells, mutants, survives

SAME_AXIS = "the array has no other axis there"
SAME_SHAPE = "only its shape is used, and the next one has the same"
ANY_NET = "any net that does this is right"
ANY_RULE = "any rule that labels nearly all curves is right"
# What is not noticed because it is no mistake: task, change, reason.
EQUIVALENT = {
    "start.running_total": {
        "zip(x, mask, strict=True) -> zip(x, mask)": "both have the same length",
        "True -> False": "both have the same length",
    },
    "sequences.padded": {
        "np.zeros -> np.ones": "any number may stand on padding",
        "0 -> 1": SAME_SHAPE,
    },
    "elman.comparing": {"1.0 -> 2.0": ANY_NET},
    "elman.latch": dict.fromkeys(("4.0 -> 5.0", "2.0 -> 3.0", "1.0 -> 2.0"), ANY_NET),
    "elman.dependencies": {
        "other[s] += 0.5 -> other[s] -= 0.5": "any change will do",
        "0.5 -> 1.5": "any change will do",
    },
    "bptt.cross_entropy_grad": {
        "np.eye(logits.shape[-1], dtype=logits.dtype) -> np.eye(logits.shape[-1])": (
            "float64 is accepted for float32"
        )
    },
    "bptt.step_grad": {
        "return (da, da, namespace(da).zeros_like(da)) -> "
        "return (da, da, namespace(da).zeros_like(da))": "both halves are the same",
    },
    "bptt.contributions": {"0 -> 1": SAME_SHAPE, "-1 -> 1": SAME_AXIS},
    "gradients.product": {"-1 -> 1": SAME_AXIS, "1 -> 2": SAME_SHAPE},
    "gradients.product_norms": {"-1 -> 1": SAME_AXIS, "1 -> 2": SAME_SHAPE},
    "gradients.signal_norms": {"0 -> 1": SAME_SHAPE, "-1 -> 1": SAME_AXIS},
    "gradients.counterexamples": {
        "100.0 -> 101.0": "any matrix with these properties is right",
        "2.0 -> 3.0": "any matrix with these properties is right",
    },
    "gradients.diagnose": {
        "norms[0] > 0 -> norms[0] >= 0": "nothing is above a limit that is no number",
        "0 -> 1": ANY_RULE,
        "1 -> 2": ANY_RULE,
        "left(curve) > 1000.0 -> left(curve) >= 1000.0": ANY_RULE,
        "1000.0 -> 1001.0": ANY_RULE,
        "left(curve) > 0.001 -> left(curve) >= 0.001": ANY_RULE,
        "left(control) > 0.001 -> left(control) >= 0.001": ANY_RULE,
    },
    "remedies.orthogonal": {"1 -> 2": "reshape finds any one negative size by itself"},
}
# What is not noticed and should be; at most one mistake in twenty of a word.
MISSED = {
    "sequences.padded": {
        "np.zeros((T, B, *seqs[0].shape[1:]), dtype=seqs[0].dtype) -> "
        "np.zeros((T, B, *seqs[0].shape[1:]))": "ids that became floats compare equal"
    }
}
TASKS = [(word, task) for word in GRADED for task in cells(word)[1]]


def alive(word, task):
    """Return the changes that the checks of a task do not notice."""
    return [m.change for m in mutants(word, task) if survives(m)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("word", "task"), TASKS)
def test_what_is_not_noticed_is_listed(word, task):
    name = f"{word}.{task}"
    listed = EQUIVALENT.get(name, {}).keys() | MISSED.get(name, {}).keys()
    assert set(alive(word, task)) == listed


@pytest.mark.parametrize("word", GRADED)
def test_nearly_all_mistakes_are_noticed(word):
    planted = missed = 0
    for task in cells(word)[1]:
        name = f"{word}.{task}"
        changes = [m.change for m in mutants(word, task)]
        planted += sum(c not in EQUIVALENT.get(name, {}) for c in changes)
        missed += sum(c in MISSED.get(name, {}) for c in changes)
    assert missed <= planted / 20


def test_every_mistake_is_another_program():
    for word, task in TASKS:
        made = list(mutants(word, task))
        assert made, (word, task)
        assert len({m.source for m in made}) > len(made) / 2
