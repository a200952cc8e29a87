"""Layers of every kind under autocast, on CUDA, in float32, copied and checked."""

import copy
import io
import pickle

import by_hand
import pytest
import torch
from oracle import LENGTHS, B, I, T, assert_close, draw
from torch.nn.utils.rnn import pack_padded_sequence

from course_pkg import layers
from course_pkg.autograd import parts

EXTRAS = {"residual": True, "skip": (2, 3), "learn_state": True, "joined": False}
KINDS = {(name, False): entry for name, entry in by_hand.KINDS.items()}
KINDS |= {(name, True): entry for name, entry in by_hand.KINDS.items()}
each_kind = pytest.mark.parametrize(
    ("kind", "extras"), KINDS, ids=[f"{k} {'with all' * e}" for k, e in KINDS]
)


def build(kind, extras, sizes=None, **arguments):
    make, widths, further, _, _ = by_hand.KINDS[kind]
    torch.manual_seed(0)
    arguments |= {"bidirectional": True} | (EXTRAS if extras else {})
    return make(*(sizes or (I, *widths)), num_layers=2, **further, **arguments)


def run(rnn, x, lengths=None, below=lambda x: x):
    """Run forward and back; return outputs, last states and every gradient."""
    x = x.detach().requires_grad_()
    n, given = torch.tensor(lengths or (T,) * B), below(x)
    given = pack_padded_sequence(given, n, enforce_sorted=False) if lengths else given
    out, last = rnn(given)
    results = (out.data if lengths else out), *parts(last)
    loss = sum(
        (a * torch.tensor(draw(i, *a.shape)).to(a)).sum() for i, a in enumerate(results)
    )
    return *results, *torch.autograd.grad(loss, (*rnn.parameters(), x))


@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("bias", [True, False])
@each_kind
def test_autocast_leaves_a_layer_in_float32(kind, extras, bias, lengths):
    """Products around it are rounded to bfloat16; its own, both ways, are not."""
    rnn, x = build(kind, extras, bias=bias), torch.tensor(draw(0, T, B, I)).float()
    W = torch.tensor(draw(1, I, I)).float()

    def below(x):
        product = x @ W
        assert product.dtype == torch.bfloat16
        return product

    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = run(rnn, x, lengths, below)
    assert {a.dtype for a in got} == {torch.float32}
    rounded = (x.bfloat16() @ W.bfloat16()).float()
    *want, dx = run(rnn, rounded, lengths)
    assert_close(got[:-1], tuple(want), tol=1e-6)
    assert_close(got[-1], dx @ W.T, tol=0.03)
    exact = run(rnn, x, lengths, lambda x: x @ W)
    assert_close(got[0], exact[0], tol=0.1)


def test_a_state_in_half_precision_is_taken_under_autocast():
    rnn = layers.LSTM(I, 5)
    x, h = torch.tensor(draw(0, T, B, I)).bfloat16(), torch.zeros(1, B, 5).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert_close(rnn(x, (h, h)), rnn(x.float()), tol=0)


@each_kind
def test_gradcheck(kind, extras):
    rnn = build(kind, extras, (2, *[3, 2][: len(by_hand.KINDS[kind][1])])).double()
    x = torch.tensor(draw(0, 4, 2, 2), requires_grad=True)
    names = [name for name, _ in rnn.named_parameters()]

    def f(x, *weights):
        weights = dict(zip(names, weights, strict=True))
        packed = pack_padded_sequence(x, torch.tensor([2, 4]), enforce_sorted=False)
        out, last = torch.func.functional_call(rnn, weights, (packed,))
        return out.data, *parts(last)

    assert torch.autograd.gradcheck(f, (x, *rnn.parameters()), fast_mode=True)


@pytest.mark.parametrize("copier", ["deepcopy", "pickle", "save"])
@each_kind
def test_a_copy_is_whole_and_separate(kind, extras, copier):
    rnn = build(kind, extras)
    if copier == "deepcopy":
        twin = copy.deepcopy(rnn)
    elif copier == "pickle":
        twin = pickle.loads(pickle.dumps(rnn))
    else:
        torch.save(rnn, file := io.BytesIO())
        file.seek(0)
        twin = torch.load(file, weights_only=False)
    x = torch.tensor(draw(0, T, B, I)).float()
    want = rnn(x)
    assert_close(twin(x), want, tol=0)
    assert repr(twin) == repr(rnn)
    with torch.no_grad():
        rnn.weight_hh_l0.zero_()
    assert_close(twin(x), want, tol=0)


@each_kind
def test_float32_is_close_to_float64(kind, extras):
    rnn, x = build(kind, extras), torch.tensor(draw(0, T, B, I))
    got = run(rnn, x.float(), LENGTHS)
    assert {a.dtype for a in got} == {torch.float32}
    assert_close(got, run(rnn.double(), x, LENGTHS), tol=1e-4)


@pytest.mark.gpu
@pytest.mark.parametrize("lengths", [None, LENGTHS])
@each_kind
def test_cuda_computes_what_the_cpu_does(kind, extras, lengths):
    rnn, x = build(kind, extras).double(), torch.tensor(draw(0, T, B, I))
    want = run(rnn, x, lengths)
    got = run(rnn.to("cuda"), x.to("cuda"), lengths)
    assert {a.device.type for a in got} == {"cuda"}
    assert_close(got, want)


@each_kind
def test_nothing_is_made_on_another_device(kind, extras):
    rnn = build(kind, extras, device="meta")
    out, last = rnn(torch.zeros(T, B, I, device="meta"))
    out.sum().backward()
    assert {a.device.type for a in (out, *parts(last))} == {"meta"}
    assert {p.grad.device.type for p in rnn.parameters()} == {"meta"}
