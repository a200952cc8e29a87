"""The pen: its draws by their moments, its window by hand, the net by torch.nn."""

import numpy as np
import pytest
import torch
from oracle import (
    KINDS,
    assert_close,
    assert_same_gradients,
    borrowed,
    complains,
    draw,
    to,
)
from torch import nn

from course_pkg import datasets
from course_pkg.batches import padded
from course_pkg.mixtures import mixture_nll, split
from course_pkg.models import handwriting
from course_pkg.models.handwriting import MixtureRNN, generate, window

T, B, U, V, K, H, M = 6, 3, 4, 5, 2, 7, 3
LENGTHS, LETTERS = (6, 2, 5), (4, 3, 1)
POINTS = np.concat([draw(1, T, B, 2), (draw(2, T, B, 1) > 0).astype(float)], -1)
MASK = (np.arange(T)[:, None, None] < np.array(LENGTHS)[:, None]).astype(float)
TEXT = np.eye(V)[np.random.default_rng(3).integers(0, V, (U, B))]
TEXT *= np.arange(U)[:, None, None] < np.array(LETTERS)[:, None]
POINTS_T, MASK_T, TEXT_T = map(torch.tensor, (POINTS, MASK, TEXT))
KINDS_OF_NET = ((1, 0), (3, 0), (1, V), (3, V))  # layers, symbols


def build(layers, symbols, seed=0):
    torch.manual_seed(seed)
    return MixtureRNN(H, M, layers, symbols, K).double()


def arguments(symbols, points=POINTS_T, mask=MASK_T, text=TEXT_T):
    return (points, mask, text) if symbols else (points, mask)


@pytest.mark.parametrize("kind", KINDS)
def test_the_window_is_the_sum_over_its_bumps(kind):
    alpha, beta, kappa = np.exp(draw(0, B, K)), np.exp(draw(1, B, K)), 3 + draw(2, B, K)
    weights, read = np.zeros((U, B)), np.zeros((B, V))
    for b in range(B):
        for u in range(U):
            for k in range(K):
                d = kappa[b, k] - (u + 1)  # the first letter is at 1
                weights[u, b] += alpha[b, k] * np.exp(-beta[b, k] * d * d)
            read[b] += weights[u, b] * TEXT[u, b]
    assert_close(
        window(*to(kind, (alpha, beta, kappa, TEXT))), to(kind, (weights, read))
    )


def judge(model, points, mask, text):
    """Run the net with torch's own LSTM and its cell, a step at a time."""
    before = torch.cat([torch.zeros(1, points.shape[1], 3).double(), points[:-1]])
    if model.V == 0:
        hs = borrowed(nn.LSTM(3, H), model.first)(before)[0]
    else:
        cell = borrowed(nn.LSTMCell(3 + V, H), model.first, "_l0")
        h = c = torch.zeros(points.shape[1], H).double()
        kappa, read = torch.zeros(points.shape[1], K), torch.zeros(points.shape[1], V)
        rows = []
        for x in before:
            h, c = cell(torch.cat([x, read.double()], -1), (h, c))
            bumps = torch.exp(model.bumps(h))
            kappa = kappa + bumps[:, 2 * K :]
            _, read = window(bumps[:, :K], bumps[:, K : 2 * K], kappa, text)
            rows.append(torch.cat([h, read], -1))
        hs = torch.stack(rows)
    if model.upper is not None:
        layers = model.upper.num_layers
        top = borrowed(nn.LSTM(hs.shape[-1], H, layers), model.upper)(hs)[0]
        hs = torch.cat([top, hs[..., H:]], -1)
    return mixture_nll(model.out(hs), points, mask)


@pytest.mark.parametrize(("layers", "symbols"), KINDS_OF_NET)
def test_loss_and_every_gradient_are_those_of_torchs_layers(layers, symbols):
    model, other = build(layers, symbols), build(layers, symbols)
    got = model.loss(*arguments(symbols))
    want = judge(other, POINTS_T, MASK_T, TEXT_T)
    assert_close(got, want)
    assert_same_gradients(model, got, other, want)


@pytest.mark.parametrize(("layers", "symbols"), KINDS_OF_NET)
def test_padding_and_the_order_of_a_batch_do_not_matter(layers, symbols):
    model = build(layers, symbols)
    want = model.loss(*arguments(symbols))
    losses = []
    for b, (n, u) in enumerate(zip(LENGTHS, LETTERS, strict=True)):
        one = POINTS_T[:n, b : b + 1], None, TEXT_T[:u, b : b + 1]
        losses.append(n * model.loss(*arguments(symbols, *one)))
    assert_close(sum(losses) / sum(LENGTHS), want)
    order = [2, 0, 1]
    turned = (x[:, order] for x in (POINTS_T, MASK_T, TEXT_T))
    assert_close(model.loss(*arguments(symbols, *turned)), want)
    noise = torch.tensor(draw(5, T, B, 3)) * (1 - MASK_T)
    longer = [torch.cat([x, torch.zeros_like(x)]) for x in (POINTS_T, MASK_T, TEXT_T)]
    longer[0][:T] += noise
    assert_close(model.loss(*arguments(symbols, *longer)), want)


@pytest.mark.parametrize(("layers", "symbols"), KINDS_OF_NET)
def test_one_piece_equals_many_pieces(layers, symbols):
    model, text = build(layers, symbols), TEXT_T if symbols else None
    out, weights, _ = model(POINTS_T, text)
    first, seen, state = model(POINTS_T[:2], text)
    rest, seen_too, _ = model(POINTS_T[2:], text, state)
    assert_close(
        (torch.cat([first, rest]), torch.cat([seen, seen_too])), (out, weights)
    )
    assert weights.shape == (T, U if symbols else 0, B)


def test_a_window_starts_before_the_text_and_only_moves_on():
    model = build(1, V)
    points = torch.tensor(draw(7, 40, B, 3))
    states = [model(points[:n], TEXT_T)[2][0][3] for n in range(1, 41)]
    kappa = torch.stack(states)
    assert bool((kappa[0] < 1).all())
    assert bool((kappa[1:] > kappa[:-1]).all())


OUT = np.concat([np.log([0.7, 0.3]), [1, -2, 0.5, 3], np.log([0.5, 2, 1.5, 0.2])])
OUT = np.concat([OUT, [0.8, -1.2], [0.4]])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_draws_have_the_moments_of_the_mixture(kind, bias):
    """Fifty thousand draws, against means and covariances written out."""
    N = 50_000
    out = to(kind, np.tile(OUT, (N, 1)))
    points = handwriting.draw(np.random.default_rng(0), split(out), bias)
    assert points.shape == (N, 3)
    pi = np.array([0.7, 0.3]) ** (1 + bias)
    pi /= pi.sum()
    mu = np.array([[1, 0.5], [-2, 3]])
    sx, sy = np.exp(-bias) * np.array([[0.5, 2], [1.5, 0.2]])
    rho = np.tanh([0.8, -1.2])
    mean = pi @ mu
    np.testing.assert_allclose(points[:, :2].mean(0), mean, atol=0.04)
    second = np.stack([[sx**2, rho * sx * sy], [rho * sx * sy, sy**2]])
    covariance = (second * pi).sum(-1) + (mu - mean).T @ np.diag(pi) @ (mu - mean)
    np.testing.assert_allclose(np.cov(points[:, :2].T), covariance, atol=0.07)
    assert set(points[:, 2]) == {0, 1}
    assert points[:, 2].mean() == pytest.approx(1 / (1 + np.exp(-0.4)), abs=0.01)


def test_one_component_has_its_own_correlation_and_scales():
    out = np.tile([0.0, 1, -1, np.log(2), np.log(0.5), 0.9, 0], (50_000, 1))
    xy = handwriting.draw(np.random.default_rng(1), split(out), 0.5)[:, :2]
    np.testing.assert_allclose(xy.mean(0), [1, -1], atol=0.03)
    np.testing.assert_allclose(xy.std(0), np.exp(-0.5) * np.array([2, 0.5]), rtol=0.02)
    assert np.corrcoef(xy.T)[0, 1] == pytest.approx(np.tanh(0.9), abs=0.01)


def test_rows_draw_from_their_own_mixture():
    out = np.zeros((3, 7))
    out[:, 1], out[:, 2], out[:, 3:5], out[:, 6] = (
        [1, 2, 3],
        [4, 5, 6],
        -30,
        [-50, 50, 0],
    )
    points = handwriting.draw(np.random.default_rng(0), split(out))
    np.testing.assert_allclose(points[:, :2], [[1, 4], [2, 5], [3, 6]], atol=1e-9)
    assert points[:2, 2].tolist() == [0, 1]


@pytest.mark.parametrize(("layers", "symbols"), KINDS_OF_NET)
def test_generation_reads_the_prime_once_and_goes_on_from_it(
    layers, symbols, monkeypatch
):
    """With draws replaced by the means, every point is the model's after all before."""
    model, prime = build(layers, symbols), POINTS_T[:3]
    text = TEXT_T if symbols else None
    monkeypatch.setattr(handwriting, "_past", lambda weights, text: False)
    monkeypatch.setattr(
        handwriting, "draw", lambda rng, m, bias: np.append(m.mu[..., 0], bias)[None]
    )
    got = generate(model, np.random.default_rng(0), 4, prime=prime, text=text, bias=0.5)
    sofar = torch.cat([torch.zeros(1, B, 3).double(), prime])
    for _ in range(4):
        m = split(model(sofar, text)[0][-1])
        new = torch.cat([m.mu[..., 0], torch.full((B, 1), 0.5)], -1)
        sofar = torch.cat([sofar, new[None]]).detach()
    assert_close(got, sofar[4:])
    got = generate(model, np.random.default_rng(0), 1, text=text, B=B)[0, :, :2]
    assert_close(got, split(model(0 * prime[:1], text)[0][-1]).mu[..., 0])


@pytest.mark.parametrize("symbols", [0, V])
def test_generation_is_reproducible_and_independent_of_the_batch(symbols):
    model = build(2, symbols)
    text = TEXT_T if symbols else None

    def drawn(seed, B):
        some = text if text is None else text[:, :B]
        rng = np.random.default_rng(seed)
        return generate(model, rng, 5, prime=POINTS_T[:2, :B], text=some)

    whole = drawn(0, 3)
    assert_close(drawn(0, 3), whole)
    assert_close(drawn(0, 1), whole[:, :1])
    assert_close(drawn(0, 2), whole[:, :2])
    assert bool((drawn(1, 3) != whole).any())
    rng = np.random.default_rng(0)
    if not symbols:
        one, two = generate(model, rng, 5, B=2), generate(model, rng, 5, B=2)
        assert one.shape == two.shape == (5, 2, 3)
        assert bool((one[..., :2] != two[..., :2]).all())
        assert bool((one[:, 0, :2] != one[:, 1, :2]).all())


def test_bias_makes_a_drawing_neater():
    model = build(1, 0)
    spread = [
        generate(model, np.random.default_rng(0), 3, B=200, bias=b)[..., :2].std()
        for b in (0.0, 1.0, 2.0)
    ]
    assert spread[0] > 1.5 * spread[1] > 2 * spread[2]


def test_a_drawing_ends_with_its_text():
    """A window that moves by one letter a step is past U letters after U steps."""
    model = build(1, V)
    with torch.no_grad():
        model.bumps.weight.zero_()
        model.bumps.bias.copy_(torch.tensor([0.0, 0, 1, 1, 0, 0]))
    points = generate(model, np.random.default_rng(0), 8, text=TEXT_T)
    drawn = (points != 0).any(-1).sum(0)
    assert drawn.tolist() == list(LETTERS)
    for b, n in enumerate(LETTERS):
        assert bool((points[:n, b] != 0).any(-1).all())
    longer = torch.cat([TEXT_T, torch.zeros(3, B, V).double()])
    assert_close(generate(model, np.random.default_rng(0), 8, text=longer), points)


def test_who_has_stopped_does_not_start_again(monkeypatch):
    model, answers = build(1, V), iter([False, True, False, False])
    monkeypatch.setattr(handwriting, "_past", lambda weights, text: next(answers))
    points = generate(model, np.random.default_rng(0), 4, text=TEXT_T[:, :1])
    assert (points != 0).any(-1)[:, 0].tolist() == [True, False, False, False]


def fit(model, steps, *batch):
    optimiser = torch.optim.Adam(model.parameters(), 0.03)
    for n in range(steps):
        optimiser.param_groups[0]["lr"] = 0.03 * (1 - n / steps)
        loss = model.loss(*batch)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return loss.item()


def far(points, others):
    return (points - others)[..., :2].abs().mean().item()


def test_a_letter_is_learnt_by_heart_and_drawn_again():
    drawings, _ = datasets.letters(np.random.default_rng(0), 1, length=1)
    points = torch.tensor(drawings[0][1:, None])  # without the long way to its start
    torch.manual_seed(1)
    model = MixtureRNN(32, 1)
    assert fit(model, 400, points) < -4
    for P in (0, 3):
        rng = np.random.default_rng(0)
        got = generate(model, rng, len(points) - P, prime=points[:P], bias=5.0)
        assert far(got, points[P:]) < far(0 * got, points[P:]) / 2


def test_the_text_says_which_of_two_letters_comes():
    """Two letters begin alike; what is drawn is what the text asks for."""
    rng = np.random.default_rng(0)
    made = [datasets.letters(rng, 1, length=1, shake=0.0) for _ in range(60)]
    found = {texts[0]: drawings[0][1:] for drawings, texts in made}
    points, _, mask = padded([torch.tensor(found[name]) for name in "nz"])
    text = torch.eye(2)[None]
    torch.manual_seed(1)
    model = MixtureRNN(32, 1, V=2, K=1)
    assert fit(model, 300, points, mask, text) < -2
    for order in ([0, 1], [1, 0]):
        got = generate(model, rng, 6, text=text[:, order], bias=5.0)
        right, wrong = points[:6, order], points[:6, order[::-1]]
        assert far(got, right) < far(got, wrong) / 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MixtureRNN(4, 0), "M: expected a number ≥ 1, got 0"),
        (lambda: MixtureRNN(4, 1, 0), "num_layers: expected a number ≥ 1, got 0"),
        (lambda: MixtureRNN(4, 1, 1, 2, 0), "K: expected a number ≥ 1, got 0"),
        (
            lambda: build(1, 0).loss(POINTS_T[..., :2]),
            "points: expected (T, B, 3), got (6, 3, 2)",
        ),
        (
            lambda: build(1, 0).loss(POINTS_T, MASK_T[..., 0]),
            "mask: expected (T, B, 1) = (6, 3, 1), got (6, 3)",
        ),
        (
            lambda: build(1, V).loss(POINTS_T),
            "text: expected one-hot (U, B, V) with V = 5, got None",
        ),
        (
            lambda: build(1, 0).loss(POINTS_T, MASK_T, TEXT_T),
            "text: expected None, as V = 0, got (4, 3, 5)",
        ),
        (
            lambda: build(1, V).loss(POINTS_T, MASK_T, TEXT_T[:, :2]),
            "text: expected (U, B, V) = (4, 3, 5), got (4, 2, 5)",
        ),
        (
            lambda: generate(
                build(1, 0), np.random.default_rng(0), 2, prime=POINTS_T[..., :2]
            ),
            "prime: expected (P, B, 3) = (6, 3, 3), got (6, 3, 2)",
        ),
        (
            lambda: generate(build(1, 0), np.random.default_rng(0), 2, bias=-1),
            "bias: expected a number ≥ 0, got -1",
        ),
        (
            lambda: window(*(np.ones((B, K)),) * 3, TEXT[0]),
            "onehot: expected (U, B, V), got (3, 5)",
        ),
        (
            lambda: window(*(np.ones((B, K)),) * 2, np.ones((B, 1)), TEXT),
            "alpha: expected (B, K) = (3, 1), got (3, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()


def test_without_a_mask_every_point_counts():
    model = build(1, 0)
    assert model.positions(POINTS_T) == T * B
    assert model.positions(POINTS_T, MASK_T) == sum(LENGTHS)
