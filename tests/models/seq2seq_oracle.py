"""An encoder and decoder again: one sequence, one step and one formula at a time."""

import torch
from torch import nn

CELLS = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}


def cell_of(layer, kind, suffix=""):
    """Return torch's cell with a layer's weights, as a function of x (I,) and state."""
    cell = CELLS[kind](layer.input_size, layer.hidden_size).to(torch.float64)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = {name: getattr(layer, f"{name}_l0{suffix}") for name in names}

    def step(x, state):
        batch = [s[None] for s in state]
        h = batch if kind == "lstm" else batch[0]
        new = torch.func.functional_call(cell, weights, (x[None], h))
        return [s[0] for s in (new if kind == "lstm" else [new])]

    return step


def read(encoder, kind, x):
    """Return the states h_1 … h_S of one source x (S,), and the decoder's first one."""
    H, directions, ends = encoder.layer.hidden_size, [], []
    embedded = [encoder.embed.weight[i] for i in x]
    n = 2 if kind == "lstm" else 1
    for suffix in ("", "_reverse")[: encoder.layer.directions]:
        backwards = (suffix == "_reverse") != encoder.turn
        step = cell_of(encoder.layer, kind, suffix)
        state, hs = [torch.zeros(H, dtype=torch.float64)] * n, []
        for e in embedded[::-1] if backwards else embedded:
            state = step(e, state)
            hs.append(state[0])
        directions.append(hs[::-1] if backwards else hs)
        ends.append(state)
    hs = [torch.cat(pair) for pair in zip(*directions, strict=True)]
    joined = [torch.cat(part) for part in zip(*ends, strict=True)]
    bridges = zip(encoder.bridges, joined, strict=True)
    return hs, [torch.tanh(b.weight @ end + b.bias) for b, end in bridges]


def score(decoder, s, h):
    """Return the score of one encoder state h (K,) for one query s (H,)."""
    key = decoder.W_k.weight @ h
    if decoder.score == "additive":
        return decoder.v @ torch.tanh(decoder.W_q.weight @ s + key)
    return s @ key / (len(key) ** 0.5 if decoder.score == "scaled" else 1)


def log_p(model, kind, x, y):
    """Return log p(y_t | y_<t, x) for t = 1 … T-1, and the weights of each step."""
    decoder = model.decoder
    hs, state = read(model.encoder, kind, x)
    step, logps, rows = cell_of(decoder.layer, kind), [], []
    for t in range(1, len(y)):
        e = decoder.embed.weight[y[t - 1]]
        if model.score is None:
            state = step(e, state)
            seen = state[0]
        else:
            e_t = torch.stack([score(decoder, state[0], h) for h in hs])
            alpha = e_t.exp() / e_t.exp().sum()
            c = sum(a * h for a, h in zip(alpha, hs, strict=True))
            state = step(torch.cat([e, c]), state)
            seen = torch.cat([state[0], c])
            rows.append(alpha)
        logits = decoder.out.weight @ seen + decoder.out.bias
        logps.append(logits[y[t]] - logits.exp().sum().log())
    return logps, rows
