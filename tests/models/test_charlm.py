"""The language models of characters and of words."""

import math

import numpy as np
import pytest
import torch
from oracle import complains
from torch import nn

from course_pkg.models.charlm import CharLM, nats
from course_pkg.models.wordlm import END, WordLM
from course_pkg.train import fit
from course_pkg.vocab import UNK, Vocab

V, E, H, T, B = 7, 5, 6, 9, 3
CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def make(seed=0, **arguments):
    torch.manual_seed(seed)
    return CharLM(V, E, H, **arguments).double()


def ids(seed, *shape):
    return torch.randint(V, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_is_what_torchs_layers_lose(cell):
    model = make(cell=cell, num_layers=2)
    theirs = CELLS[cell](E, H, 2).double()
    theirs.load_state_dict(model.rnn.state_dict())
    x, y = ids(1, T, B), ids(2, T, B)
    hs, state = theirs(model.embedding(x))
    want = nn.functional.cross_entropy(model.output(hs).flatten(0, 1), y.flatten())
    got, last = model.loss(x, y)
    assert (got - want).abs() < 1e-12
    for ours, other in zip(parts(last), parts(state), strict=True):
        assert (ours - other).abs().max() < 1e-12


def parts(state):
    return state if isinstance(state, tuple) else (state,)


@pytest.mark.parametrize("cell", CELLS)
def test_a_carried_state_makes_windows_one_text(cell):
    model = make(cell=cell)
    x = ids(1, T, B)
    whole, last = model(x)
    first, state = model(x[:4])
    second, end = model(x[4:], state)
    assert (torch.cat([first, second]) - whole).abs().max() < 1e-12
    assert (parts(end)[0] - parts(last)[0]).abs().max() < 1e-12


@pytest.mark.parametrize("tie", [False, True])
def test_gradients_reach_every_parameter(tie):
    torch.manual_seed(0)
    model = CharLM(V, H, H, num_layers=2, tie=tie)
    loss, _ = model.loss(ids(1, T, B), ids(2, T, B))
    loss.backward()
    assert len(list(model.parameters())) == 10 + (not tie)
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


def test_columns_do_not_know_each_other():
    model = make()
    x = ids(1, T, B)
    alone = torch.cat([model(x[:, b : b + 1])[0] for b in range(B)], 1)
    assert (model(x)[0] - alone).abs().max() < 1e-12
    assert (model(x.flip(1))[0].flip(1) - alone).abs().max() < 1e-12


def test_a_short_text_is_learnt_by_heart():
    torch.manual_seed(0)
    text = "to be, or not to be"
    vocab = Vocab.of(text, specials=())
    symbols = torch.as_tensor(vocab.encode(text))
    model = CharLM(len(vocab), 8, 24)
    batch = symbols[:-1, None], symbols[1:, None]
    optimiser = torch.optim.Adam(model.parameters(), 0.03)
    # An epoch is one batch, as each starts without a state.
    how = {"epochs": 120, "carry": True, "progress": False}
    fit(model, lambda epoch: [batch], optimiser, **how)
    assert nats(model, symbols) < 0.02
    got = model.generate(np.random.default_rng(0), 17, symbols[:2].tolist())
    assert "".join(vocab.decode(got)) == text[2:]


@pytest.mark.parametrize("chunk", [1, 4, 39, 1000])
def test_nats_do_not_depend_on_the_chunk(chunk):
    model, text = make(dropout=0.5), ids(1, 40)
    model.eval()
    logits, _ = model(text[:-1, None])
    want = nn.functional.cross_entropy(logits[:, 0], text[1:]).item()
    model.train()
    assert nats(model, text, chunk) == pytest.approx(want, abs=1e-12)
    assert model.training


def test_nats_of_columns_are_those_of_the_pieces():
    model, text = make(), ids(1, 41)
    pieces = [nats(model, text[i * 20 : i * 20 + 21]) for i in range(2)]
    assert nats(model, text, 7, B=2) == pytest.approx(sum(pieces) / 2, abs=1e-12)


def test_writing_is_repeated_by_its_seed_and_leaves_training_on():
    model = make(dropout=0.9)
    texts = [
        model.generate(np.random.default_rng(seed), 30, [1, 2]) for seed in (3, 3, 4)
    ]
    assert texts[0] == texts[1] != texts[2]
    assert model.training


def test_writing_reads_the_whole_prime():
    """What follows is drawn from the distribution after the prime's last symbol."""
    model, prime = make(seed=1), [1, 2, 3, 0, 5]
    with torch.no_grad():
        logits, _ = model(torch.tensor(prime)[:, None])
        cold = model.generate(np.random.default_rng(0), 1, prime, temperature=1e-9)
    assert cold == [int(logits[-1, 0].argmax())]
    assert cold != [int(logits[-2, 0].argmax())]


def test_arguments_are_checked():
    with complains("cell: expected one of 'rnn', 'gru', 'lstm', got 'elman'"):
        CharLM(V, E, H, "elman")
    with complains("E: expected H = 6, as the weights are tied, got 5"):
        CharLM(V, E, H, tie=True)
    with complains("ids: expected at least B + 1 = 3 symbols, got 2"):
        nats(make(), ids(1, 2), B=2)


LINES = [["a", "rose", "is", "a", "rose"], ["is", "it"]]
WORDS = [word for line in LINES for word in [*line, END]]


def test_words_are_learnt_line_by_line():
    torch.manual_seed(0)
    vocab = Vocab.of(WORDS, specials=(UNK,))
    model = WordLM(len(vocab), 24)
    text = torch.as_tensor(vocab.encode([END, *WORDS]))
    batch = text[:-1, None], text[1:, None]
    optimiser = torch.optim.Adam(model.parameters(), 0.03)
    fit(model, lambda e: [batch], optimiser, epochs=150, carry=True, progress=False)
    assert math.exp(nats(model, text)) < 1.1
    rng = np.random.default_rng(0)
    assert model.sentence(rng, vocab, LINES[0][:2]) == LINES[0]
    assert model.sentence(rng, vocab, LINES[0][:2], limit=1) == LINES[0][:3]


def test_the_unknown_word_is_never_drawn():
    torch.manual_seed(0)
    vocab = Vocab.of(WORDS, specials=(UNK,))
    model = WordLM(len(vocab), 4)
    with torch.no_grad():
        model.output.bias[vocab.ids[UNK]] = 10.0
        model.output.bias[vocab.ids[END]] = -10.0
    words = model.sentence(np.random.default_rng(0), vocab, limit=50)
    assert len(words) == 50
    assert UNK not in words
    assert model.training


def test_a_matrix_for_words_in_and_out():
    model = WordLM(50, 4)
    assert model.output.weight is model.embedding.weight
    assert model.embedding.weight.std() < 1


def test_a_sentence_needs_its_end():
    with complains('vocab: expected a vocabulary with "<eos>", got 3'):
        WordLM(3, 2).sentence(np.random.default_rng(0), Vocab(("a", "b", "c")))


def test_generation_records_no_graph_and_leaves_the_mode_as_it_was():
    model, seen = make(), []

    def watch(module, arguments, result):
        seen.append(result[0].requires_grad)

    model.register_forward_hook(watch)
    model.generate(np.random.default_rng(0), 2, [0])
    assert seen == [False, False]
    with complains("temperature: expected a number > 0, got 0"):
        model.generate(np.random.default_rng(0), 2, [0], temperature=0)
    assert model.training
