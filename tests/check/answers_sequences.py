"""Right answers to the tasks of `sequences`: the package's, and others."""

import bisect
import heapq
import math
from collections import Counter, defaultdict

import numpy as np
import torch

from course_pkg import batches, datasets
from course_pkg.check.cases.sequences import decode, encode
from course_pkg.check.cases.sequences_models import ngram_nats

REFERENCE = {
    "encode": encode,
    "decode": decode,
    "padded": batches.padded,
    "windows": batches.windows,
    "ngram_nats": ngram_nats,
    "nearest": datasets.nearest,
}


def encode_by_dictionary(train, seq):
    ids = {symbol: n for n, symbol in enumerate(sorted(set(train)), start=2)}
    return np.array([ids.get(symbol, 1) for symbol in seq])


def encode_by_bisection(train, seq):
    symbols, found = sorted(set(train)), []
    for symbol in seq:
        n = bisect.bisect_left(symbols, symbol)
        known = n < len(symbols) and symbols[n] == symbol
        found.append(n + 2 if known else 1)
    return torch.tensor(found)


def encode_by_numpy(train, seq):
    symbols, seq = np.unique(train), np.array(seq)
    places = np.minimum(np.searchsorted(symbols, seq), len(symbols) - 1)
    return np.where(symbols[places] == seq, places + 2, 1).astype(np.int32)


def encode_as_a_list(train, seq):
    symbols = ["<pad>", "<unk>", *sorted(set(train))]
    return [symbols.index(s) if s in symbols else 1 for s in seq]


def decode_by_list(train, ids):
    symbols = ["<pad>", "<unk>", *sorted(set(train))]
    return [symbols[n] for n in ids if n != 0]


def decode_by_dictionary(train, ids):
    symbols = dict(enumerate(sorted(set(train)), start=2))
    symbols[1] = "<unk>"
    return tuple(symbols[int(n)] for n in ids if int(n) in symbols)


def decode_by_numpy(train, ids):
    symbols = np.concatenate([["<pad>", "<unk>"], np.unique(train)])
    return symbols[ids[ids > 0]]


def padded_in_loops(seqs):
    T, B = max(len(s) for s in seqs), len(seqs)
    x = np.zeros((T, B, *seqs[0].shape[1:]))
    mask = np.zeros((T, B, 1))
    for b, seq in enumerate(seqs):
        for t, value in enumerate(seq):
            x[t, b] = value
            mask[t, b, 0] = 1
    return x, [len(s) for s in seqs], mask


def padded_by_torch(seqs):
    rows = [torch.tensor(s) for s in seqs]
    lengths = torch.tensor([len(s) for s in seqs])
    x = torch.nn.utils.rnn.pad_sequence(rows, padding_value=-7)
    return x, lengths, (torch.arange(len(x))[:, None] < lengths)[..., None].float()


def padded_with_nines(seqs):
    T = max(map(len, seqs))
    columns = [np.concatenate([s, 0 * s[:1].repeat(T - len(s), 0) + 9]) for s in seqs]
    mask = np.stack([np.arange(T) < len(s) for s in seqs], 1).astype(np.float32)
    return np.stack(columns, 1), np.array([*map(len, seqs)]), mask[:, :, None]


def windows_as_a_list(ids, T, B):
    n = (len(ids) - 1) // B
    x = np.stack([ids[b * n : (b + 1) * n] for b in range(B)], 1)
    y = np.stack([ids[b * n + 1 : (b + 1) * n + 1] for b in range(B)], 1)
    return [(x[i : i + T], y[i : i + T], i == 0) for i in range(0, n, T)]


def windows_by_index(ids, T, B):
    n = (len(ids) - 1) // B
    for i in range(0, n, T):
        place = np.arange(i, min(i + T, n))[:, None] + n * np.arange(B)
        yield [ids[place], ids[place + 1], i == 0]


def windows_of_copies(ids, T, B):
    n, first = (len(ids) - 1) // B, True
    whole = torch.tensor(ids)
    for x, y in zip(
        whole[: n * B].view(B, n).split(T, 1),
        whole[1 : n * B + 1].view(B, n).split(T, 1),
        strict=True,
    ):
        yield x.T.clone(), y.T.clone(), first
        first = False


def nats_by_dictionaries(train, test, k, V, add=0.1):
    counts = defaultdict(Counter)
    for t in range(k, len(train)):
        counts[tuple(train[t - k : t])][train[t]] += 1
    loss = 0.0
    for t in range(k, len(test)):
        row = counts[tuple(test[t - k : t])]
        loss -= math.log((row[test[t]] + add) / (sum(row.values()) + add * V))
    return loss / (len(test) - k)


def nats_by_a_dense_array(train, test, k, V, add=0.1):
    def runs(x):
        return tuple(x[i : len(x) - k + i] for i in range(k + 1))

    table = np.full((V,) * (k + 1), float(add))
    np.add.at(table, runs(np.array(train)), 1)
    table /= table.sum(-1, keepdims=True)
    return -np.log(table[runs(np.array(test))]).mean()


def nats_with_the_context_backwards(train, test, k, V, add=0.1):
    def grams(x):
        return [(int(x[t]), *map(int, x[t - k : t][::-1])) for t in range(k, len(x))]

    both, alone = Counter(grams(train)), Counter(g[1:] for g in grams(train))
    p = [(both[g] + add) / (alone[g[1:]] + add * V) for g in grams(test)]
    return torch.tensor(p, dtype=torch.float64).log().mean().neg()


def nearest_by_sorting(E, v, exclude, k):
    cos = (E / np.linalg.norm(E, axis=1, keepdims=True)) @ (v / np.linalg.norm(v))
    return [n for n in np.argsort(cos)[::-1] if n not in exclude][:k]


def nearest_by_a_heap(E, v, exclude, k):
    def cosine(n):
        return sum(E[n] * v) / math.sqrt(sum(E[n] ** 2))

    return heapq.nlargest(k, set(range(len(E))) - set(exclude), key=cosine)


def nearest_by_torch(E, v, exclude, k):
    like = torch.cosine_similarity(torch.tensor(E), torch.tensor(v)[None])
    like[list(exclude)] = -2
    return like.topk(k).indices


RIGHT = {
    "encode": [
        encode_by_dictionary,
        encode_by_bisection,
        encode_by_numpy,
        encode_as_a_list,
    ],
    "decode": [decode_by_list, decode_by_dictionary, decode_by_numpy],
    "padded": [padded_in_loops, padded_by_torch, padded_with_nines],
    "windows": [windows_as_a_list, windows_by_index, windows_of_copies],
    "ngram_nats": [
        nats_by_dictionaries,
        nats_by_a_dense_array,
        nats_with_the_context_backwards,
    ],
    "nearest": [nearest_by_sorting, nearest_by_a_heap, nearest_by_torch],
}
