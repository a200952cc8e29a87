"""Pooling against loops and autograd, and models for which padding does not matter."""

import numpy as np
import pytest
import torch
from oracle import KINDS, assert_close, complains, draw, to
from torch import Tensor, nn

from course_pkg.datasets import NEGATION_WORDS, negation
from course_pkg.models.sentiment import (
    POOLINGS,
    BagOfWords,
    Classifier,
    evaluating,
    pool,
    pool_grad,
    shares,
)

T, B, H, V, C = 6, 4, 3, 7, 3
LENGTHS = np.array([6, 1, 3, 4])
MASK = np.arange(T)[:, None] < LENGTHS
# All states are below the zeros with which padding is filled.
HS = np.where(MASK[..., None], draw(0, T, B, H) - 5, 0.0)
SCORES, D = draw(1, T, B), draw(2, B, H)
MODELS = [BagOfWords, *POOLINGS]


def by_hand(hs: Tensor, kind: str, scores: Tensor) -> Tensor:
    """Pool each sequence by itself, cut to its length."""
    pooled = []
    for b, n in enumerate(LENGTHS):
        own, weights = hs[:n, b], scores[:n, b].softmax(0)
        pooled.append({
            "last": own[-1],
            "mean": own.mean(0),
            "max": own.max(0).values,
            "attention": weights @ own,
        }[kind])  # fmt: skip
    return torch.stack(pooled)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", POOLINGS)
def test_pool_and_its_gradient_are_autograds(how, kind):
    hs, scores = (torch.tensor(x, requires_grad=True) for x in (HS, SCORES))
    want = by_hand(hs, how, scores)
    (want * torch.tensor(D)).sum().backward()
    args = *to(kind, (HS, LENGTHS)), how, to(kind, SCORES)
    got = pool(*args)
    assert isinstance(got, np.ndarray) == (kind == "numpy")
    assert_close(got, want)
    d_hs, d_scores = pool_grad(to(kind, D), *args)
    assert_close(d_hs, hs.grad)
    if how == "attention":
        assert_close(d_scores, scores.grad)
    else:
        assert d_scores is None


@pytest.mark.parametrize("how", POOLINGS)
def test_autograd_agrees_through_pool_itself(how):
    hs, scores = (torch.tensor(x, requires_grad=True) for x in (HS, SCORES))
    pooled = pool(hs, torch.tensor(LENGTHS), how, scores)
    (pooled * torch.tensor(D)).sum().backward()
    d_hs, d_scores = pool_grad(D, HS, LENGTHS, how, SCORES)
    assert_close(hs.grad, d_hs)
    if how == "attention":
        assert_close(scores.grad, d_scores)


@pytest.mark.parametrize("how", POOLINGS)
def test_shares_sum_to_one_and_none_is_on_padding(how):
    weights = shares(HS, LENGTHS, how, SCORES)
    assert weights.shape == (T, B, H if how == "max" else 1)
    assert not weights[~MASK].any()
    assert_close(weights.sum(0), np.ones_like(weights[0]))


def test_equal_maxima_share_the_gradient():
    hs = np.array([[[2.0]], [[1.0]], [[2.0]]])
    d_hs, _ = pool_grad(np.ones((1, 1)), hs, np.array([3]), "max")
    assert d_hs[:, 0, 0].tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize("how", POOLINGS)
def test_whatever_lies_on_padding_has_no_part(how):
    for junk in (1e9, -1e9, np.inf, np.nan):
        hs = np.where(MASK[..., None], HS, junk)
        scores = np.where(MASK, SCORES, 1e9)
        assert_close(pool(hs, LENGTHS, how, scores), pool(HS, LENGTHS, how, SCORES))
        got = pool_grad(D, hs, LENGTHS, how, scores)
        want = pool_grad(D, HS, LENGTHS, how, SCORES)
        assert all(
            np.array_equal(g, w)
            for g, w in zip(got, want, strict=True)
            if w is not None
        )


@pytest.mark.parametrize("how", POOLINGS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_dtype_is_the_states_and_long_sequences_keep_their_ends(how, dtype):
    """In bfloat16 no number counts beyond 256."""
    hs = torch.zeros(600, 1, 1, dtype=getattr(torch, dtype))
    hs[598] = 1
    got = pool(hs, torch.tensor([599]), how, torch.zeros_like(hs[..., 0]))
    assert got.dtype == hs.dtype
    assert (float(got) == 1) == (how in ("last", "max"))
    single = pool(HS.astype("float32"), LENGTHS, how, SCORES.astype("float32"))
    assert single.dtype == np.float32


def make(how, dtype=torch.float64):
    torch.manual_seed(0)
    model = BagOfWords(V, C) if how is BagOfWords else Classifier(V, C, H, pool=how)
    for weight in model.parameters():
        nn.init.uniform_(weight, -1, 1)
    return model.to(dtype)


def batch():
    rng = np.random.default_rng(3)
    x = rng.integers(0, V, (T, B))
    return torch.tensor(x), torch.tensor(LENGTHS), torch.tensor([2, 0, 1, 2])


@pytest.mark.parametrize("how", MODELS)
def test_padding_and_company_do_not_matter(how):
    model, (x, lengths, y) = make(how), batch()
    longer = torch.cat([x, torch.randint(V, (20, B))])
    want, evidence = model(x, lengths), model.evidence(x, lengths)
    assert_close(model(longer, lengths), want)
    assert_close(model.evidence(longer, lengths)[:T], evidence)
    assert_close(model.loss(longer, lengths, y), model.loss(x, lengths, y))
    for b, n in enumerate(LENGTHS):
        assert_close(model(x[:n, b : b + 1], lengths[b : b + 1])[0], want[b])


@pytest.mark.parametrize("how", MODELS)
def test_the_order_of_the_batch_does_not_matter(how):
    model, (x, lengths, y) = make(how), batch()
    order = torch.tensor([2, 0, 3, 1])
    assert_close(model(x[:, order], lengths[order]), model(x, lengths)[order])
    loss = model.loss(x[:, order], lengths[order], y[order])
    assert_close(loss, model.loss(x, lengths, y))


@pytest.mark.parametrize("how", MODELS)
def test_evidence_adds_up_to_the_scores(how):
    model, (x, lengths, _) = make(how), batch()
    evidence = model.evidence(x, lengths)
    assert evidence.shape == (T, B, C)
    assert not evidence[~torch.tensor(MASK)].any()
    bias = model.bias if how is BagOfWords else model.out.bias
    assert_close(evidence.sum(0) + bias, model(x, lengths))


def test_only_the_net_knows_order():
    x, y = torch.tensor([[1, 2], [2, 1], [3, 3]]), torch.tensor([3, 3])
    bag, net = make(BagOfWords)(x, y), make("mean")(x, y)
    assert_close(bag[0], bag[1])
    assert (net[0] - net[1]).abs().max() > 1e-3


def test_loss_and_prediction_are_those_of_the_scores():
    model, (x, lengths, y) = make("mean"), batch()
    log_p = model(x, lengths).log_softmax(-1)
    assert_close(model.loss(x, lengths, y), -log_p[range(B), y].mean())
    p = model.predict(x, lengths)
    assert_close(p, log_p.exp())
    assert not p.requires_grad
    assert model.training


def fails(model):
    with evaluating(model):
        assert not model.training
        assert not torch.is_grad_enabled()
        raise KeyError


@pytest.mark.parametrize("mode", [True, False])
def test_evaluating_restores_the_mode_also_after_an_error(mode):
    model = make("mean").train(mode)
    with pytest.raises(KeyError):
        fails(model)
    assert model.training == mode
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("how", MODELS)
def test_the_gradient_reaches_every_parameter(how):
    model = make(how)
    model.loss(*batch()).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


def fit(model, batches, lr):
    optimiser = torch.optim.Adam(model.parameters(), lr=lr)
    for part in batches:
        optimiser.zero_grad()
        loss = model.loss(*part)
        loss.backward()
        optimiser.step()
    return loss.item()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("how", POOLINGS)
def test_a_tiny_set_is_learnt_by_heart(how, cell):
    torch.manual_seed(0)
    model, (x, lengths, y) = Classifier(V, C, 8, cell, how), batch()
    assert fit(model, [(x, lengths, y)] * 100, 0.03) < 0.05
    assert model.predict(x, lengths).argmax(-1).tolist() == y.tolist()


def language(rng, B):
    x, y = negation(rng, 6, B)
    return torch.tensor(x), torch.full((B,), 6), torch.tensor(y)


@pytest.mark.parametrize("how", MODELS)
def test_order_decides_where_not_turns_a_word_round(how):
    """Every bag of words means good as often as bad: only nets can do better."""
    rng, N = np.random.default_rng(0), len(NEGATION_WORDS)
    x, lengths, y = language(rng, 1000)
    torch.manual_seed(0)
    model = BagOfWords(N, 2) if how is BagOfWords else Classifier(N, 2, 16, pool=how)
    fit(model, (language(rng, 64) for _ in range(200)), 0.02)
    right = float((model.predict(x, lengths).argmax(-1) == y).double().mean())
    assert 0.45 < right < 0.55 if how is BagOfWords else right > 0.97


WRONG = {
    "lengths: expected (B) = (4,), got (3,)": {"lengths": LENGTHS[:3]},
    "lengths: expected numbers in 1..T = 1..6, got [6, 0, 3, 4]": {
        "lengths": LENGTHS * (LENGTHS > 1)
    },
    "lengths: expected numbers in 1..T = 1..6, got [7, 2, 4, 5]": {
        "lengths": LENGTHS + 1
    },
    "hs: expected (T, B, H), got (6, 4)": {"hs": SCORES},
    "kind: expected one of 'last', 'mean', 'max', 'attention', got 'sum'": {
        "kind": "sum"
    },
    'scores: expected (T, B) for "attention", got None': {"scores": None},
    "scores: expected (T, B) = (6, 4), got (4, 6)": {"scores": SCORES.T},
}


@pytest.mark.parametrize("message", WRONG)
def test_pool_names_wrong_arguments(message):
    args = {"hs": HS, "lengths": LENGTHS, "kind": "attention", "scores": SCORES}
    with complains(message):
        pool(**args | WRONG[message])


@pytest.mark.parametrize("how", MODELS)
def test_models_name_wrong_arguments(how):
    model, (x, lengths, _) = make(how), batch()
    with complains("x: expected ids (T, B), got (4,)"):
        model(x[0], lengths)
    with complains("lengths: expected (B) = (4,), got (2,)"):
        model(x, lengths[:2])
    with complains("lengths: expected numbers in 1..T = 1..5, got [6, 1, 3, 4]"):
        model(x[:5], lengths)
    with complains("lengths: expected numbers in 1..T = 1..6, got [5, 0, 2, 3]"):
        model(x, lengths - 1)


def test_a_classifier_names_an_unknown_cell_or_pooling():
    with complains("cell: expected one of 'rnn', 'gru', 'lstm', got 'elman'"):
        Classifier(V, C, H, "elman")
    with complains(
        "pool: expected one of 'last', 'mean', 'max', 'attention', got 'first'"
    ):
        Classifier(V, C, H, pool="first")
