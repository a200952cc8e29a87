"""Layers by hand: each sequence alone, step by step, derivatives by autograd.

Written from the formulas, with nothing of the package's but the names of weights.
"""

import torch
from oracle import H, O
from torch.nn.utils.rnn import pad_sequence

from course_pkg import layers


def elman(w, gi, state):
    h = torch.tanh(gi + w["weight_hh"] @ state[0] + w["bias_hh"])
    return h, (h,)


def relu(w, gi, state):
    h = torch.relu(gi + w["weight_hh"] @ state[0] + w["bias_hh"])
    return h, (h,)


def lstm(w, gi, state):
    h, c = state
    i, f, g, o = (gi + w["weight_hh"] @ h + w["bias_hh"]).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, (h, c)


def lstm_projected(w, gi, state):
    h, state = lstm(w, gi, state)
    return w["weight_hr"] @ h, (w["weight_hr"] @ h, state[1])


def gru(w, gi, state):
    gh = w["weight_hh"] @ state[0] + w["bias_hh"]
    r, z = torch.sigmoid(gi + gh)[: 2 * H].chunk(2)
    h = z * state[0] + (1 - z) * torch.tanh(gi[2 * H :] + r * gh[2 * H :])
    return h, (h,)


def gru_before(w, gi, state):
    gh = w["weight_hh"] @ state[0] + w["bias_hh"]
    r, z = torch.sigmoid(gi + gh)[: 2 * H].chunk(2)
    reset = w["weight_hh"][2 * H :] @ (r * state[0]) + w["bias_hh"][2 * H :]
    h = z * state[0] + (1 - z) * torch.tanh(gi[2 * H :] + reset)
    return h, (h,)


def jordan(w, gi, state):
    h = torch.tanh(gi + w["weight_hh"] @ state[0] + w["bias_hh"])
    y = torch.sigmoid(w["weight_hy"] @ h + w["bias_y"])
    return y, (0.6 * state[0] + y,)


# The layer, its sizes behind I, its further arguments, its step, the widths of a state.
KINDS = {
    "RNN": (layers.RNN, (H,), {}, elman, (H,)),
    "rectifier": (layers.RNN, (H,), {"nonlinearity": "relu"}, relu, (H,)),
    "LSTM": (layers.LSTM, (H,), {}, lstm, (H, H)),
    "projected": (layers.LSTM, (H,), {"proj_size": O}, lstm_projected, (O, H)),
    "GRU": (layers.GRU, (H,), {}, gru, (H,)),
    "before": (layers.GRU, (H,), {"reset_after": False}, gru_before, (H,)),
    "Jordan": (layers.Jordan, (H, O), {"decay": 0.6}, jordan, (O,)),
}


def sweep(rnn, step, k, rows, state, older):
    """Take rows through direction k % D of layer k // D; older: h_{-1}, h_{-2}, …"""
    layer, backwards = divmod(k, rnn.directions)
    suffix = f"_l{layer}" + "_reverse" * backwards
    names = [name for name, _ in rnn.named_parameters() if name.endswith(suffix)]
    w = {name.removesuffix(suffix): getattr(rnn, name) for name in names}
    history, out = [*older[::-1], state[0]], []
    for row in rows[::-1] if backwards else rows:
        gi = w["weight_ih"] @ row + w["bias_ih"]
        for d in rnn.skip:
            gi = gi + w[f"weight_skip{d}"] @ history[-d]
        y, state = step(w, gi, state)
        history.append(state[0])
        out.append(y)
    past = history[::-1][1 : 1 + len(older)]
    return out[::-1] if backwards else out, (*state, *past)


def one_sequence(rnn, step, rows, hx):
    """Take rows (T, I) up through all layers; hx: arrays (K, ·)."""
    D, older = rnn.directions, max(rnn.skip, default=1) - 1
    below, lasts = [list(rows)] * D, []
    for layer in range(rnn.num_layers):
        above = []
        for d in range(D):
            k, read = layer * D + d, below[d]
            if layer > 0 and rnn.input_to_all:
                read = [torch.cat(both) for both in zip(read, rows, strict=True)]
            first = tuple(part[k] for part in hx)
            n = len(first) - older
            out, last = sweep(rnn, step, k, read, first[:n], first[n:])
            above.append(out)
            lasts.append(last)
        if rnn.joined:
            above = [[torch.cat(row) for row in zip(*above, strict=True)]] * D
        if layer > 0 and rnn.residual:
            for d, outs in enumerate(above):
                above[d] = [a + b for a, b in zip(outs, below[d], strict=True)]
        below = above
    ends = below[:1] if rnn.joined else below
    out = torch.stack([torch.cat(row) for row in zip(*ends, strict=True)])
    return out, [torch.stack(parts) for parts in zip(*lasts, strict=True)]


def run(rnn, step, x, hx, lengths):
    """Run every sequence alone: x (T, B, I), hx a tuple of arrays (K, B, ·).

    Returns the outputs (T, B, ·), zero behind each sequence, and the last states.
    """
    results = [
        one_sequence(rnn, step, x[:n, b], [part[:, b] for part in hx])
        for b, n in enumerate(lengths)
    ]
    outs, lasts = zip(*results, strict=True)
    last = tuple(torch.stack(parts, 1) for parts in zip(*lasts, strict=True))
    return pad_sequence(outs), last
