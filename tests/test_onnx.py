"""Our cells and layers against ONNX Runtime: its RNN, LSTM and GRU, with all options.

ONNX has layouts of its own: directions in front, gates i o f c and z r h, both biases
in one row. They are converted here; onnx.ai documents them with the operators.
"""

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from oracle import LENGTHS, B, H, I, T, assert_close, draw
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg import bptt, layers
from course_pkg.batches import reverse_ragged
from course_pkg.cells import elman, gru, lstm, lstm_coupled, relu
from course_pkg.cells.gru_before import ResetBefore
from course_pkg.cells.lstm_peephole import Peephole

# Operator, its attributes, our cell, and where in ONNX's rows our blocks of rows are.
RNN = ("RNN", {}, elman, [0])
LSTM = ("LSTM", {}, lstm, [0, 2, 3, 1])
CELLS = {
    "RNN": RNN,
    "RNN with rectifier": ("RNN", {"activations": ["Relu"]}, relu, [0]),
    "LSTM": LSTM,
    "LSTM with peepholes": ("LSTM", {}, Peephole(), [0, 2, 3, 1]),
    "LSTM with coupled gates": ("LSTM", {"input_forget": 1}, lstm_coupled, [0, 3, 1]),
    "GRU": ("GRU", {"linear_before_reset": 1}, gru, [1, 0, 2]),
    "GRU that resets before": ("GRU", {}, ResetBefore(), [1, 0, 2]),
}
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
DIRECTIONS = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}
each_direction = pytest.mark.parametrize("direction", DIRECTIONS)
each_batch = pytest.mark.parametrize("lengths", [None, LENGTHS])


def draw_case(name, direction, bias=True, start=True):
    """Draw ONNX's inputs of an operator, in float32 as its runtime wants them."""
    op, D = CELLS[name][0], len(DIRECTIONS[direction])
    G = GATES[op]
    shapes = {"X": (T, B, I), "W": (D, G * H, I), "R": (D, G * H, H)}
    if bias:
        shapes["B"] = (D, 2 * G * H)
    if start:
        shapes["initial_h"] = (D, B, H)
    if start and op == "LSTM":
        shapes["initial_c"] = (D, B, H)
    if name == "LSTM with peepholes":
        shapes["P"] = (D, 3 * H)
    return {
        k: 0.7 * draw(i, *s).astype("f4") for i, (k, s) in enumerate(shapes.items())
    }


def run_onnx(name, direction, case, lengths):
    """Run the operator in ONNX Runtime: Y (T, D, B, H), Y_h and Y_c (D, B, H)."""
    op, attributes, _, _ = CELLS[name]
    outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
    order = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    given = dict(case)
    if lengths is not None:
        given["sequence_lens"] = np.array(lengths, dtype="i4")
    names = [k if k in given else "" for k in order][: 8 if op == "LSTM" else 6]
    if "activations" in attributes:
        times = len(DIRECTIONS[direction])
        attributes = {"activations": attributes["activations"] * times}
    node = helper.make_node(
        op, names, outputs, hidden_size=H, direction=direction, **attributes
    )
    kinds = {"f4": TensorProto.FLOAT, "i4": TensorProto.INT32}
    infos = [
        helper.make_tensor_value_info(k, kinds[v.dtype.str[1:]], v.shape)
        for k, v in given.items()
    ]
    results = [
        helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in outputs
    ]
    graph = helper.make_graph([node], "one", infos, results)
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, given)


def to_ours(name, case, d):
    """Return direction d of ONNX's weights under our names, in float64."""
    order = CELLS[name][3]
    rows = np.concatenate([np.arange(k * H, (k + 1) * H) for k in order])
    W, R = case["W"][d][rows], case["R"][d][rows]
    params = {"weight_ih": W, "weight_hh": R}
    if "B" in case:
        b_ih, b_hh = np.split(case["B"][d], 2)
        params |= {"bias_ih": b_ih[rows], "bias_hh": b_hh[rows]}
    if "P" in case:
        p = case["P"][d]  # its blocks are i, o, f
        params |= {
            "weight_ci": p[:H],
            "weight_cf": p[2 * H :],
            "weight_co": p[H : 2 * H],
        }
    return {k: v.astype("f8") for k, v in params.items()}


def run_pair(name, direction, case, lengths):
    """Run our scan on each direction by itself, on NumPy arrays."""
    op, _, cell, _ = CELLS[name]
    n = np.array((T,) * B if lengths is None else lengths)
    mask = (np.arange(T)[:, None] < n)[..., None].astype("f8")
    x, zero, results = case["X"].astype("f8"), np.zeros((B, H)), []
    for d, backwards in enumerate(DIRECTIONS[direction]):
        names = ("initial_h", "initial_c")[: 2 if op == "LSTM" else 1]
        first = tuple(case[k][d].astype("f8") if k in case else zero for k in names)
        state = first if len(first) > 1 else first[0]
        given = reverse_ragged(x, n) if backwards else x
        hs, last, _ = bptt.forward(cell, to_ours(name, case, d), given, state, mask)
        hs = mask * (reverse_ragged(hs, n) if backwards else hs)
        results.append((hs, *(last if isinstance(last, tuple) else (last,))))
    Y, *last = zip(*results, strict=True)
    return [np.stack(Y, 1), *map(np.stack, last)]


@each_batch
@pytest.mark.parametrize("start", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@each_direction
@pytest.mark.parametrize("name", CELLS)
def test_the_pair_is_onnx(name, direction, bias, start, lengths):
    case = draw_case(name, direction, bias, start)
    got = run_pair(name, direction, case, lengths)
    assert_close(tuple(got), tuple(run_onnx(name, direction, case, lengths)), tol=2e-6)


LAYERS = {
    "RNN": (layers.RNN, {}),
    "RNN with rectifier": (layers.RNN, {"nonlinearity": "relu"}),
    "LSTM": (layers.LSTM, {}),
    "GRU": (layers.GRU, {}),
    "GRU that resets before": (layers.GRU, {"reset_after": False}),
}


@each_batch
@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_onnx(name, direction, lengths):
    case = draw_case(name, direction)
    make, further = LAYERS[name]
    D = len(DIRECTIONS[direction])
    rnn = make(I, H, bidirectional=D == 2, **further).double()
    ours = [to_ours(name, case, d) for d in range(D)]
    suffixes = "_l0", "_l0_reverse"
    pairs = list(zip(suffixes, ours, strict=False))
    weights = {k + s: torch.tensor(v) for s, p in pairs for k, v in p.items()}
    rnn.load_state_dict(weights)
    x, *first = (
        torch.tensor(case[k]).double()
        for k in case
        if k in ("X", "initial_h", "initial_c")
    )
    hx = tuple(first) if len(first) > 1 else first[0]
    n = torch.tensor(lengths or (T,) * B)
    packed, last = rnn(pack_padded_sequence(x, n, enforce_sorted=False), hx)
    Y, Y_h, *Y_c = run_onnx(name, direction, case, lengths)
    out = pad_packed_sequence(packed)[0].unflatten(-1, (D, H)).transpose(1, 2)
    assert_close(out, Y, tol=2e-6)
    assert_close(last, (Y_h, *Y_c) if Y_c else Y_h, tol=2e-6)
