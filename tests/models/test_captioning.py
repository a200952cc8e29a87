"""Captions: four ways in for a picture, each against torch.nn, and what they learn."""

import copy

import numpy as np
import pytest
import torch
from oracle import assert_close, assert_same_gradients, borrowed, complains
from torch import nn

from course_pkg import datasets
from course_pkg.models.captioning import INJECTIONS, Captioner, Encoder, information
from course_pkg.vocab import Vocab, words

V, E, H, B = 7, 4, 6, 3
START, END = 5, 6
LENGTHS = (4, 2, 3)
rng = np.random.default_rng(0)
IMAGES = torch.tensor(rng.random((B, 3, 16, 16)))
IDS = torch.tensor(rng.integers(0, START, (4, B)))
MASK = torch.tensor(np.arange(4)[:, None, None] < np.array(LENGTHS)[:, None]).double()
for b, n in enumerate(LENGTHS):
    IDS[n - 1, b] = END
BEFORE = torch.cat([torch.full((1, B), START), IDS[:-1]])


def build(inject, seed=0):
    torch.manual_seed(seed)
    return Captioner(V, E, H, inject, START, END).double()


def torchs_cell(model):
    """Return torch's GRU cell, which takes its weights from the model's GRU."""
    cell = nn.GRUCell(model.rnn.input_size, H, dtype=torch.float64)
    return borrowed(cell, model.rnn, "_l0")


def judge(model):
    """Write every injection out with torch's cell, one step after another."""
    cell = torchs_cell(model)
    grid = model.encoder.layers(IMAGES).flatten(2)  # (B, F, S)
    h, logits = torch.zeros(B, H, dtype=torch.float64), []
    if model.inject == "attention":
        grid = grid.transpose(1, 2) + model.place[:, 0]
    else:
        v = model.vector(grid.transpose(1, 2).reshape(B, -1))
    if model.inject == "state":
        h = v
    if model.inject == "first":
        h = cell(v, h)
    for ids in BEFORE:
        x = model.embedding(ids)
        if model.inject == "every":
            x = torch.cat([x, v], -1)
        if model.inject == "attention":
            scores = (model.key(grid) @ h[:, :, None])[:, :, 0] / H**0.5
            x = torch.cat([x, (scores.softmax(-1)[:, None] @ grid)[:, 0]], -1)
        h = cell(x, h)
        logits.append(model.out(h))
    loss = nn.functional.cross_entropy(
        torch.stack(logits).flatten(0, 1), IDS.flatten(), reduction="none"
    )
    return (loss * MASK.flatten()).sum() / MASK.sum()


@pytest.mark.parametrize("inject", INJECTIONS)
def test_loss_and_every_gradient_are_those_of_torchs_cell(inject):
    model, other = build(inject), build(inject)
    got, want = model.loss(IMAGES, IDS, MASK), judge(other)
    assert_close(got, want)
    assert_same_gradients(model, got, other, want)


@pytest.mark.parametrize("inject", INJECTIONS)
def test_padding_and_the_order_of_a_batch_do_not_matter(inject):
    model = build(inject)
    losses = []
    for b, n in enumerate(LENGTHS):
        losses.append(n * model.loss(IMAGES[b : b + 1], IDS[:n, b : b + 1]))
    want = sum(losses) / sum(LENGTHS)
    assert_close(model.loss(IMAGES, IDS, MASK), want)
    order = [2, 0, 1]
    assert_close(model.loss(IMAGES[order], IDS[:, order], MASK[:, order]), want)
    longer = torch.cat([IDS, torch.zeros_like(IDS)])
    zeros = torch.cat([MASK, torch.zeros_like(MASK)])
    assert_close(model.loss(IMAGES, longer, zeros), want)


@pytest.mark.parametrize("inject", INJECTIONS)
def test_one_piece_equals_many_pieces(inject):
    model = build(inject)
    whole, (_, h) = model(BEFORE, model.look(IMAGES))
    state = model.look(IMAGES)
    for t in range(len(BEFORE)):
        logits, state = model.step(BEFORE[t].numpy(), state)
        assert_close(logits, whole[t])
    assert_close(state[1], h)


@pytest.mark.parametrize("inject", INJECTIONS)
def test_captions_are_those_of_the_model_step_by_step(inject):
    """Follow the largest logits by whole passes over what has been said so far."""
    model = build(inject, seed=3)
    with torch.no_grad():
        model.out.weight.mul_(20)  # so that captions differ and some come to an end
    images = torch.tensor(np.random.default_rng(1).random((8, 3, 16, 16)))
    want = []
    for image in images:
        said = [START]
        while len(said) < 7 and said[-1] != END:
            ids = torch.tensor(said)[:, None]
            said.append(int(model(ids, model.look(image[None]))[0][-1, 0].argmax()))
        want.append([i for i in said[1:] if i != END])
    got = model.greedy(images, 6)
    assert got == want
    assert [list(model.beam(image, 1, 6)[0].ids) for image in images] == want


@torch.no_grad()
@pytest.mark.parametrize("inject", INJECTIONS)
def test_a_beam_that_holds_all_finds_the_likeliest_caption(inject):
    model = build(inject)
    captions = [[END], *([i, END] for i in range(V) if i != END)]
    losses = [
        len(ids) * model.loss(IMAGES[:1], torch.tensor(ids)[:, None]).item()
        for ids in captions
    ]
    found = [h for h in model.beam(IMAGES[0], 50, 2) if h.finished]
    assert len(found) == V
    assert [*found[0].ids, END] == captions[int(np.argmin(losses))]
    got = [h.logp for h in found]
    np.testing.assert_allclose(got, sorted((-x for x in losses), reverse=True), 1e-10)


def test_attention_shows_where_it_looked():
    model = build("attention")
    weights = model.looks(IMAGES, IDS)
    assert weights.shape == (4, 16, B)
    assert_close(weights.sum(1), torch.ones(4, B).double())
    # With no state yet all scores are 0; later on they are not.
    assert_close(weights[0], torch.full((16, B), 1 / 16).double())
    assert bool((weights[1].std(0) > 0).all())
    # A model that has read one more symbol looks elsewhere, and not before.
    other = IDS.clone()
    other[1] = (other[1] + 1) % START
    again = model.looks(IMAGES, other)
    assert_close(again[:3], weights[:3])
    assert bool((again[3] != weights[3]).any())
    with complains("inject: expected attention, got every"):
        build("every").looks(IMAGES, IDS)


def test_the_grid_is_read_row_by_row():
    encoder = Encoder()
    for layer in (encoder.layers[0], encoder.layers[3]):
        nn.init.dirac_(layer.weight)  # every pixel stays where it is
    dark = torch.zeros(1, 3, 16, 16)
    light = dark.clone()
    light[..., 1, 9] = 1  # in the first row, third of the four places
    changed = (encoder(light) != encoder(dark)).any(-1)[:, 0]
    assert changed.nonzero()[:, 0].tolist() == [2]


def test_information_is_the_difference_of_two_losses():
    """With two pictures there is one permutation without fixed points."""
    model = build("every")
    images, ids = IMAGES[:2], IDS[:, :2]
    want = model.loss(images.flip(0), ids) - model.loss(images, ids)
    got = information(model, images, ids, np.random.default_rng(0))
    assert got == pytest.approx(want.item(), rel=1e-12)
    want = model.loss(images.flip(0), ids, MASK[:, :2]) - model.loss(
        images, ids, MASK[:, :2]
    )
    got = information(model, images, ids, np.random.default_rng(0), MASK[:, :2])
    assert got == pytest.approx(want.item(), rel=1e-12)


def test_every_picture_goes_elsewhere():
    class Spy:
        def __init__(self):
            self.seen = []

        def loss(self, images, captions, mask):
            self.seen.append(images[:, 0, 0, 0].tolist())
            return torch.tensor(0.0)

    for B in (2, 3, 5, 8):
        images = torch.arange(B)[:, None, None, None].expand(B, 3, 16, 16)
        orders = set()
        for seed in range(20):
            spy = Spy()
            information(spy, images, IDS, np.random.default_rng(seed))
            wrong, right = spy.seen
            assert right == list(range(B))
            assert sorted(wrong) == right
            assert all(a != b for a, b in zip(wrong, right, strict=True))
            orders.add(tuple(wrong))
        assert len(orders) > (B > 2)


def tiny(n, seed=0):
    images, captions = datasets.shapes(np.random.default_rng(seed), n)
    vocab = Vocab.of(words(" ".join(captions)), specials=("<start>", "<end>"))
    ids = [vocab.encode([*words(caption), "<end>"]) for caption in captions]
    return torch.tensor(images), torch.tensor(np.stack(ids, 1)), vocab, captions


@pytest.mark.parametrize("inject", INJECTIONS)
def test_a_few_pictures_are_learnt_by_heart(inject):
    images, ids, vocab, captions = tiny(6)
    torch.manual_seed(0)
    model = Captioner(len(vocab), 12, 32, inject)
    optimiser = torch.optim.Adam(model.parameters(), 0.005)
    assert information(model, images, ids, np.random.default_rng(0)) < 0.1
    for _ in range(300):
        loss = model.loss(images, ids)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    assert loss < 0.05
    said = model.greedy(images, 12)
    assert [" ".join(vocab.symbols[i] for i in row) for row in said] == captions
    assert information(model, images, ids, np.random.default_rng(0)) > 1
    assert [list(model.beam(image, 3, 12)[0].ids) for image in images] == said


def test_a_model_can_be_copied_and_rebuilt():
    model = build("attention")
    want = model.loss(IMAGES, IDS)
    assert_close(copy.deepcopy(model).loss(IMAGES, IDS), want)
    other = build("attention", seed=1)
    other.load_state_dict(model.state_dict())
    assert_close(other.loss(IMAGES, IDS), want)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: build("last"),
            "inject: expected one of 'state', 'first', 'every', 'attention', "
            "got 'last'",
        ),
        (
            lambda: build("state").loss(IMAGES[:, 0], IDS),
            "images: expected (B, 3, 16, 16), got (3, 16, 16)",
        ),
        (
            lambda: build("state").greedy(IMAGES[..., 1:], 5),
            "images: expected (B, 3, 16, 16), got (3, 3, 16, 15)",
        ),
        (
            lambda: build("every").loss(IMAGES, IDS.T),
            "ids: expected (T, B) = (3, 3), got (3, 4)",
        ),
        (
            lambda: build("every").loss(IMAGES, IDS, MASK[:, :, 0]),
            "mask: expected (T, B, 1) = (4, 3, 1), got (4, 3)",
        ),
        (
            lambda: information(build("every"), IMAGES[:1], IDS[:, :1], rng),
            "images: expected B ≥ 2 pictures, got 1",
        ),
        (
            lambda: build("every").beam(IMAGES[0], 0, 5),
            "width: expected at least 1, got 0",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with complains(message):
        call()


def test_without_a_mask_every_word_counts():
    model = build("state")
    assert model.positions(IMAGES, IDS) == IDS.numel()
    assert model.positions(IMAGES, IDS, MASK) == sum(LENGTHS)
