"""What a tagger sees of a word: its id, its ending, its shape, and its letters.

Whatever is counted here is counted on the training sentences alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from course_pkg.arrays import Array, expect, to_numpy
from course_pkg.batches import padded
from course_pkg.vocab import Vocab

Tagged = Sequence[tuple[str, str]]  # a sentence: pairs of word and tag
SHAPES = ("lower", "Title", "UPPER", "miXed", "with digit", "no letter")
UNKNOWN = 1  # the id of "<unk>", behind that of the padding
LETTERS = 16  # of a longer word, the first eight and the last eight


def shape(word: str) -> int:
    """Return which of `SHAPES` a word has, 0..5; a digit decides before the case."""
    if any(c.isdigit() for c in word):
        return 4
    if not any(c.isalpha() for c in word):
        return 5
    cases = (word.islower(), word.istitle(), word.isupper(), True)
    return cases.index(True)


def ending(word: str) -> str:
    """Return the last three letters, in lower case, of a word that has more."""
    return word[-3:].lower() if len(word) > 3 else ""


def features(
    word: str, words: Vocab, endings: Vocab, letters: Vocab | None = None
) -> np.ndarray:
    """Return the ids of a word, its ending and its shape, (3,), and of its letters.

    The word is looked up in lower case; what a vocabulary lacks is unknown there. With
    letters the result is (3 + LETTERS,), filled up with 0, the padding.
    """
    ids = [*words.encode([word.lower()]), *endings.encode([ending(word)]), shape(word)]
    if letters is None:
        return np.array(ids)
    half = LETTERS // 2
    seen = word if len(word) <= LETTERS else word[:half] + word[-half:]
    return np.array([*ids, *np.pad(letters.encode(seen), (0, LETTERS - len(seen)))])


@dataclass(frozen=True)
class Lexicon:
    """Hold the four vocabularies that a tagger needs; the tags have no specials."""

    words: Vocab
    endings: Vocab
    letters: Vocab
    tags: Vocab

    @classmethod
    def of(cls, sentences: Iterable[Tagged], least: int = 2) -> "Lexicon":
        """Collect what occurs, words and endings if seen at least ``least`` times.

        So the unknown word has examples to learn from. A word counts in lower case.
        """
        pairs = [(word, tag) for sentence in sentences for word, tag in sentence]
        forms = Counter(word.lower() for word, _ in pairs)
        ends = Counter(ending(word) for word, _ in pairs)
        words, endings = (
            Vocab.of(s for s, n in counts.items() if n >= least)
            for counts in (forms, ends)
        )
        letters = Vocab.of(c for word, _ in pairs for c in word)
        tags = Vocab.of((tag for _, tag in pairs), ())
        return cls(words, endings, letters, tags)

    @classmethod
    def of_symbols(cls, symbols: dict[str, Sequence[str]]) -> "Lexicon":
        """Build a lexicon again from what `symbols` gave, such as in a file's facts."""
        return cls(**{name: Vocab(tuple(row)) for name, row in symbols.items()})

    @property
    def symbols(self) -> dict[str, tuple[str, ...]]:
        """Return the symbols of each vocabulary, in the order of their ids."""
        return {f.name: getattr(self, f.name).symbols for f in fields(self)}

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Return the number of ids of each feature that is not a letter."""
        return len(self.words), len(self.endings), len(SHAPES)

    def encode(self, words: Sequence[str]) -> np.ndarray:
        """Turn T words into features (T, 3 + LETTERS); raise ValueError for none."""
        expect(len(words) > 0, "words", "one word or more", "none")
        vocabs = self.words, self.endings, self.letters
        return np.stack([features(word, *vocabs) for word in words])

    def batch(self, sentences: Sequence[Tagged]) -> tuple[Tensor, Tensor, Tensor]:
        """Return features (T, B, F), lengths (B,) and tags (T, B) of B sentences.

        Raises ValueError for a tag that training did not have.
        """
        pairs = [list(zip(*sentence, strict=True)) for sentence in sentences]
        features, lengths, _ = padded([self.encode(words) for words, _ in pairs])
        tags, _, _ = padded([self.tags.encode(tags) for _, tags in pairs])
        return torch.tensor(features), torch.tensor(lengths), torch.tensor(tags)


def forget(
    rng: np.random.Generator, features: Tensor, counts: Array, share: float
) -> Tensor:
    """Make words unknown at random, the rare ones often: features (T, B, F) -> same.

    A word of counts[id], counts (V,) over the training sentences, is forgotten with
    probability share / (share + count); its ending, shape and letters stay, and so
    does the padding.
    Source: Kiperwasser, Goldberg 2016.
    """
    expect(share >= 0, "share", "a number ≥ 0", share)
    words = to_numpy(features[..., 0])
    gone = rng.random(words.shape) * (share + counts[words]) < share
    new = features.clone()
    new[..., 0][torch.from_numpy(gone & (words > 0))] = UNKNOWN
    return new


@dataclass(frozen=True)
class MostFrequentTag:
    """Give each word the tag it has most often: the floor under every tagger.

    Capitals count; a word that was not met gets ``unknown``.
    """

    tags: dict[str, str]
    unknown: str

    @classmethod
    def of(cls, sentences: Iterable[Tagged]) -> "MostFrequentTag":
        """Count on training sentences; unknown words get the tag of most words there.

        Ties go to the tag met first.
        """
        counts: dict[str, Counter[str]] = {}
        for sentence in sentences:
            for word, tag in sentence:
                counts.setdefault(word, Counter())[tag] += 1
        best = {word: count.most_common(1)[0][0] for word, count in counts.items()}
        overall = sum(counts.values(), Counter())
        return cls(best, overall.most_common(1)[0][0])

    def predict(self, words: Sequence[str]) -> list[str]:
        """Return T tags for T words."""
        return [self.tags.get(word, self.unknown) for word in words]
