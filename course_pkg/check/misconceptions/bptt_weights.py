"""Misconceptions of weight_grads(params, x, tape, dgi, dgh)."""

import numpy as np

from course_pkg.bptt import weight_grads
from course_pkg.check.misconceptions.collect import Catalogue, collector

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
TASK = "weight_grads"


def biases(grads, change):
    """Apply change to the gradients of the biases, where there are some."""
    return {k: change(g) if k.startswith("bias") else g for k, g in grads.items()}


@wrong(
    TASK,
    1.5,
    "h_t in place of h_{t-1} in the gradient of W_hh",
    "W_hh multiplied the state before the step: tape.h_prev.",
)
def h_for_h_prev(params, x, tape, dgi, dgh):
    return weight_grads(params, x, tape._replace(h_prev=tape.h), dgi, dgh)


@wrong(
    TASK,
    1.5,
    "the first state taken for zero",
    "h moved by one step with zeros in front is h_prev only if the first state is 0 "
    "and nothing was held. tape.h_prev has what W_hh really met.",
)
def zero_first_state(params, x, tape, dgi, dgh):
    shifted = np.concatenate([0 * tape.h[:1], tape.h[:-1]])
    return weight_grads(params, x, tape._replace(h_prev=shifted), dgi, dgh)


@wrong(
    TASK,
    2.0,
    "the biases' gradients not summed over the batch",
    "One bias vector (H,) serves every sequence: sum over time and batch.",
)
def bias_per_sequence(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    per_sequence = {"bias_ih": dgi.sum(0), "bias_hh": dgh.sum(0)}
    return {k: per_sequence.get(k, g) for k, g in grads.items()}, dx


@wrong(
    TASK,
    2.0,
    "the biases' gradients averaged over the batch",
    "The mean is in the loss already. What comes back is summed.",
)
def bias_mean(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    return biases(grads, lambda g: g / x.shape[1]), dx


@wrong(
    TASK,
    2.0,
    "the gradient shared between the two biases",
    "Both biases are added at the same place, and each gets the whole gradient.",
)
def bias_shared(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    return biases(grads, lambda g: g / 2), dx


@wrong(
    TASK,
    0.5,
    "only the last step counts",
    "The same weights worked at every step: their gradient is the sum over all steps.",
)
def last_step(params, x, tape, dgi, dgh):
    last = type(tape)(*(part[-1:] for part in tape))
    grads, _ = weight_grads(params, x[-1:], last, dgi[-1:], dgh[-1:])
    return grads, dgi @ params["weight_ih"]


@wrong(
    TASK,
    0.5,
    "the mean over time and batch for the sum",
    "The mean is in the loss already. What comes back is summed.",
)
def mean(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    n = x.shape[0] * x.shape[1]
    return {k: g / n for k, g in grads.items()}, dx


@wrong(
    TASK,
    0.5,
    "the mean over the batch for the sum",
    "The mean is in the loss already. What comes back is summed.",
)
def batch_mean(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    return {k: g / x.shape[1] for k, g in grads.items()}, dx


@wrong(
    TASK,
    1.0,
    "the gradients of the matrices are transposed",
    "A gradient has the shape of what it is for: weight_ih (H, I), so dgi comes first.",
)
def transposed(params, x, tape, dgi, dgh):
    grads, dx = weight_grads(params, x, tape, dgi, dgh)
    return {k: g.T for k, g in grads.items()}, dx


@wrong(
    TASK,
    1.75,
    "dx from W_hh",
    "x met W_ih. W_hh carries gradient to the state before, which was done already.",
)
def dx_by_w_hh(params, x, tape, dgi, dgh):
    grads, _ = weight_grads(params, x, tape, dgi, dgh)
    return grads, dgi @ params["weight_hh"]


@wrong(
    TASK,
    2.5,
    "dgi used for W_hh and its bias",
    "In the Elman cell the two are equal; in others they are not. W_hh and bias_hh "
    "belong to dgh.",
)
def only_dgi(params, x, tape, dgi, dgh):
    return weight_grads(params, x, tape, dgi, dgi)


@wrong(
    TASK,
    2.5,
    "dgh used for W_ih, its bias and dx",
    "In the Elman cell the two are equal; in others they are not. W_ih, bias_ih and dx "
    "belong to dgi.",
)
def only_dgh(params, x, tape, dgi, dgh):
    return weight_grads(params, x, tape, dgh, dgh)


@wrong(
    TASK,
    2.75,
    "biases that the layer does not have",
    "A layer may be without biases. The gradients have the names that params has.",
)
def always_biases(params, x, tape, dgi, dgh):
    H = len(params["weight_hh"])
    with_biases = {"bias_ih": np.zeros(H), "bias_hh": np.zeros(H)} | params
    return weight_grads(with_biases, x, tape, dgi, dgh)
