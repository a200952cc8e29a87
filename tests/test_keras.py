"""Our layers against Keras's, with gradients: its GRU in both forms, LSTM, SimpleRNN.

Keras puts the batch first, multiplies from the right, and orders a GRU's gates z r n.
"""

import os
import tempfile

import numpy as np
import pytest
import torch
from oracle import LENGTHS, B, H, I, T, assert_close, draw
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg import layers

# Keras reads its backend from here, and would write its settings into the home folder.
os.environ["KERAS_BACKEND"] = "torch"
os.environ["KERAS_HOME"] = tempfile.mkdtemp()
import keras

TOL = 1e-5  # Keras multiplies in float32, whatever the dtype of a layer

# Keras's layer, its arguments, ours, its arguments, and where in Keras's columns our
# blocks of rows are.
KINDS = {
    "SimpleRNN": ("SimpleRNN", {}, layers.RNN, {}, [0]),
    "LSTM": ("LSTM", {}, layers.LSTM, {}, [0, 1, 2, 3]),
    "GRU after": ("GRU", {"reset_after": True}, layers.GRU, {}, [1, 0, 2]),
    "GRU before": (
        "GRU",
        {"reset_after": False},
        layers.GRU,
        {"reset_after": False},
        [1, 0, 2],
    ),
}


def build(kind, backwards=False):
    """Make Keras's layer with drawn weights, and ours with the same."""
    name, theirs, make, ours, order = KINDS[kind]
    rnn = getattr(keras.layers, name)(
        H,
        return_sequences=True,
        return_state=True,
        go_backwards=backwards,
        dtype="float64",
        **theirs,
    )
    rnn.build((B, T, I))
    drawn = [0.7 * draw(i, *w.shape) for i, w in enumerate(rnn.weights)]
    rnn.set_weights(drawn)
    kernel, recurrent, bias = drawn
    columns = np.concatenate([np.arange(k * H, (k + 1) * H) for k in order])
    # One row of biases is the sum of ours; two rows are ours, as the reset needs them.
    b_ih, b_hh = bias if bias.ndim == 2 else (bias, 0 * bias)
    weights = {
        "weight_ih_l0": kernel.T,
        "weight_hh_l0": recurrent.T,
        "bias_ih_l0": b_ih,
        "bias_hh_l0": b_hh,
    }
    ours = make(I, H, **ours).double()
    ours.load_state_dict({k: torch.tensor(v[columns]) for k, v in weights.items()})
    return rnn, ours


def draw_inputs(kind):
    n = 2 if kind == "LSTM" else 1
    draws = draw(10, T, B, I), *(draw(11 + i, B, H) for i in range(n))
    return [torch.tensor(a, requires_grad=True) for a in draws]


@pytest.mark.parametrize("lengths", [(T,) * B, LENGTHS])
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_and_its_gradients_are_keras(kind, lengths):
    theirs, ours = build(kind)
    x, *first = draw_inputs(kind)
    n = torch.tensor(lengths)
    mask = torch.arange(T)[:, None] < n
    want, *want_last = theirs(x.transpose(0, 1), initial_state=first, mask=mask.T)
    hx = [part[None] for part in first]
    packed = pack_padded_sequence(x, n, enforce_sorted=False)
    out, last = ours(packed, tuple(hx) if len(hx) > 1 else hx[0])
    out = pad_packed_sequence(out)[0]
    last = [part[0] for part in (last if isinstance(last, tuple) else (last,))]
    # Behind a sequence, Keras repeats its last output.
    want = want.transpose(0, 1) * mask[..., None]
    assert_close((out, *last), (want, *want_last), TOL)
    grads = []
    for results in ((out, *last), (want, *want_last)):
        loss = sum(
            (a * torch.tensor(draw(20 + i, *a.shape))).sum()
            for i, a in enumerate(results)
        )
        grads.append(torch.autograd.grad(loss, (x, *first)))
    assert_close(*grads, TOL)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_backwards(kind):
    """Keras leaves the outputs in the order in which it read, latest input first."""
    theirs, ours = build(kind, backwards=True)
    x = draw_inputs(kind)[0]
    want, *want_last = theirs(x.transpose(0, 1))
    out, last = ours(x.flip(0))
    assert_close(out, want.transpose(0, 1), TOL)
    assert_close(last[0][0] if kind == "LSTM" else last[0], want_last[0], TOL)


def test_both_forms_of_the_gru_are_different_functions():
    x = draw_inputs("GRU before")[0]
    after, before = (build(kind)[1] for kind in ("GRU after", "GRU before"))
    before.load_state_dict(after.state_dict())
    assert (after(x)[0] - before(x)[0]).abs().max() > 1e-2
