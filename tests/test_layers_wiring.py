"""What torch has not: skips over time and layers, directions apart, learned states."""

import by_hand
import pytest
import torch
from by_hand import KINDS
from oracle import LENGTHS, B, H, I, T, assert_close, complains, draw
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_pkg import layers
from course_pkg.autograd import parts, whole

FULL = (T,) * B
WIRINGS = {
    "plain": {},
    "residual": {"residual": True},
    "input to all": {"input_to_all": True},
    "skip over time": {"skip": (3,)},
    "two skips": {"skip": (4, 2)},
    "longer than the sequence": {"skip": (T + 1,)},
    "all at once": {"residual": True, "input_to_all": True, "skip": (2, 3)},
}
APART = {f"{name}, apart": w | {"joined": False} for name, w in WIRINGS.items()}
each_kind = pytest.mark.parametrize("kind", KINDS)


def build(kind, num_layers=2, seed=0, **arguments):
    """Make a layer in float64 whose weights are large enough to matter."""
    make, sizes, further, _, _ = KINDS[kind]
    rnn = make(I, *sizes, num_layers, **further, **arguments).double()
    torch.manual_seed(seed)
    for weight in rnn.parameters():
        nn.init.normal_(weight, std=0.6)
    return rnn


def draw_state(kind, rnn, seed=1, n=B):
    """Draw first states (K, n, ·), those of the past included, that want a gradient."""
    widths = KINDS[kind][-1]
    widths += widths[:1] * (max(rnn.skip, default=1) - 1)
    K = rnn.num_layers * rnn.directions
    draws = (draw(seed + i, K, n, W) for i, W in enumerate(widths))
    return tuple(torch.tensor(a, requires_grad=True) for a in draws)


def project(out, last):
    """Return a random projection of an output and of all last states."""
    parts = (out, *last)
    return sum(
        (a * torch.tensor(draw(20 + i, *a.shape))).sum() for i, a in enumerate(parts)
    )


def packed(rnn, x, hx, lengths):
    sizes = torch.tensor(lengths)
    out, last = rnn(pack_padded_sequence(x, sizes, enforce_sorted=False), whole(hx))
    return pad_packed_sequence(out)[0], parts(last)


def compare_with_autograd(kind, rnn, lengths):
    x, hx = torch.tensor(draw(0, T, B, I), requires_grad=True), draw_state(kind, rnn)
    leaves, results = (x, *hx, *rnn.parameters()), []
    ways = [by_hand.run(rnn, KINDS[kind][3], x, hx, lengths)]
    ways += [packed(rnn, x, hx, lengths)]
    if lengths == FULL:
        out, last = rnn(x, whole(hx))
        ways += [(out, parts(last))]
    for out, last in ways:
        grads = torch.autograd.grad(project(out, last), leaves)
        results.append((out, *last, *grads))
    for result in results[1:]:
        assert_close(result, results[0])


@pytest.mark.parametrize("lengths", [FULL, LENGTHS])
@pytest.mark.parametrize("wiring", WIRINGS | APART)
@each_kind
def test_everything_is_that_of_autograd(kind, wiring, lengths):
    rnn = build(kind, bidirectional=True, **(WIRINGS | APART)[wiring])
    compare_with_autograd(kind, rnn, lengths)


@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("wiring", WIRINGS)
@each_kind
def test_one_direction_too(kind, wiring, num_layers):
    compare_with_autograd(kind, build(kind, num_layers, **WIRINGS[wiring]), LENGTHS)


@each_kind
def test_one_piece_equals_many_pieces(kind):
    rnn = build(kind, **WIRINGS["all at once"])
    x, hx = torch.tensor(draw(0, T, B, I)), draw_state(kind, rnn)
    out, last = rnn(x, hx)
    pieces, now = [], hx
    for piece in x.split([1, 3, 2]):
        hs, now = rnn(piece, now)
        pieces.append(hs)
    assert_close((torch.cat(pieces), now), (out, last))


@each_kind
def test_what_never_was_counts_for_nothing(kind):
    """A state without its past, no state at all, and no batch: the past is zero."""
    rnn = build(kind, **WIRINGS["two skips"])
    x, hx = torch.tensor(draw(0, T, B, I)), draw_state(kind, rnn)
    n = len(KINDS[kind][-1])
    zeros = tuple(torch.zeros_like(part) for part in hx)
    assert_close(rnn(x, whole(hx[:n])), rnn(x, hx[:n] + zeros[n:]), tol=0)
    assert_close(rnn(x), rnn(x, zeros), tol=0)
    alone = rnn(x[:, 0], whole(tuple(part[:, 0] for part in hx[:n])))
    out, last = rnn(x, whole(hx[:n]))
    assert_close(alone, (out[:, 0], tuple(part[:, 0] for part in last)))


def test_a_wire_over_time_is_what_makes_the_difference():
    rnn = build("RNN", 1, skip=(3,))
    with torch.no_grad():
        rnn.weight_hh_l0.zero_()
    x = torch.tensor(draw(0, T, B, I), requires_grad=True)
    (dx,) = torch.autograd.grad(rnn(x)[0][-1].sum(), x)
    assert [bool(d.any()) for d in dx] == [False, False, True, False, False, True]


@pytest.mark.parametrize("dropout", [0.0, 1.0])
def test_the_residual_path_is_not_dropped(dropout):
    rnn = build("RNN", 2, residual=True, dropout=dropout)
    with torch.no_grad():
        for name in ("weight_hh_l1", "bias_ih_l1", "bias_hh_l1"):
            getattr(rnn, name).zero_()
    x = torch.tensor(draw(0, T, B, I))
    one = layers.RNN(I, H).double()
    one.load_state_dict({k: v for k, v in rnn.state_dict().items() if "_l0" in k})
    below = one(x)[0]
    above = below * (1 - dropout) @ rnn.weight_ih_l1.T
    assert_close(rnn(x)[0], below + torch.tanh(above))


@each_kind
def test_directions_apart_are_two_stacks(kind):
    rnn = build(kind, 3, bidirectional=True, joined=False)
    width = KINDS[kind][-1][0]
    assert rnn.weight_ih_l2_reverse.shape == (rnn.weight_ih_l0.shape[0], width)
    ahead, back = (build(kind, 3) for _ in range(2))
    weights = rnn.state_dict()
    own = {k: v for k, v in weights.items() if not k.endswith("_reverse")}
    ahead.load_state_dict(own)
    back.load_state_dict({k: weights[k + "_reverse"] for k in own})
    x, hx = torch.tensor(draw(0, T, B, I)), draw_state(kind, rnn)
    out, last = rnn(x, whole(hx))
    h, s = ahead(x, whole(tuple(p[0::2] for p in hx)))
    g, r = back(x.flip(0), whole(tuple(p[1::2] for p in hx)))
    assert_close(out, torch.cat([h, g.flip(0)], -1))
    states = [
        torch.stack(p, 1).flatten(0, 1) for p in zip(parts(s), parts(r), strict=True)
    ]
    assert_close(parts(last), tuple(states))


@pytest.mark.parametrize("lengths", [FULL, LENGTHS])
@each_kind
def test_learned_first_states(kind, lengths):
    """They act as the same state given to every sequence, and add up its gradients."""
    arguments = {"bidirectional": True, "skip": (3,)}
    rnn = build(kind, learn_state=True, **arguments)
    plain = build(kind, **arguments)
    weights, learned = (
        rnn.state_dict(),
        [p for n, p in rnn.named_parameters() if n in "h0c0"],
    )
    assert len(learned) == len(KINDS[kind][-1])
    missing = plain.load_state_dict(weights, strict=False)
    assert missing.unexpected_keys == ["h0", "c0"][: len(learned)]
    x = torch.tensor(draw(0, T, B, I))
    hx = tuple(p.detach().repeat(1, B, 1).requires_grad_() for p in learned)
    sizes = torch.tensor(lengths)
    batch = pack_padded_sequence(x, sizes, enforce_sorted=False)
    (out, last), (want, want_last) = rnn(batch), plain(batch, whole(hx))
    assert_close((out.data, last), (want.data, want_last), tol=0)
    got = torch.autograd.grad(project(out.data, last), learned)
    dhx = torch.autograd.grad(project(want.data, want_last), hx)
    assert_close(got, tuple(d.sum(1, keepdim=True) for d in dhx))
    alone, (first, *_) = rnn(x[:, 0]), rnn(x)
    assert_close(alone[0], first[:, 0])
    given = tuple(torch.zeros_like(h) for h in hx)
    assert_close(rnn(x, whole(given)), plain(x), tol=0)


def test_learned_states_start_at_zero_and_leave_the_other_draws_alone():
    torch.manual_seed(5)
    want = nn.LSTM(I, H, 2).state_dict()
    torch.manual_seed(5)
    got = layers.LSTM(I, H, 2, learn_state=True).state_dict()
    for name in ("h0", "c0"):
        assert_close(got.pop(name), torch.zeros(2, 1, H), tol=0)
    assert_close(dict(got), dict(want), tol=0)


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("kind", [layers.RNN, layers.LSTM, layers.GRU])
def test_count_is_the_size_of_what_is_built(
    kind, num_layers, bidirectional, bias, joined
):
    sizes = I, H, num_layers
    rnn = kind(*sizes, bias=bias, bidirectional=bidirectional, joined=joined)
    want = sum(weight.numel() for weight in rnn.parameters())
    assert layers.count(kind, *sizes, bidirectional, 2 * bias, joined) == want


def test_count_of_the_lectures():
    """One bias: 20,100 weights for 100 inputs and units; LSTM 4 h (d + h + 1)."""
    assert layers.count(layers.RNN, 100, 100, biases=1) == 20_100
    assert layers.count(layers.LSTM, 100, 100, biases=1) == 80_400
    assert layers.count(layers.LSTM, 65, 512, 3) == 5_388_288


def test_repr_names_the_wiring():
    rnn = layers.RNN(2, 3, 2, skip=[5, 2], joined=False, learn_state=True)
    want = "RNN(2, 3, num_layers=2, joined=False, skip=(5, 2), learn_state=True)"
    assert repr(rnn) == want


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.RNN(3, 5, skip=(1,)),
            "skip: expected different delays, integers ≥ 2, got (1,)",
        ),
        (
            lambda: layers.GRU(3, 5, skip=(3, 3)),
            "skip: expected different delays, integers ≥ 2, got (3, 3)",
        ),
        (
            lambda: layers.LSTM(3, 5, skip=(2.0,)),
            "skip: expected different delays, integers ≥ 2, got (2.0,)",
        ),
        (
            lambda: layers.RNN(3, 5, skip=(3,))(
                torch.zeros(6, 4, 3), (torch.zeros(1, 4, 5),) * 2
            ),
            "hx: expected 3 array(s), got 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(make, message):
    with complains(message):
        make()
