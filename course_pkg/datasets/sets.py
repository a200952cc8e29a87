"""The real data sets: from the files' bytes to lists of examples.

Lines end at a newline and nowhere else: ``str.splitlines`` would also break at marks
that occur inside these texts.
"""

import io
import os
import zipfile
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from course_pkg.arrays import expect
from course_pkg.datasets import store

Files = dict[str, bytes]
Row = TypeVar("Row")
SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " "})


class Word(NamedTuple):
    """A word of the tree bank: its form and its tag from two tag sets."""

    form: str
    upos: str
    xpos: str


def load(
    name: str, *, root: str | os.PathLike[str] | None = None, download: bool = False
) -> dict[str, Any]:
    """Return the parts of a data set, "train", "dev" and "test", or "all" if undivided.

    Looks in root, or else where COURSE_DATA points and then in the cache; download:
    fetch what is missing. Each file must be the published one. Raises ValueError for an
    unknown name or a changed file, FileNotFoundError where nothing is and download is
    off, ConnectionError where the network fails. What a part holds: see `SETS`.
    """
    store.about(name)
    return SETS[name](store.read(name, root=root, download=download))


def split(
    rows: Sequence[Row],
    rng: np.random.Generator,
    shares: tuple[float, float] = (0.1, 0.1),
    key: Callable[[Row], Hashable] = lambda row: row,
) -> dict[str, list[Row]]:
    """Deal the rows of an undivided set into "train", "dev" and "test".

    shares: of dev and of test, the rest trains. Rows with the same key stay together,
    so that no test sentence was met in training: for pairs, take the source as key.
    Raises ValueError for shares below 0 or with a sum of 1 or more.
    """
    dev, test = shares
    fits = min(shares) >= 0 and dev + test < 1
    expect(fits, "shares", "two numbers ≥ 0 with a sum < 1", shares)
    keys = list(dict.fromkeys(key(row) for row in rows))
    order = rng.permutation(len(keys))
    n_dev, n_test = round(dev * len(keys)), round(test * len(keys))
    part = {keys[i]: "train" for i in order}
    part |= {keys[i]: "dev" for i in order[:n_dev]}
    part |= {keys[i]: "test" for i in order[n_dev : n_dev + n_test]}
    parts: dict[str, list[Row]] = {"train": [], "dev": [], "test": []}
    for row in rows:
        parts[part[key(row)]].append(row)
    return parts


def _lines(data: bytes, encoding: str = "utf8") -> list[str]:
    lines = data.decode(encoding).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _tinyshakespeare(files: Files) -> dict[str, str]:
    """Give "all": the text, 1,115,394 characters."""
    return {"all": files["input.txt"].decode("utf8")}


def _names_by_language(files: Files) -> dict[str, list[tuple[str, str]]]:
    """Give "all": pairs (name, language), each pair once."""
    pairs = [
        (name.strip(), file.removesuffix(".txt"))
        for file, data in files.items()
        for name in _lines(data)
    ]
    return {"all": list(dict.fromkeys(pairs))}


def _first_names(files: Files) -> dict[str, list[str]]:
    """Give "all": names in lower case, each once."""
    return {"all": list(dict.fromkeys(_lines(files["names.txt"])))}


def _sst2(files: Files) -> dict[str, list[tuple[str, int]]]:
    """Give pairs (sentence, label), 1 for positive."""
    parts = {}
    for part in ("train", "dev", "test"):
        rows = [line.rsplit("\t", 1) for line in _lines(files[f"{part}.tsv"])]
        parts[part] = [(sentence, int(label)) for sentence, label in rows]
    return parts


def _rt_polarity(files: Files) -> dict[str, list[tuple[str, int]]]:
    """Give "all": pairs (sentence, label), 1 for positive. SST-2 has many of them."""
    rows = []
    for label, file in enumerate(("rt-polarity.neg", "rt-polarity.pos")):
        # The files are older than UTF-8's victory: dashes and accents are cp1252.
        rows += [(line.strip(), label) for line in _lines(files[file], "cp1252")]
    return {"all": rows}


def _ud_english_ewt(files: Files) -> dict[str, list[list[Word]]]:
    """Give sentences, each a list of `Word`."""
    parts = {}
    for part in ("train", "dev", "test"):
        lines = _lines(files[f"en_ewt-ud-{part}.conllu"])
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        # 8-9 is a contraction, whose words follow; 8.1 a word that is not in the text.
        kept = [row for row in rows if not {"-", "."} & set(row[0])]
        words = [Word(row[1], *row[3:5]) if row[0] else None for row in kept]
        parts[part] = _sentences(words)
    return parts


def _wnut17(files: Files) -> dict[str, list[list[tuple[str, str]]]]:
    """Give sentences, each a list of (token, BIO tag). The language is rough."""
    names = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    parts = {}
    for part, file in zip(("train", "dev", "test"), names, strict=True):
        # A line with a lone tab parts sentences just as an empty one.
        rows = [line.strip().split("\t") for line in _lines(files[file])]
        parts[part] = _sentences([(r[0], r[1]) if r[0] else None for r in rows])
    return parts


def _sentences(rows: list[Any]) -> list[list[Any]]:
    """Cut a list at each None; no sentence is empty."""
    found: list[list[Any]] = [[]]
    for row in rows:
        if row is not None:
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return found if found[-1] else found[:-1]


def _multi30k(files: Files) -> dict[str, list[tuple[str, str, str]]]:
    """Give triples (English, German, French); "test_2017" is a second test."""
    names = {"train": "train", "dev": "val"}
    names |= {"test": "test_2016_flickr", "test_2017": "test_2017_flickr"}
    parts = {}
    for part, file in names.items():
        texts = [_lines(files[f"{file}.{language}"]) for language in ("en", "de", "fr")]
        parts[part] = list(zip(*texts, strict=True))
    return parts


def _tatoeba_eng_fra(files: Files) -> dict[str, list[tuple[str, str]]]:
    """Give "all": pairs (English, French) with plain spaces; split by English."""
    with zipfile.ZipFile(io.BytesIO(files["fra-eng.zip"])) as archive:
        lines = _lines(archive.read("fra.txt"))
    rows = [line.translate(SPACES).split("\t") for line in lines]
    return {"all": [(english, french) for english, french in rows]}


def _strokes(files: Files) -> dict[str, list[np.ndarray]]:
    """Give drawings (T, 3), int16: steps right and down, 1 where the pen is lifted."""
    (data,) = files.values()
    # Reading a pickle can run code; these bytes have the SHA-256 of inspected files.
    with np.load(io.BytesIO(data), allow_pickle=True, encoding="latin1") as arrays:
        names = {"train": "train", "dev": "valid", "test": "test"}
        return {part: list(arrays[name]) for part, name in names.items()}


def _wikitext2(files: Files) -> dict[str, list[str]]:
    """Give tokens in one list; "<eos>" ends each line, also an empty one."""
    names = {"train": "train.txt", "dev": "valid.txt", "test": "test.txt"}
    return {
        part: [t for line in _lines(files[file]) for t in [*line.split(), "<eos>"]]
        for part, file in names.items()
    }


SETS: dict[str, Callable[[Files], dict[str, Any]]] = {
    "tinyshakespeare": _tinyshakespeare,
    "names_by_language": _names_by_language,
    "first_names": _first_names,
    "sst2": _sst2,
    "rt_polarity": _rt_polarity,
    "ud_english_ewt": _ud_english_ewt,
    "wnut17": _wnut17,
    "multi30k": _multi30k,
    "tatoeba_eng_fra": _tatoeba_eng_fra,
    "omniglot_strokes": _strokes,
    "kanjivg_strokes": _strokes,
    "wikitext2": _wikitext2,
}
