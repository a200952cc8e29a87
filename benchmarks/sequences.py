"""Measure on real texts what the chapter `sequences` tells about them.

Counting models of order 1 to 7 on Shakespeare, each tenth of the text held out in turn;
word vectors counted from English sentences, each from half of them drawn at random;
the share of padding in batches, drawn at random or by length. Needs the data sets
tinyshakespeare, tatoeba_eng_fra, sst2 and ud_english_ewt (`course data`, COURSE_DATA).
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from machine import ROOT, commit, device_name

from course_pkg import datasets
from course_pkg.batches import buckets
from course_pkg.ngrams import NGram
from course_pkg.vocab import UNK, Vocab, words

SEEDS = range(10)  # also the tenths of a text
ORDERS = range(1, 8)
B = 32
Vectors = dict[str, np.ndarray]  # of length 1, by word
EXAMPLES = """examples:
  python benchmarks/sequences.py                       everything, some minutes
  python benchmarks/sequences.py --out /tmp/mine.json
"""
NEAR = ("great", "monday", "red", "three", "paris", "eat")
ANALOGIES = """man woman boy girl / man woman father mother / man woman brother sister /
man woman son daughter / man woman husband wife / man woman king queen /
he she his her / he she him her / he she himself herself / go went come came /
go went take took / go went eat ate / go went see saw / is was are were /
car cars book books /
car cars friend friends / car cars house houses / good better bad worse /
i my you your / i my we our / one two three four / monday sunday today tomorrow"""
MAP = """monday tuesday wednesday thursday friday saturday sunday today tomorrow
yesterday one two three four five six seven eight nine ten red blue green white black
yellow father mother brother sister son daughter wife husband man woman boy girl
eat drink eating drinking ate bread cake coffee tea milk beer water
good great bad nice beautiful terrible boston london tokyo paris france japan"""


def counting(n: int) -> dict[str, Any]:
    """Return nats for each order and each tenth of the first n characters held out."""
    text, tenth = datasets.load("tinyshakespeare")["all"][:n], n // 10
    nats = np.zeros((len(ORDERS), len(SEEDS)))
    seen, V = np.zeros(len(ORDERS)), 0
    for fold in SEEDS:
        a, b = fold * tenth, (fold + 1) * tenth
        train = text[:a] + text[b:]
        vocab = Vocab.of(train, specials=(UNK,))  # a sign met in the test is unknown
        ids, test, V = vocab.encode(train), vocab.encode(text[a:b]), len(vocab)
        for i, order in enumerate(ORDERS):
            model = NGram(order, V).fit(ids)
            nats[i, fold] = model.nats(test)
            seen[i] = len(model.counts)
    return {"characters": n, "V": V, "nats": nats.tolist(), "seen": seen.tolist()}


def sentences() -> list[list[str]]:
    """Return the English sentences of Tatoeba, each once, as words in lower case."""
    pairs = datasets.load("tatoeba_eng_fra")["all"]
    return [words(s.lower()) for s in dict.fromkeys(english for english, _ in pairs)]


def vectors(texts: list[list[str]], V: int, size: int) -> dict[str, Any]:
    """Return neighbours, analogies and a map of the V most frequent words."""
    counts = Counter(word for text in texts for word in text)
    common = [word for word, _ in counts.most_common(V)]
    asked = [q.split() for q in " ".join(ANALOGIES.split()).split(" / ")]
    asked = [q for q in asked if set(q) <= set(common)]
    found = lookup(texts, common, size)
    rows = [{"question": q, **{n: w(found, q) for n, w in WAYS.items()}} for q in asked]
    right: dict[str, list[int]] = {name: [] for name in WAYS}
    for seed in SEEDS:
        half = np.random.default_rng(seed).permutation(len(texts))[: len(texts) // 2]
        of_half = lookup([texts[i] for i in half], common, size)
        for name, way in WAYS.items():
            right[name].append(sum(way(of_half, q)[0] == q[3] for q in asked))
    near = {w: nearest(found, found[w], {w}) for w in NEAR if w in found}
    shown = [w for w in MAP.split() if w in found]
    places = flat(np.stack([found[w] for w in shown]))
    plane = dict(zip(shown, places.tolist(), strict=True))
    return {"sentences": len(texts), "words": V, "size": size, "near": near,
            "analogies": rows, "right": right, "map": plane}  # fmt: skip


def lookup(texts: list[list[str]], common: list[str], size: int) -> Vectors:
    """Return a vector of length 1 for each word."""
    E = datasets.word_vectors(texts, common, size=size)
    lengths = np.linalg.norm(E, axis=1)
    return {w: v / n for w, v, n in zip(common, E, lengths, strict=True) if n > 0}


def nearest(found: Vectors, v: np.ndarray, out: set[str]) -> list[str]:
    """Return the three words with the largest cosine with v, largest first."""
    names, E = list(found), np.stack(list(found.values()))
    rows = datasets.nearest(E, v, {names.index(w) for w in out}, 3)
    return [names[n] for n in rows]


def answer(found: Vectors, question: list[str], exclude: bool) -> list[str]:
    """Return the three best words for "a is to b as c is to"."""
    a, b, c, _ = question
    v = found[b] - found[a] + found[c]
    return nearest(found, v, {a, b, c} if exclude else set())


# How to answer an analogy; the last way does not look at the first pair at all.
WAYS = {
    "all words": lambda found, q: answer(found, q, False),
    "without the question's": lambda found, q: answer(found, q, True),
    "near the third word": lambda found, q: nearest(found, found[q[2]], set(q)),
}


def flat(E: np.ndarray) -> np.ndarray:
    """Return two numbers a word in which words with a large cosine lie close (N, 2)."""
    gap = 1 - E @ E.T
    centre = np.eye(len(E)) - 1 / len(E)
    values, axes = np.linalg.eigh(-centre @ gap @ centre)
    return axes[:, [-1, -2]] * np.sqrt(values[[-1, -2]])


def padding(texts: list[list[str]]) -> dict[str, Any]:
    """Return the share of padding in batches of B, drawn at random and by length."""
    lengths = np.array([len(text) for text in texts])
    shares: dict[str, list[float]] = {"random": [], "by length": []}
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(lengths))
        mixed = [order[i : i + B] for i in range(0, len(order), B)]
        for name, groups in {
            "random": mixed,
            "by length": buckets(lengths, B, rng),
        }.items():
            size = sum(lengths[g].max() * len(g) for g in groups)
            shares[name].append(1 - lengths.sum() / size)
    return {"sequences": len(texts), "longest": int(lengths.max()),
            "median": float(np.median(lengths)), **shares}  # fmt: skip


def measure() -> dict[str, Any]:
    """Run everything; one data set after the other."""
    texts = sentences()
    bank = [[w.form for w in s] for s in datasets.load("ud_english_ewt")["train"]]
    films = [words(s) for s, _ in datasets.load("sst2")["train"]]
    named = {"tree bank": bank, "Tatoeba": texts, "film reviews": films}
    return {
        "ngrams": [counting(n) for n in (30_000, 300_000)],
        "vectors": vectors(texts, 1500, 100),
        "padding": {name: padding(rows) for name, rows in named.items()},
    }


def main() -> None:
    """Read the arguments, measure, write the record."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=formatter
    )
    results = ROOT / "book" / "results" / "sequences.json"
    parser.add_argument("--out", type=Path, default=results, help="the record, JSON")
    out = parser.parse_args().out
    start = time.process_time()
    record = {"command": "python benchmarks/sequences.py", "seeds": len(SEEDS)}
    found = measure()
    seconds = round(time.process_time() - start)
    record |= {"device": device_name(), "commit": commit(), "seconds": seconds}
    out.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**record, **rounded(found)}, separators=(",", ":"))
    out.write_text(text + "\n", encoding="utf8")
    print(f"Wrote {out}")


def rounded(x: Any) -> Any:
    """Cut the floats to five decimals."""
    if isinstance(x, dict):
        return {name: rounded(part) for name, part in x.items()}
    if isinstance(x, list):
        return [rounded(part) for part in x]
    return round(float(x), 5) if isinstance(x, float) else x


if __name__ == "__main__":
    main()
