"""The class that hands in `sequences`."""

from collections import Counter

import numpy as np


class Ada:
    """Everything right, in whole arrays."""

    wider = (
        "Nearly all contexts of 20 symbols are new in the test, so counts are empty. "
        "More text fills the table. A state carried along shares what it learns."
    )

    def encode(train, seq):
        symbols = sorted(set(train))
        return np.array([symbols.index(s) + 2 if s in symbols else 1 for s in seq])

    def decode(train, ids):
        symbols = sorted(set(train))
        return ["<unk>" if n == 1 else symbols[n - 2] for n in ids if n]

    def padded(seqs):
        n = np.array([len(s) for s in seqs])
        x = np.stack(
            [np.concatenate([s, np.repeat(s[:1], n.max() - len(s), 0)]) for s in seqs],
            1,
        )
        mask = (np.arange(n.max())[:, None] < n).astype(np.float64)
        return x, n, mask[:, :, np.newaxis]

    def windows(ids, T, B):
        rows = (len(ids) - 1) // B
        at = np.arange(rows)[:, None] + rows * np.arange(B)
        for i in range(0, rows, T):
            yield ids[at[i : i + T]], ids[at[i : i + T] + 1], i == 0

    def ngram_nats(train, test, k, V, add=0.1):
        def split(x):
            x = [int(v) for v in x]
            return [(tuple(x[t - k : t]), x[t]) for t in range(k, len(x))]

        runs = Counter(split(train))
        contexts = Counter(c for c, _ in split(train))
        p = [(runs[c, v] + add) / (contexts[c] + add * V) for c, v in split(test)]
        return -np.log(p).mean()

    def nearest(E, v, exclude, k):
        cosine = (E @ v) / np.sqrt((E**2).sum(1))
        rows = [n for n in np.argsort(-cosine) if n not in exclude]
        return rows[:k]


class Chen(Ada):
    """Right as far as it goes: the last task and the written answer are left open."""

    nearest = wider = None


class Dora(Ada):
    """Takes zeros for padding, and what is read for the target."""

    def padded(seqs):
        T = max(len(s) for s in seqs)
        x = np.zeros((T, len(seqs), *seqs[0].shape[1:]))
        for b, s in enumerate(seqs):
            x[: len(s), b] = s
        mask = (x != 0).astype(float)
        mask = mask[..., None] if x.ndim == 2 else mask.min(-1, keepdims=True)
        return x, np.array([len(s) for s in seqs]), mask

    def windows(ids, T, B):
        n = (len(ids) - 1) // B
        x = ids[: n * B].reshape(B, n).T
        return [(x[i : i + T], x[i : i + T], i == 0) for i in range(0, n, T)]


class Emil(Ada):
    """Counts in bits, finds the question's own words, and writes nothing."""

    wider = None

    def ngram_nats(train, test, k, V, add=0.1):
        counts, totals, loss = {}, {}, 0
        for t in range(k, len(train)):
            c = tuple(train[t - k : t])
            counts[c, train[t]] = counts.get((c, train[t]), 0) + 1
            totals[c] = totals.get(c, 0) + 1
        for t in range(k, len(test)):
            c = tuple(test[t - k : t])
            n = counts.get((c, test[t]), 0) + add
            loss -= np.log2(n / (totals.get(c, 0) + add * V))
        return loss / (len(test) - k)

    def nearest(E, v, exclude, k):
        cosine = E @ v / np.linalg.norm(E, axis=1) / np.linalg.norm(v)
        return np.argsort(cosine)[::-1][:k]


class Fatima(Ada):
    """Begins with id 0, and deals the text out like cards."""

    def encode(train, seq):
        symbols = {s: n for n, s in enumerate(sorted(set(train)))}
        return np.array([symbols.get(s, 1) for s in seq])

    def windows(ids, T, B):
        n = (len(ids) - 1) // B
        x, y = ids[: n * B].reshape(n, B), ids[1 : n * B + 1].reshape(n, B)
        return [(x[i : i + T], y[i : i + T], i == 0) for i in range(0, n, T)]


class Hana:
    """Hands in the notebook as it was released."""


STUDENTS = (Ada, Chen, Dora, Emil, Fatima, Hana)
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "chen": {"nearest": (3, None)},
    "dora": {
        "padded": (2.75, "the mask made from the values"),
        "windows": (2.5, "the targets are not shifted"),
    },
    "emil": {
        "ngram_nats": (4, "logarithms to base 2"),
        "nearest": (1.5, "the excluded rows are in the result"),
    },
    "fatima": {
        "encode": (2, "the first symbol has id 0, as padding has"),
        "windows": (3.5, "reshape(n, B): the text dealt out like cards"),
    },
    "hana": {
        "encode": (2, None),
        "decode": (1, None),
        "padded": (4, None),
        "windows": (4, None),
        "ngram_nats": (4, None),
        "nearest": (3, None),
    },
}
