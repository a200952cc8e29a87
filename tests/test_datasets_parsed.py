"""The readers of the real sets on a few lines each, with the traps of the whole."""

import io
import zipfile

import numpy as np
import pytest

from course_pkg.datasets.sets import SETS

TREE = b"""# sent_id = 1
# text = I don't.
1\tI\tI\tPRON\tPRP\t_\t3\tnsubj\t3:nsubj\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\t_\t0\troot\t0:root\t_
3\tn't\tnot\tPART\tRB\t_\t2\tadvmod\t2:advmod\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t2:dep\t_

# sent_id = 2
1\t#\t#\tSYM\tNN\t_\t0\troot\t0:root\t_

"""


def test_the_tree_bank_skips_comments_contractions_and_unwritten_words():
    files = {f"en_ewt-ud-{part}.conllu": TREE for part in ("train", "dev", "test")}
    first, second = SETS["ud_english_ewt"](files)["dev"]
    assert [word.form for word in first] == ["I", "do", "n't"]
    assert [word.upos for word in first] == ["PRON", "AUX", "PART"]
    assert [word.xpos for word in first] == ["PRP", "VBP", "RB"]
    assert second == [("#", "SYM", "NN")]


def test_sentences_part_at_empty_lines_and_at_lone_tabs():
    names = ("wnut17train.conll", "emerging.dev.conll", "emerging.test.annotated")
    text = b"Rome\tB-location\nburns\tO\n\t\n\n\nok\tO"
    parts = SETS["wnut17"](dict.fromkeys(names, text))
    want = [[("Rome", "B-location"), ("burns", "O")], [("ok", "O")]]
    assert parts == {"train": want, "dev": want, "test": want}


def test_old_files_are_read_in_their_own_encoding():
    files = {"rt-polarity.neg": b"na\xefve \x85 \n", "rt-polarity.pos": b"\x97 fine\n"}
    rows = SETS["rt_polarity"](files)["all"]
    assert rows == [("naïve …", 0), ("— fine", 1)]


def test_a_tab_before_the_last_belongs_to_the_sentence():
    rows = b"so\tso\t1\nbad\t0\n"
    parts = SETS["sst2"]({f"{p}.tsv": rows for p in ("train", "dev", "test")})
    assert parts["test"] == [("so\tso", 1), ("bad", 0)]


def test_names_are_kept_once_for_each_language_in_order():
    files = {"Dutch.txt": b"Bos\nAbel\nBos\n", "French.txt": "Abel\nÉve ".encode()}
    rows = SETS["names_by_language"](files)["all"]
    want = [("Bos", "Dutch"), ("Abel", "Dutch"), ("Abel", "French"), ("Éve", "French")]
    assert rows == want


def test_pairs_get_plain_spaces_and_lines_end_at_newlines_only():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("_about.txt", "not this")
        archive.writestr("fra.txt", "Run!\tCours\u202f!\nA\u2028b\tC\u00a0?\n")
    pairs = SETS["tatoeba_eng_fra"]({"fra-eng.zip": memory.getvalue()})["all"]
    assert pairs == [("Run!", "Cours !"), ("A\u2028b", "C ?")]


def test_translations_of_unequal_length_are_refused():
    languages = ("en", "de", "fr")
    files = {
        f"{name}.{language}": f"{language} 1\n{language} 2\n".encode()
        for name in ("train", "val", "test_2016_flickr", "test_2017_flickr")
        for language in languages
    }
    assert SETS["multi30k"](files)["dev"][1] == ("en 2", "de 2", "fr 2")
    files["val.de"] = b"de 1\n"
    with pytest.raises(ValueError, match="zip"):
        SETS["multi30k"](files)


def test_every_line_of_wikitext_ends():
    text = b" \n = A = \n \n <unk> b . \n"
    names = ("train.txt", "valid.txt", "test.txt")
    dev = SETS["wikitext2"](dict.fromkeys(names, text))["dev"]
    assert " ".join(dev) == "<eos> = A = <eos> <eos> <unk> b . <eos>"


def test_drawings_come_out_of_a_pickled_archive():
    memory = io.BytesIO()
    rows = np.empty(2, dtype=object)
    rows[:] = [np.ones((3, 3), np.int16), np.zeros((2, 3), np.int16)]
    np.savez(memory, train=rows, valid=rows[:1], test=rows[1:])
    parts = SETS["kanjivg_strokes"]({"short_kanji.npz": memory.getvalue()})
    assert {part: len(rows) for part, rows in parts.items()} == {
        "train": 2,
        "dev": 1,
        "test": 1,
    }
    assert parts["dev"][0].tolist() == [[1] * 3] * 3


def test_a_text_comes_as_it_is():
    files = {"input.txt": b"To be,\nor not\n\n"}
    assert SETS["tinyshakespeare"](files) == {"all": "To be,\nor not\n\n"}
    assert SETS["first_names"]({"names.txt": b"mia\nzoe\nmia"})["all"] == ["mia", "zoe"]
