"""Taggers: what a word looks like, what must not matter, and what they learn."""

import numpy as np
import pytest
import torch
from oracle import assert_close, complains
from torch import nn

from course_pkg.arrays import to_numpy
from course_pkg.models import crf
from course_pkg.models.lexicon import (
    LETTERS,
    SHAPES,
    UNKNOWN,
    Lexicon,
    MostFrequentTag,
    ending,
    forget,
    shape,
)
from course_pkg.models.tagging import Tagger, bio, features, score, tag
from course_pkg.vocab import Vocab

SENTENCES = [
    [("The", "DET"), ("dog", "NOUN"), ("walks", "VERB"), (".", "PUNCT")],
    [("the", "DET"), ("walks", "NOUN"), (".", "PUNCT")],
    [("Walk", "VERB"), ("the", "DET"), ("dog", "NOUN"), ("in", "ADP"),
     ("1984", "NUM"), (".", "PUNCT")],
    [("Dogs", "NOUN")],
]  # fmt: skip
LEXICON = Lexicon.of(SENTENCES)
LENGTHS = [4, 3, 6, 1]
T, B, C = max(LENGTHS), len(LENGTHS), len(LEXICON.tags)
TAGGERS = {
    "lstm": {},
    "gru": {"cell": "gru"},
    "rnn": {"cell": "rnn"},
    "one way": {"bidirectional": False, "letters": len(LEXICON.letters)},
    "letters": {"letters": len(LEXICON.letters)},
    "letters, rnn": {"letters": len(LEXICON.letters), "cell": "rnn"},
    "field": {"crf": True},
    "all": {"letters": len(LEXICON.letters), "crf": True, "cell": "gru"},
}


def make(name="all", **more):
    torch.manual_seed(0)
    arguments = {"sizes": LEXICON.sizes, "C": C, "H": 6, "E": 8}
    model = Tagger(**arguments | TAGGERS[name] | more).double()
    for weight in model.parameters():
        nn.init.uniform_(weight, -0.7, 0.7)
    return model


def one(b, batch):
    x, lengths, *tags = batch
    n = int(lengths[b])
    return x[:n, b : b + 1], lengths[b : b + 1], *(y[:n, b : b + 1] for y in tags)


def longer(batch, more=5):
    """Put ids of real words, letters and tags on the padding, and more of it."""
    x, lengths, tags = batch
    x = torch.cat([x, x[:1].expand(more, -1, -1)])
    tags = torch.cat([tags, tags[:1].expand(more, -1)])
    padding = torch.arange(len(x))[:, None] >= lengths
    x[padding] = x[0, 0].clone()
    return x, lengths, tags


@pytest.mark.parametrize(
    ("word", "name"),
    [("walk", "lower"), ("don't", "lower"), ("Walk", "Title"), ("I", "Title"),
     ("USA", "UPPER"), ("iPhone", "miXed"), ("McDonald", "miXed"), ("...", "no letter"),
     ("1984", "with digit"), ("B2B", "with digit"), ("été", "lower")],
)  # fmt: skip
def test_the_shape_of_a_word_is_seen_before_it_is_lowered(word, name):
    assert SHAPES[shape(word)] == name


def test_the_ending_is_the_last_three_letters_of_a_longer_word():
    assert [ending(w) for w in ("walking", "DOGS", "dog", "a")] == [
        "ing",
        "ogs",
        "",
        "",
    ]


def test_features_are_ids_of_word_ending_shape_and_letters():
    words, endings, letters = Vocab.of(["dog"]), Vocab.of(["ogs", ""]), Vocab.of("Dog")
    assert features("Dog", words, endings).tolist() == [2, 2, 1]
    assert features("Dogs", words, endings).tolist() == [UNKNOWN, 3, 1]
    got = features("Dogs", words, endings, letters)
    assert got.tolist() == [UNKNOWN, 3, 1, 2, 4, 3, UNKNOWN] + [0] * (LETTERS - 4)


def test_of_a_long_word_both_ends_are_read():
    vocab = Vocab.of("abcdefghijklmnopqrstuvwxyz")
    word = "abcdefghijklmnopqrstuvwxyz"
    got = features(word, Vocab.of([]), Vocab.of([]), vocab)[3:]
    assert "".join(vocab.decode(got)) == "abcdefgh" + "stuvwxyz"


def test_a_lexicon_knows_what_occurs_twice():
    assert set(LEXICON.words.symbols[2:]) == {"the", "dog", "walks", "."}
    assert "dogs" not in LEXICON.words.ids
    assert LEXICON.words.ids["<unk>"] == UNKNOWN
    assert set(LEXICON.endings.symbols[2:]) == {"", "lks"}
    assert len(LEXICON.letters) == 2 + len(set("Thetdogwalks.WinD1984"))
    assert LEXICON.tags.symbols == ("ADP", "DET", "NOUN", "NUM", "PUNCT", "VERB")
    assert LEXICON.sizes == (6, 4, 6)
    everything = Lexicon.of(SENTENCES, least=1)
    assert {"dogs", "in", "1984", "walk"} < set(everything.words.symbols)


def test_a_lexicon_comes_back_from_its_symbols():
    kept = {name: list(row) for name, row in LEXICON.symbols.items()}
    assert list(kept) == ["words", "endings", "letters", "tags"]
    assert Lexicon.of_symbols(kept) == LEXICON


def test_a_batch_is_padded_behind():
    x, lengths, tags = LEXICON.batch(SENTENCES)
    assert x.shape == (T, B, 3 + LETTERS)
    assert lengths.tolist() == LENGTHS
    for b, sentence in enumerate(SENTENCES):
        n = len(sentence)
        words, names = zip(*sentence, strict=True)
        assert (x[:n, b].numpy() == LEXICON.encode(words)).all()
        assert LEXICON.tags.decode(tags[:n, b]) == list(names)
        assert not x[n:, b].any()


def test_rare_words_are_forgotten_more_often_than_frequent_ones():
    x = torch.tensor([[[2, 7, 5]], [[3, 8, 4]], [[4, 9, 3]], [[0, 0, 0]]])
    x = x.repeat(1, 20000, 1)
    before, counts = x.clone(), np.array([0, 0, 1, 3, 0])
    new = forget(np.random.default_rng(0), x, counts, 1.0)
    assert (x == before).all()
    assert (new[..., 1:] == x[..., 1:]).all()
    gone = new[..., 0] == UNKNOWN
    assert (new[..., 0][~gone] == x[..., 0][~gone]).all()
    shares = gone.double().mean(1)
    assert_close(shares[:2], np.array([1 / 2, 1 / 4]), tol=0.05)
    assert shares[2:].tolist() == [1, 0]
    again = forget(np.random.default_rng(0), x, counts, 1.0)
    assert (new == again).all()
    assert (forget(np.random.default_rng(0), x, counts + 1, 0.0) == x).all()
    with complains("share: expected a number ≥ 0, got -1"):
        forget(np.random.default_rng(0), x, counts, -1)


def test_the_most_frequent_tag_is_counted_in_training_only():
    floor = MostFrequentTag.of([*SENTENCES, [("walks", "NOUN"), ("cat", "NOUN")]])
    assert floor.unknown == "NOUN"
    words = ["the", "The", "walks", "Walk", "bird"]
    assert floor.predict(words) == ["DET", "DET", "NOUN", "VERB", "NOUN"]
    assert floor.predict(["dOg"]) == ["NOUN"]
    assert MostFrequentTag.of([[("a", "X")], [("b", "Y")], [("b", "X")]]) == (
        MostFrequentTag({"a": "X", "b": "Y"}, "X")
    )


@pytest.mark.parametrize("name", TAGGERS)
def test_padding_and_company_do_not_matter(name):
    model, batch = make(name), LEXICON.batch(SENTENCES)
    want, loss = model(*batch[:2]), model.loss(*batch)
    more = longer(batch)
    got = model(*more[:2])
    assert_close(model.loss(*more), loss)
    p = model.probabilities(*more[:2])
    assert len(got) == len(p) == T + 5
    total = 0
    for b, n in enumerate(LENGTHS):
        alone = one(b, batch)
        assert_close(got[:n, b], want[:n, b])
        assert_close(model(*alone[:2])[:, 0], want[:n, b])
        assert_close(model.probabilities(*alone[:2])[:, 0], p[:n, b])
        assert not p[n:, b].any()
        assert (model.predict(*alone[:2])[0] == model.predict(*more[:2])[b]).all()
        total += n * model.loss(*alone)
    assert_close(loss, total / sum(LENGTHS))
    assert model.positions(*batch) == sum(LENGTHS)


def judge(model, x):
    """Tag one sentence (T, F) with torch.nn's layers; its words are read one by one."""
    H, E = model.recurrent.hidden_size, model.tables[0].embedding_dim
    sizes = {"bidirectional": True, "dtype": torch.float64}
    speller = nn.LSTM(E // 4, E // 2, **sizes)
    speller.load_state_dict(model.speller.recurrent.state_dict())
    reader = nn.LSTM(model.recurrent.input_size, H, **sizes)
    reader.load_state_dict(model.recurrent.state_dict())
    vectors = []
    for word in x:
        own = [table.weight[k] for table, k in zip(model.tables, word[:3], strict=True)]
        letters = model.speller.table(word[3:][word[3:] > 0])
        (forward, backward) = speller(letters)[1][0]
        vectors.append(torch.cat([*own, forward, backward]))
    return model.out(reader(torch.stack(vectors))[0])


def test_scores_are_those_of_torchs_layers_word_by_word():
    model, (x, lengths, _) = make("letters"), LEXICON.batch(SENTENCES)
    logits = model(x, lengths)
    for b, n in enumerate(LENGTHS):
        assert_close(logits[:n, b], judge(model, x[:n, b]))


@pytest.mark.parametrize("name", TAGGERS)
def test_the_order_of_the_batch_does_not_matter(name):
    model, (x, lengths, tags) = make(name), LEXICON.batch(SENTENCES)
    order = torch.tensor([2, 0, 3, 1])
    mixed = x[:, order], lengths[order], tags[:, order]
    assert_close(model(*mixed[:2]), model(x, lengths)[:, order])
    assert_close(model.loss(*mixed), model.loss(x, lengths, tags))


@pytest.mark.parametrize("name", TAGGERS)
def test_the_gradient_reaches_every_parameter(name):
    model = make(name)
    model.loss(*LEXICON.batch(SENTENCES)).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


@pytest.mark.parametrize("name", TAGGERS)
def test_a_tiny_set_is_learnt_by_heart(name):
    torch.manual_seed(0)
    more = {"dropout": 0.1} if name == "all" else {}
    model = make(name, **more)
    batch = LEXICON.batch(SENTENCES)
    optimiser = torch.optim.Adam(model.parameters(), 0.05)
    for _ in range(80):
        optimiser.zero_grad()
        model.loss(*batch).backward()
        optimiser.step()
    for b, guess in enumerate(model.predict(*batch[:2])):
        assert guess.tolist() == batch[2][: LENGTHS[b], b].tolist()
    figures = score(model, LEXICON, SENTENCES, B=3)
    assert figures["loss"] < 0.05
    assert figures["accuracy"] == figures["unknown"] == 1


def test_a_word_is_its_features_and_its_letters():
    """The letters decide between two words that are alike in all else."""
    x, lengths, _ = LEXICON.batch([[("cat", "NOUN")], [("cow", "NOUN")]])
    assert (x[:, 0, :3] == x[:, 1, :3]).all()
    for name in ("lstm", "letters"):
        logits = make(name)(x, lengths)
        assert bool((logits[:, 0] == logits[:, 1]).all()) == (name == "lstm")


def test_letters_are_read_from_both_ends():
    x, *_ = LEXICON.batch([[(w, "NOUN")] for w in ("ooh", "how", "sow", "hooh")])
    vectors = make("letters").speller(x[..., 3:])[0]
    assert not torch.isclose(vectors[0], vectors[1]).any()
    assert len({tuple(v.tolist()) for v in vectors}) == 4
    forward, backward = vectors.chunk(2, 1)
    assert vectors.shape == (4, 8)
    assert not torch.allclose(forward, backward)


def test_only_both_ways_know_what_follows():
    batch = LEXICON.batch([SENTENCES[2], [*SENTENCES[2][:5], ("dog", "NOUN")]])
    for name, seen in (("lstm", True), ("one way", False)):
        logits = make(name)(*batch[:2])
        assert bool((logits[0, 0] - logits[0, 1]).abs().max() > 1e-9) == seen
        assert (logits[5, 0] - logits[5, 1]).abs().max() > 1e-9


def test_the_loss_is_a_mean_over_words():
    model, batch = make("lstm"), LEXICON.batch(SENTENCES)
    log_p = model(*batch[:2]).log_softmax(-1)
    own = [log_p[t, b, batch[2][t, b]] for b, n in enumerate(LENGTHS) for t in range(n)]
    assert_close(model.loss(*batch), -sum(own) / len(own))


def test_the_loss_of_a_field_is_that_of_its_paths():
    model, (x, lengths, tags) = make("field"), LEXICON.batch(SENTENCES)
    logits, total = model(x, lengths), 0
    for b, n in enumerate(LENGTHS):
        field = model.transitions, model.start, torch.ones(n, 1, 1)
        alone = slice(n), slice(b, b + 1)
        total -= crf.log_likelihood(logits[alone], tags[alone], *field)[0]
    assert_close(model.loss(x, lengths, tags), total / sum(LENGTHS))
    field = model.transitions, model.start, (x[..., :1] > 0).double()
    p, _ = crf.marginals(logits, *field)
    assert_close(model.probabilities(x, lengths), p)


def test_a_field_starts_as_no_field():
    torch.manual_seed(0)
    model = Tagger(LEXICON.sizes, C, 5, crf=True)
    assert not model.transitions.any()
    assert not model.start.any()


@pytest.mark.parametrize("name", ["lstm", "field"])
def test_predictions_are_the_best_and_rules_forbid(name):
    model, (x, lengths, _) = make(name), LEXICON.batch(SENTENCES)
    logits = to_numpy(model(x, lengths))
    transitions, start = np.zeros((C, C)), np.zeros(C)
    if name == "field":
        transitions, start = to_numpy(model.transitions), to_numpy(model.start)
    free = model.predict(x, lengths)
    first = next(k for k in range(C) if k not in [guess[0] for guess in free])
    never = np.eye(C) > 0, np.arange(C) != first
    rules = tuple(np.where(forbidden, -np.inf, 0.0) for forbidden in never)
    ruled = model.predict(x, lengths, rules)
    for b, n in enumerate(LENGTHS):
        want = crf.viterbi(logits[:n, b], transitions, start)[0]
        assert (free[b] == want).all()
        forbidden = transitions + rules[0], start + rules[1]
        assert (ruled[b] == crf.viterbi(logits[:n, b], *forbidden)[0]).all()
        assert (np.diff(ruled[b]) != 0).all()
        assert ruled[b][0] == first
    assert any((f != r).any() for f, r in zip(free, ruled, strict=True))


def test_rules_of_spans_fit_a_tagger_of_spans():
    tags = ["B-x", "I-x", "O", "B-y", "I-y", "I-z"]
    x, lengths, _ = LEXICON.batch(SENTENCES)
    for guess in make("lstm").predict(x, lengths, bio(tags)):
        before = "O"
        for name in (tags[k] for k in guess):
            assert name[0] != "I" or before[1:] == name[1:]
            before = name


def test_dropout_acts_in_training_only_and_before_and_after_the_layer():
    model, batch = make("lstm", dropout=0.5, H=5), LEXICON.batch(SENTENCES)
    seen = []
    model.dropout.register_forward_hook(lambda *args: seen.append(args[2].shape[-1]))
    a, b = model(*batch[:2]), model(*batch[:2])
    assert not torch.allclose(a, b)
    assert seen == [8 + 2 + 2, 5 + 5] * 2
    p = model.probabilities(*batch[:2])
    assert (p == model.probabilities(*batch[:2])).all()
    assert model.training
    assert not p.requires_grad
    want = make("lstm", H=5).eval()(*batch[:2]).softmax(-1)
    assert_close(p[:3, :3], want[:3, :3])


def test_score_counts_every_word_once():
    model, batch = make("letters", dropout=0.5), LEXICON.batch(SENTENCES)
    whole, parts = (score(model, LEXICON, SENTENCES, B=n) for n in (4, 1))
    assert whole == pytest.approx(parts)
    guesses = model.predict(*batch[:2])
    right, new = [], []
    for b, n in enumerate(LENGTHS):
        right += (guesses[b] == batch[2][:n, b].numpy()).tolist()
        new += [w.lower() not in LEXICON.words.ids for w, _ in SENTENCES[b]]
    assert 0 < sum(right) < len(right)
    assert whole["accuracy"] == sum(right) / len(right)
    assert sum(new) == 4
    rare = [r for r, n in zip(right, new, strict=True) if n]
    assert whole["unknown"] == sum(rare) / 4
    assert whole["loss"] == pytest.approx(float(model.eval().loss(*batch).detach()))
    assert score(model, LEXICON, SENTENCES[1:2])["unknown"] == 0


@pytest.mark.parametrize("name", ["letters", "all"])
def test_a_page_gets_words_tags_and_probabilities(name):
    model, words = make(name), ["The", "dogs", "walk"]
    got = tag(model, LEXICON, words)
    x = torch.tensor(LEXICON.encode(words))[:, None]
    lengths = torch.tensor([3])
    p = model.probabilities(x, lengths)[:, 0]
    assert [word for word, *_ in got] == words
    guess = model.predict(x, lengths)[0]
    assert [name for _, name, _ in got] == LEXICON.tags.decode(guess)
    assert [q for *_, q in got] == [
        float(row[k]) for row, k in zip(p, guess, strict=True)
    ]
    with complains("words: expected one word or more, got none"):
        tag(model, LEXICON, [])


def test_wrong_arguments_are_named():
    model, (x, lengths, _) = make("letters"), LEXICON.batch(SENTENCES)
    with complains("features: expected (T, B, F) with F ≥ 4, got (6, 4, 3)"):
        model(x[..., :3], lengths)
    with complains("features: expected (T, B, F) with F ≥ 4, got (6, 4)"):
        model(x[..., 0], lengths)
    with complains("lengths: expected (B) = (4,), got (3,)"):
        model(x, lengths[:3])
    with complains("lengths: expected numbers in 1..T = 1..5, got [4, 3, 6, 1]"):
        model(x[:5], lengths)
    with complains("lengths: expected numbers in 1..T = 1..6, got [3, 2, 5, 0]"):
        model(x, lengths - 1)
    with complains("cell: expected one of 'rnn', 'gru', 'lstm', got 'elman'"):
        Tagger((3,), 2, 4, "elman")
    with complains("E: expected a multiple of 4, got 6"):
        Tagger((3,), 2, 4, E=6)
    with complains("seq: expected known symbols, or a <unk>, got ['X']"):
        LEXICON.batch([[("a", "X")]])
