"""Byte-pair pieces: between characters and words, learned from a text.

A frequent word is one piece, a rare one several, and no word is unknown. As with
`vocab.Vocab`, learn on the training text alone.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from course_pkg.arrays import Array, expect
from course_pkg.vocab import PAD, expect_ids

Merges = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pieces:
    """Hold V symbols: the specials, the 256 bytes, and a piece for each merge.

    merges: the pairs that were joined, in the order learned; all else follows. Bytes
    are written as the signs of GPT-2: the letters as they are, a space as "Ġ". Needs
    tokenizers. Source: Sennrich, Haddow, Birch 2016; on bytes: Radford et al. 2019.
    """

    merges: Merges = field(repr=False)
    specials: tuple[str, ...] = (PAD,)
    symbols: tuple[str, ...] = field(init=False, repr=False, compare=False)
    bpe: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pieces = dict.fromkeys(_bytes())
        for pair in self.merges:
            known = len(pair) == 2 and all(piece in pieces for piece in pair)
            expect(known, "merges", "pairs of pieces that are there by then", pair)
            pieces["".join(pair)] = None
        object.__setattr__(self, "symbols", (*self.specials, *pieces))
        object.__setattr__(self, "bpe", _bpe(tuple(pieces), self.merges))

    @classmethod
    def of(cls, text: str, size: int, specials: tuple[str, ...] = (PAD,)) -> "Pieces":
        """Join the most frequent pair of neighbours in a text, again and again.

        size: V at most; less where no pair is left that occurs twice. A piece lies
        within a word and the space before it. Raises ValueError for a size without
        room for the specials and the bytes, and for half a surrogate pair.
        """
        from tokenizers.trainers import BpeTrainer

        room = len(specials) + 256
        expect(size >= room, "size", f"at least {room}, specials and bytes", size)
        _expect_text(text)
        how: Any = {"initial_alphabet": list(_bytes()), "show_progress": False}
        trainer = BpeTrainer(vocab_size=size - len(specials), min_frequency=2, **how)
        learner = _bpe((), ())
        learner.train_from_iterator([text], trainer)
        merges = json.loads(learner.to_str())["model"]["merges"]
        return cls(tuple(map(tuple, merges)), specials)

    @classmethod
    def load(cls, path: str | Path) -> "Pieces":
        """Read what `save` wrote. Raises ValueError for a file of another form."""
        facts = json.loads(Path(path).read_text("utf8"))
        fits = isinstance(facts, dict) and facts.keys() == {"specials", "merges"}
        expect(fits, str(path), 'JSON with "specials" and "merges"', "another form")
        return cls(tuple(map(tuple, facts["merges"])), tuple(facts["specials"]))

    def save(self, path: str | Path) -> None:
        """Write specials and merges as JSON."""
        facts = {"specials": self.specials, "merges": self.merges}
        Path(path).write_text(json.dumps(facts, ensure_ascii=False), "utf8")

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def ids(self) -> dict[str, int]:
        """Return the id of each symbol; a special goes before a piece spelt like it."""
        return {symbol: n for n, symbol in reversed([*enumerate(self.symbols)])}

    def encode(self, text: str) -> np.ndarray:
        """Turn a text into the ids (T,), int64, of its pieces, never of specials.

        Raises ValueError for half a surrogate pair, which is no character.
        """
        _expect_text(text)
        ids = np.array(self.bpe.encode(text).ids, dtype=np.int64)
        return ids + len(self.specials)

    def decode(self, ids: Array) -> str:
        """Turn ids (T,) in 0..V-1 into a text, leaving out the specials.

        Bytes that make no character, as after a cut inside one, become "\ufffd".
        Raises ValueError for an id outside.
        """
        first = len(self.specials)
        numbers = expect_ids(ids, len(self))
        return self.bpe.decode([n - first for n in numbers if n >= first])


def _bytes() -> list[str]:
    """List the signs that stand for the 256 bytes, always in the same order."""
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def _bpe(pieces: tuple[str, ...], merges: Merges) -> Any:
    """Make the library's tokenizer; the ids of its pieces count from 0."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    ids = {piece: n for n, piece in enumerate(pieces)}
    bpe = Tokenizer(models.BPE(ids, list(merges)))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    return bpe


def _expect_text(text: str) -> None:
    expect(isinstance(text, str), "text", "a string", type(text).__name__)
    half = re.search("[\ud800-\udfff]", text)
    at = half and half.start()
    expect(half is None, "text", "characters", f"half a surrogate pair at {at}")
