"""Encoder and decoder: against one sequence at a time, and what must not matter."""

import math

import numpy as np
import pytest
import torch
from seq2seq_oracle import log_p, read

from course_pkg import attention, decode
from course_pkg.models.decoder import AttentionDecoder
from course_pkg.models.pairs import Pairs
from course_pkg.models.seq2seq import Seq2Seq

V_x, V_y, E, H, START, END = 9, 7, 3, 4, 5, 6
LENGTHS, N = [3, 5, 1, 4], [2, 4, 5, 1]
S, T, B = max(LENGTHS), max(N) + 2, len(N)
SCORES = [None, "additive", "dot", "scaled"]
KINDS = ["rnn", "gru", "lstm"]


def make(seed=0, dtype=torch.float64, **how):
    torch.manual_seed(seed)
    model = Seq2Seq(V_x, V_y, E, H, start=START, end=END, **how).to(dtype)
    for weight in model.parameters():
        # Torch's first weights are small: a softmax over them hardly tells keys apart.
        torch.nn.init.uniform_(weight, -1, 1)
    return model


def batch(seed=1):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.integers(0, V_x, (S, B)))
    y = torch.from_numpy(rng.integers(0, V_y - 2, (T, B)))
    y[0] = START
    mask = torch.zeros(T, B, 1)
    for b, n in enumerate(N):
        y[n + 1, b] = END
        mask[: n + 2, b] = 1
    return x, torch.tensor(LENGTHS), y, mask


def one(b, x, lengths, y, mask):
    """Return sequence b alone, without its padding."""
    s, t = int(lengths[b]), int(mask[:, b].sum())
    return x[:s, b : b + 1], lengths[b : b + 1], y[:t, b : b + 1], mask[:t, b : b + 1]


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters()}


def close(a, b):
    torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


def singles(model, x, lengths):
    return [(x[: int(n), b : b + 1], lengths[b : b + 1]) for b, n in enumerate(lengths)]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_loss_and_gradients_are_those_of_single_steps(score, kind, turn, bidirectional):
    how = {"score": score, "cell": kind, "turn": turn, "bidirectional": bidirectional}
    model, (x, lengths, y, mask) = make(**how), batch()
    logps = []
    for b in range(B):
        x_b, _, y_b, _ = one(b, x, lengths, y, mask)
        logps += log_p(model, kind, x_b[:, 0].tolist(), y_b[:, 0].tolist())[0]
    want = -sum(logps) / len(logps)
    loss = model.loss(x, lengths, y, mask)
    assert len(logps) == sum(N) + B == model.positions(x, lengths, y, mask)
    close(loss, want)
    wanted = gradients(model, want)
    for name, d in gradients(model, loss).items():
        close(d, wanted[name])
        assert d.abs().max() > 0, name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turn", [False, True])
def test_states_lie_where_their_symbols_do(kind, turn):
    model, (x, lengths, *_) = make(cell=kind, turn=turn), batch()
    hs, state = model.encoder(x, lengths)
    assert hs.shape == (S, B, 2 * H)
    parts = state if kind == "lstm" else (state,)
    for b, n in enumerate(LENGTHS):
        want, first = read(model.encoder, kind, x[:n, b].tolist())
        close(hs[:n, b], torch.stack(want))
        assert (hs[n:, b] == 0).all()
        for part, s in zip(parts, first, strict=True):
            assert part.shape == (1, B, H)
            close(part[0, b], s)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("own_past", [0.0, 0.5, 1.0])
def test_padding_and_order_do_not_matter(score, own_past):
    model, (x, lengths, y, mask) = make(score=score), batch()
    own = torch.from_numpy(np.random.default_rng(0).random((T - 2, B)) < own_past)
    loss = model.loss(x, lengths, y, mask, own)
    alone = []
    for b in range(B):
        part = one(b, x, lengths, y, mask)
        t = len(part[2])
        alone.append((t - 1) * model.loss(*part, own[: t - 2, b : b + 1]))
    close(sum(alone) / (sum(N) + B), loss)
    other = x.clone(), lengths, y.clone(), mask
    for b in range(B):
        other[0][LENGTHS[b] :, b] = (other[0][LENGTHS[b] :, b] + 1) % V_x
        other[2][N[b] + 2 :, b] = END
    close(model.loss(*other, own), loss)
    order = torch.tensor([2, 0, 3, 1])
    mixed = x[:, order], lengths[order], y[:, order], mask[:, order], own[:, order]
    close(model.loss(*mixed), loss)


@pytest.mark.parametrize("score", SCORES)
def test_without_own_past_the_loop_and_the_single_call_agree(score):
    model, given = make(score=score), batch()
    never = torch.zeros(T - 2, B, dtype=torch.bool)
    close(model.loss(*given, never), model.loss(*given))


@pytest.mark.parametrize("score", SCORES)
def test_own_past_alone_is_greedy_decoding(score):
    model, (x, lengths, y, _) = make(score=score), batch()
    limit = 8
    found = model.translate(x, lengths, limit)
    long = torch.full((limit, B), START)
    always = torch.ones(limit - 1, B, dtype=torch.bool)
    logits, _ = model(x, lengths, long, always)
    own = logits.argmax(-1)
    for b in range(B):
        ids = own[:, b].tolist()
        assert found[b] == (ids[: ids.index(END)] if END in ids else ids)
    logits, _ = model(x, lengths, y[:-1], always[: T - 2])
    picked = torch.distributions.Categorical(logits=logits).log_prob(y[1:])
    mask = torch.ones(T, B, 1)
    rng = np.random.default_rng(0)
    close(model.loss(x, lengths, y, mask, own_past=1.0, rng=rng), -picked.mean())


@pytest.mark.parametrize("score", [None, "additive"])
def test_own_past_is_decided_by_step_and_sequence(score):
    """The decoder's own symbol, fed by hand where it was decided, gives the same."""
    model, (x, lengths, y, _) = make(score=score), batch()
    own = torch.from_numpy(np.random.default_rng(3).random((T - 2, B)) < 0.5)
    logits, _ = model(x, lengths, y[:-1], own)
    fed = y[:-1].clone()
    fed[1:] = torch.where(own, logits[:-1].argmax(-1), y[1:-1])
    assert (fed != y[:-1]).any()
    close(model(x, lengths, fed)[0], logits)


def test_own_past_comes_from_the_generator():
    model, given = make(score="dot"), batch()

    def losses(p, seed):
        rng = np.random.default_rng(seed)
        return [model.loss(*given, own_past=p, rng=rng).item() for _ in range(6)]

    assert losses(0.5, 0) == losses(0.5, 0)
    assert losses(0.5, 0) != losses(0.5, 1)
    assert len(set(losses(0.5, 0))) > 3
    assert len(set(losses(1.0, 0))) == 1
    assert losses(0.0, 0) == [model.loss(*given).item()] * 6


@pytest.mark.parametrize(
    ("score", "kind"), [("additive", "lstm"), ("dot", "rnn"), ("scaled", "gru")]
)
def test_a_step_against_finite_differences(score, kind):
    torch.manual_seed(0)
    K, B, S = 5, 2, 3
    decoder = AttentionDecoder(V_y, E, H, score, K, kind).double()
    keys = torch.randn(S, B, K, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[1, 1], [1, 1], [1, 0]], dtype=torch.float64)[..., None]
    first = [torch.randn(1, B, H, dtype=torch.float64) for _ in range(2)]
    first = [s.requires_grad_() for s in first[: 2 if kind == "lstm" else 1]]
    names, weights = zip(*decoder.named_parameters(), strict=True)
    y = torch.tensor([[1, 4], [2, 2]])

    def two_steps(keys, *rest):
        params = dict(zip(names, rest[len(first) :], strict=True))
        start = rest[: len(first)] if kind == "lstm" else rest[0]
        calls = torch.func.functional_call
        logits, state, _ = calls(decoder, params, (y[0], start, keys, mask))
        more, state, alpha = calls(decoder, params, (y[1], state, keys, mask))
        return logits, more, alpha, *(state if kind == "lstm" else (state,))

    decoder.forward = decoder.step  # what `functional_call` calls
    assert torch.autograd.gradcheck(two_steps, (keys, *first, *weights))


@pytest.mark.parametrize("score", ["additive", "dot", "scaled"])
def test_keys_may_be_projected_before_or_in_the_step(score):
    decoder = make(score=score).decoder
    keys, mask = torch.randn(3, 2, 2 * H).double(), torch.ones(3, 2, 1).double()
    given = torch.tensor([1, 2]), torch.randn(1, 2, H).double(), keys, mask
    ahead = decoder.step(*given, decoder.W_k(keys))
    for a, b in zip(decoder.step(*given), ahead, strict=True):
        close(a, b)


def test_additive_scores_are_those_of_the_attention():
    decoder = make(score="additive").decoder
    keys, query = torch.randn(3, 2, 2 * H).double(), torch.randn(2, H).double()
    W_q, W_k = decoder.W_q.weight, decoder.W_k.weight
    want = attention.additive(query, keys, W_q, W_k, decoder.v)
    close(decoder.scores(query, decoder.W_k(keys)), want)


@pytest.mark.parametrize("score", ["additive", "dot", "scaled"])
def test_one_source_symbol_leaves_nothing_to_choose(score):
    """All weight on one key: the logits of a vector model that always sees that key."""
    model, vector = make(score=score), make()
    x, lengths, y = torch.tensor([[3, 8]]), torch.tensor([1, 1]), batch()[2][:, :2]
    logits, weights = model(x, lengths, y)
    assert (weights == 1).all()
    hs, state = model.encoder(x, lengths)
    decoder = model.decoder
    fixed = hs.expand(len(y), -1, -1)
    out, _ = decoder.layer(torch.cat([decoder.embed(y), fixed], -1), state)
    close(logits, decoder.out(torch.cat([out, fixed], -1)))
    # Blind to its context, it is the model without attention.
    vector.encoder.load_state_dict(model.encoder.state_dict())
    with torch.no_grad():
        decoder.layer.weight_ih_l0[:, E:] = 0
        decoder.out.weight[:, H:] = 0
        vector.decoder.embed.weight[:] = decoder.embed.weight
        vector.decoder.layer.load_state_dict(
            decoder.layer.state_dict()
            | {"weight_ih_l0": decoder.layer.weight_ih_l0[:, :E]}
        )
        vector.decoder.out.weight[:] = decoder.out.weight[:, :H]
        vector.decoder.out.bias[:] = decoder.out.bias
    close(model(x, lengths, y)[0], vector(x, lengths, y)[0])


@pytest.mark.parametrize("score", ["additive", "dot", "scaled"])
def test_weights_are_those_of_single_steps(score):
    model, (x, lengths, y, _) = make(score=score), batch()
    _, weights = model(x, lengths, y[:-1])
    assert weights.shape == (T - 1, S, B)
    for b, n in enumerate(LENGTHS):
        _, want = log_p(model, "gru", x[:n, b].tolist(), y[:, b].tolist())
        close(weights[:, :n, b], torch.stack(want))
        assert (weights[:, n:, b] == 0).all()
        rows = model.alignment(x[:n, b], y[:, b])
        close(rows, torch.stack(want).detach())


@pytest.mark.parametrize("score", SCORES)
def test_decoding_does_not_depend_on_the_batch(score):
    model, (x, lengths, *_) = make(score=score, seed=4), batch()
    found = model.translate(x, lengths, 8)
    assert found == [model.translate(*s, 8)[0] for s in singles(model, x, lengths)]
    assert len({tuple(ids) for ids in found}) > 1
    assert all(len(ids) <= 8 and END not in ids for ids in found)
    beams = model.beam(x, lengths, 3, 6)
    assert beams == [model.beam(*s, 3, 6)[0] for s in singles(model, x, lengths)]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_beam_of_one_is_greedy_and_its_score_a_sum(score, kind):
    model, (x, lengths, *_) = make(score=score, cell=kind, seed=2), batch()
    greedy = model.translate(x, lengths, 5)
    found = model.beam(x, lengths, 1, 5)
    assert [list(h[0].ids) for h in found] == greedy
    wide = model.beam(x, lengths, 4, 5, 0.5)
    best = model.translate(x, lengths, 5, width=4, alpha=0.5)
    assert best == [list(h[0].ids) for h in wide]
    for b, hypotheses in enumerate(wide):
        assert len(hypotheses) == 4
        for h in hypotheses:
            y = [START, *h.ids, *[END] * h.finished]
            source = x[: LENGTHS[b], b].tolist()
            want = sum(log_p(model, kind, source, y)[0]).item()
            assert math.isclose(h.logp, want, abs_tol=1e-10)
    assert [h.finished for h in found[0]] == [len(greedy[0]) < 5]


def test_a_wide_beam_finds_what_greedy_misses():
    """Over a few models, the best of four is never less probable, at times more."""
    gains = []
    x, lengths, *_ = batch()
    for seed in range(8):
        model = make(score="additive", seed=seed)
        one_, four = (model.beam(x, lengths, w, 5) for w in (1, 4))
        gains += [w[0].logp - n[0].logp for w, n in zip(four, one_, strict=True)]
    assert max(gains) > 0.01


@pytest.mark.parametrize("score", SCORES)
def test_a_few_pairs_are_learnt_by_heart(score):
    pairs = [("abc", "cba"), ("b", "b"), ("ca", "ac"), ("bbac", "cabb")]
    sides = Pairs.of(pairs)
    start, end = sides.ends
    torch.manual_seed(0)
    sizes = len(sides.source), len(sides.target), 8, 24
    model = Seq2Seq(*sizes, start=start, end=end, score=score)
    x, lengths, y, mask = sides.batch(pairs)
    optimiser = torch.optim.Adam(model.parameters(), 0.03)
    for _ in range(90):
        optimiser.zero_grad()
        loss = model.loss(x, lengths, y, mask)
        loss.backward()
        optimiser.step()
    assert loss < 0.05
    found = model.translate(x, lengths, 10)
    assert ["".join(sides.target.decode(ids)) for ids in found] == [y for _, y in pairs]


def test_decoding_keeps_no_graph_and_no_state():
    model, (x, lengths, *_) = make(score="dot"), batch()
    assert model.translate(x, lengths, 5) == model.translate(x, lengths, 5)
    assert model.training
    y = torch.tensor([START, 1, END])
    assert not model.alignment(x[:, 1], y).requires_grad
    assert isinstance(model.beam(x, lengths, 2, 3)[0][0], decode.Hypothesis)


def test_a_model_rebuilt_from_its_weights_is_the_same():
    model, other = make(0, score="scaled"), make(1, score="scaled")
    given = batch()
    assert other.loss(*given).item() != model.loss(*given).item()
    other.load_state_dict(model.state_dict())
    assert other.loss(*given).item() == model.loss(*given).item()


@pytest.mark.gpu
@pytest.mark.parametrize("score", SCORES)
def test_a_cuda_device_gives_the_same(score):
    model, given = make(score=score), batch()
    want = model.loss(*given, own_past=0.5, rng=np.random.default_rng(0))
    ids = model.translate(*given[:2], 5)
    model, given = model.cuda(), tuple(a.cuda() for a in given)
    loss = model.loss(*given, own_past=0.5, rng=np.random.default_rng(0))
    close(loss.cpu(), want)
    assert model.translate(*given[:2], 5) == ids


def bad(**changes):
    names = "x", "x_lengths", "y", "y_mask"
    return lambda m: m.loss(**dict(zip(names, batch(), strict=True)) | changes)


X, N_X, Y, M = batch()
BAD = {
    r"^x: expected ids \(S, B\), got \(4,\)": bad(x=X[0]),
    r"^x_lengths: expected \(B,\) = \(4,\), got \(3,\)": bad(x_lengths=N_X[:3]),
    r"^x_lengths: expected numbers in 1\.\.S = 1\.\.5, got \[0, ": bad(
        x_lengths=N_X * 0
    ),
    r"^x_lengths: .*1\.\.5, got \[6, ": bad(x_lengths=N_X * 0 + 6),
    r"^y: expected \(T, B\) with T ≥ 2 and B = 4, got \(7, 3\)": bad(y=Y[:, :3]),
    r"^y: expected \(T, B\) with T ≥ 2 .*\(1, 4\)": bad(y=Y[:1]),
    r"^y_mask: expected \(T, B, 1\) = \(7, 4, 1\), got \(7, 4\)": bad(y_mask=M[..., 0]),
    "^y_mask: expected at least one true position": bad(y_mask=M * 0),
    r"^own_past: expected a probability in \[0, 1\], got 1.5": bad(own_past=1.5),
    r"^own_past: expected \(T-2, B\) = \(5, 4\), got \(7, 4\)": bad(own_past=Y > 0),
    r"^rng: expected a generator where own_past > 0, got None": bad(own_past=0.1),
    r"^score: expected a model with attention, got None": lambda m: m.alignment(
        X[:, 0], Y[:, 0]
    ),
    r"^score: expected one of 'additive', 'dot', 'scaled', got 'sum'": lambda m: make(
        score="sum"
    ),
    r"^cell: expected one of 'rnn', 'gru', 'lstm', got 'mgu'": lambda m: make(
        cell="mgu"
    ),
    r"^width: expected at least 1, got 0": lambda m: m.translate(X, N_X, 3, width=0),
    r"^limit: expected at least 0, got -1": lambda m: m.translate(X, N_X, -1),
}


@pytest.mark.parametrize("message", BAD)
def test_a_mistake_is_named(message):
    with pytest.raises(ValueError, match=message):
        BAD[message](make())
