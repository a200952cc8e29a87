"""backend=: who runs a layer's cell, and what each choice promises."""

import copy
import pickle

import pytest
import torch
from layer_oracle import BATCHES, KINDS, run, twins
from layer_oracle import inputs as torch_inputs
from oracle import LENGTHS, B, H, I, T, assert_close, complains, draw

from course_pkg import backends, bptt, kernels, layers
from course_pkg.bptt import Pair

O = 2  # noqa: E741
LAYERS = {
    "tanh": (layers.RNN, (I, H), {}),
    "relu": (layers.RNN, (I, H), {"nonlinearity": "relu"}),
    "LSTM": (layers.LSTM, (I, H), {}),
    "LSTM with projection": (layers.LSTM, (I, H), {"proj_size": 2}),
    "GRU": (layers.GRU, (I, H), {}),
    "GRU, reset before": (layers.GRU, (I, H), {"reset_after": False}),
    "Jordan": (layers.Jordan, (I, H, O), {"decay": 0.5}),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def make(name, backend, num_layers=1, **further):
    """Make a layer of the same seed for every backend."""
    Layer, sizes, own = LAYERS[name]
    torch.manual_seed(0)
    made = Layer(*sizes, num_layers, backend=backend, **own, **further)
    return made.double()


def inputs(rnn):
    """Draw x (T, B, I) and the arrays (K, B, ·) of a first state."""
    K = rnn.num_layers * rnn.directions
    return draw(0, T, B, I), tuple(draw(1, K, B, W) for W in rnn.widths)


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["full", "ragged"])
@pytest.mark.parametrize("backend", ["auto", "autograd", "fast"])
@each_layer
def test_every_backend_is_the_reference(name, backend, lengths):
    results = []
    for which in (backend, "reference"):
        rnn = make(name, which, 2, bidirectional=True)
        results.append(run(rnn, *inputs(rnn), lengths))
    assert_close(*results, tol=1e-12)


@each_layer
def test_the_backend_autograd_has_second_derivatives(name):
    rnn = make(name, "autograd")
    x = torch.tensor(draw(0, 3, 2, I), requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: rnn(x)[0], (x,))


def test_only_the_backend_autograd_does_without_our_gradient(monkeypatch):
    calls = []
    monkeypatch.setattr(bptt, "backward", lambda *args: calls.append(args))
    for backend in ("autograd", "reference", "auto"):
        rnn = make("LSTM", backend)
        loss = rnn(torch.tensor(draw(0, T, B, I)))[0].sum()
        if backend == "autograd":
            loss.backward()
            assert not calls
        else:
            with pytest.raises((RuntimeError, TypeError)):
                loss.backward()
            assert calls.pop()


def test_a_kernel_is_taken_where_there_is_one(monkeypatch):
    used = []

    def scan(*args):
        used.append("scan")
        return bptt.scan(*args)

    def scan_grad(*args):
        used.append("scan_grad")
        return bptt.scan_grad(*args)

    rnn = make("GRU", "fused")
    key = rnn.cell, "cpu", torch.float64
    monkeypatch.setitem(kernels.PAIRS, key, Pair(scan, scan_grad))
    for backend in ("reference", "auto", "fused"):
        rnn.backend = backend
        rnn(torch.tensor(draw(0, T, B, I)))[0].sum().backward()
    assert used == ["scan", "scan_grad"] * 2
    with pytest.raises(ValueError, match=r"for cpu, torch\.float32, got gru"):
        rnn.float()(torch.zeros(T, B, I))


@each_layer
def test_without_a_kernel_what_is_missing_is_named(name):
    rnn = make(name, "fused")
    cell = {"tanh": "elman", "relu": "relu", "LSTM": "lstm", "GRU": "gru"}
    cell |= {"LSTM with projection": "Projected", "GRU, reset before": "ResetBefore"}
    message = (
        "backend='fused': expected a cell with a kernel in course_pkg.kernels for cpu, "
        f"torch.float64, got {cell.get(name, name)}"
    )
    with complains(message):
        rnn(torch.tensor(draw(0, T, B, I)))


@each_layer
def test_an_unknown_backend_is_named(name):
    message = (
        "backend: expected one of 'auto', 'reference', 'autograd', 'fast', 'fused', "
        "'torch', got 'cuda'"
    )
    with complains(message):
        make(name, "cuda")
    rnn = make(name, "auto")
    rnn.backend = "cuda"
    with complains(message):
        rnn(torch.tensor(draw(0, T, B, I)))


@each_layer
def test_a_copy_keeps_the_backend_and_the_weights_do_not(name):
    rnn = make(name, "reference")
    for twin in (copy.deepcopy(rnn), pickle.loads(pickle.dumps(rnn))):
        assert twin.backend == "reference"
    other = make(name, "autograd")
    assert list(other.state_dict()) == [key for key, _ in rnn.named_parameters()]
    other.load_state_dict(rnn.state_dict())
    assert other.backend == "autograd"


@each_layer
def test_repr_names_a_backend_that_is_not_auto(name):
    assert "backend=autograd" in repr(make(name, "autograd"))
    assert "backend" not in repr(make(name, "auto"))


def test_the_backend_is_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        layers.RNN(I, H, 1, "tanh", True, False, 0.0, False, None, None, "reference")


# The compiler's own warnings, whatever function of autograd it meets.
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
@pytest.mark.parametrize("name", ["tanh", "LSTM", "GRU", "Jordan"])
def test_a_compiled_layer_is_the_layer(name):
    rnn = make(name, "auto")
    compiled = torch.compile(rnn, backend="aot_eager")
    case = inputs(rnn)
    assert_close(run(compiled, *case), run(rnn, *case))


@pytest.mark.parametrize("backend", ["auto", "reference", "autograd", "fast"])
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_backend_is_torchs_layer(kind, batch, backend):
    shape = {"num_layers": 2, "bidirectional": True}
    theirs, ours = twins(kind, **shape)
    ours.backend = backend
    case = *torch_inputs(kind, **shape), BATCHES[batch]
    assert_close(run(ours, *case), run(theirs, *case))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("name", ["tanh", "relu", "LSTM", "GRU"])
def test_torchs_own_loop_is_the_reference(name, bias):
    results = []
    for which in ("torch", "reference"):
        rnn = make(name, which, 2, bias=bias, bidirectional=True)
        results.append(run(rnn, *inputs(rnn)))
    assert_close(*results, tol=1e-12)


def single(rnn):
    """Return a case (x, states) in float32, and the layer in float32."""
    x, states = inputs(rnn)
    return rnn.float(), x.astype("float32"), tuple(s.astype("float32") for s in states)


def test_auto_leaves_the_lstm_to_torch_only_where_that_is_faster(monkeypatch):
    calls = []

    def lstm(*args):
        calls.append(args)
        return torch.lstm(*args)

    monkeypatch.setitem(backends.LIBRARY, backends.lstm, lstm)
    rnn, x, states = single(make("LSTM", "auto"))
    found = run(rnn, x, states)
    assert len(calls) == 1
    rnn.backend = "reference"
    assert_close(found, run(rnn, x, states), tol=1e-5)
    rnn.backend = "auto"
    run(rnn, x, states, LENGTHS)
    rnn(torch.zeros(T, 0, I))
    with monkeypatch.context() as patch:
        patch.setattr(torch.backends.mkldnn, "enabled", False)
        run(rnn, x, states)
    run(rnn.double(), *inputs(rnn))
    run(*single(make("LSTM with projection", "auto")))
    run(*single(make("GRU", "auto")))
    assert len(calls) == 1


def test_auto_is_right_without_gradients_too():
    rnn, x, _ = single(make("LSTM", "auto"))
    with torch.no_grad():
        found = rnn(torch.tensor(x))[0]
    rnn.backend = "reference"
    assert_close(found, rnn(torch.tensor(x))[0], tol=1e-6)


@pytest.mark.parametrize(
    ("name", "cell"), [("Jordan", "Jordan"), ("GRU, reset before", "ResetBefore")]
)
def test_a_cell_that_torch_has_not_is_named(name, cell):
    with complains(f"backend='torch': expected a cell that torch has, got {cell}"):
        make(name, "torch")(torch.tensor(draw(0, T, B, I)))


def test_torchs_own_loop_has_no_mask():
    rnn = make("GRU", "torch")
    with complains("backend='torch': expected a batch without padding, got a mask"):
        run(rnn, *inputs(rnn), LENGTHS)
