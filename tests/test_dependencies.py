"""Dependency maps of networks whose reach is known, and models that look ahead."""

import numpy as np
import pytest
import torch
from oracle import complains, draw

from course_pkg import gradients, layers
from course_pkg.bptt import scan
from course_pkg.cells import elman

T = 7
LOWER = np.tril(np.ones((T, T), dtype=bool))


def rnn(**arguments):
    torch.manual_seed(0)
    return layers.RNN(3, 5, **arguments).double()


def late(d):
    """Answer d steps late: output t has seen inputs up to t, but is that of t - d."""
    model = rnn()
    return lambda x: torch.cat(
        [torch.zeros(d, *model(x)[0][d:].shape[1:]).double(), model(x)[0][:-d]]
    )


MAPS = {
    "forward": (rnn(), LOWER),
    "both": (rnn(bidirectional=True), np.ones_like(LOWER)),
    "deep": (rnn(num_layers=3, residual=True), LOWER),
    "late": (late(2), np.tril(LOWER, -2)),
    "window": (lambda x: x + torch.cat([x[:1], x[:-1]]), LOWER & ~np.tril(LOWER, -2)),
    "constant": (torch.ones_like, ~(LOWER | True)),
    "rectifier": (lambda x: x.relu(), np.eye(T, dtype=bool)),
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("shape", [(T, 3), (T, 2, 3)])
def test_maps_of_known_reach(name, shape):
    f, want = MAPS[name]
    x = torch.tensor(draw(0, *shape))
    before = x.clone()
    got = gradients.dependencies(f, x)
    assert got.dtype == bool
    assert got.tolist() == want.tolist()
    assert torch.equal(x, before)
    assert gradients.leaks(f, x) == bool(np.triu(want, 1).any())


def test_the_map_is_that_of_autograd():
    """A mask with holes, on NumPy: what no gradient reaches, no change reaches."""
    W, mask = draw(1, 5, 5), (draw(2, T, 2, 1) > 0).astype(float)
    f = lambda x: scan(elman, x, np.zeros((2, 5)), W, mask=mask)[0]  # noqa: E731
    x = draw(3, T, 2, 5)
    J = torch.autograd.functional.jacobian(
        lambda x: scan(
            elman,
            x,
            torch.zeros(2, 5).double(),
            torch.tensor(W),
            mask=torch.tensor(mask),
        )[0],
        torch.tensor(x),
    )
    want = (J.abs().amax((1, 2, 4, 5)) > 0).numpy()
    assert not want.all()
    assert gradients.dependencies(f, x).tolist() == want.tolist()


def test_small_reaches_count_unless_a_tolerance_says_otherwise():
    f = lambda x: x + 1e-9 * x.flip(0)  # noqa: E731
    x = torch.tensor(draw(0, T, 2))
    assert gradients.leaks(f, x)
    assert not gradients.leaks(f, x, tol=1e-8)


@pytest.mark.parametrize("module", [np, torch])
def test_ids_are_exchanged(module):
    x = np.array([[0, 3], [1, 1], [3, 3], [2, 0]])
    x = x if module is np else torch.tensor(x)
    E = np.random.default_rng(0).normal(size=(4, 3))
    E = E if module is np else torch.tensor(E)
    assert not gradients.leaks(lambda x: E[x].cumsum(0), x)
    assert gradients.leaks(lambda x: E[x] + E[x][-1], x)
    with complains("x: expected two different ids or more, got only 3"):
        gradients.dependencies(lambda x: x, 0 * x + 3)


def test_a_leak_through_the_last_state_is_seen():
    model = rnn()

    def f(x):
        hs, last = model(x)
        return torch.cat([hs, last.expand_as(hs)], -1)

    assert gradients.leaks(f, torch.tensor(draw(0, T, 2, 3)))


def test_dropout_is_no_leak_and_the_model_is_left_as_it_was():
    model = rnn(num_layers=2, dropout=0.5)
    x = torch.tensor(draw(0, T, 2, 3))
    assert not gradients.leaks(model, x)
    assert model.training
    assert not gradients.leaks(model.eval(), x)
    assert not model.training


def test_a_model_is_in_training_mode_again_after_an_error():
    model = rnn()
    with pytest.raises(ValueError, match="input: expected"):
        gradients.leaks(model, torch.zeros(T, 2, 4).double())
    assert model.training


def test_another_length_is_named():
    with complains("f(x): expected T = 7 outputs, got (6, 3)"):
        gradients.dependencies(lambda x: x[1:], draw(0, T, 3))
