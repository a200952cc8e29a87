"""Damaged files: what can be read is read and told, the rest refused in one line."""

import io
import json
import zipfile

import nbformat
import pytest

from course_pkg.grade.reading import MAX_BYTES, Unreadable, read, sides


def text(*sources: str) -> str:
    """Return a notebook with one code cell for each source."""
    cells = [nbformat.v4.new_code_cell(s, id=f"c{n}") for n, s in enumerate(sources)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


def sources(content: bytes | str) -> list[list[str]]:
    """Return the sources of all cells of all notebooks in a content."""
    raw = content.encode() if isinstance(content, str) else content
    books = read(raw).notebooks
    return [["".join(cell["source"]) for cell in book["cells"]] for book in books]


def packed(**files: str) -> bytes:
    """Return a zip archive of these notebooks."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.ipynb", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"  \n\0\0", "the file is empty"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"see drive/bptt.ipynb", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not JSON|not a notebook"),
        (b"[" * 1_000_001, "more brackets"),
        (b"[1, 2]", "JSON, but not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "cells": 3}', "not a notebook"),
        (b" " * (MAX_BYTES + 1), "larger than 20 MB"),
        (b"PK\x03\x04 a zip", "a damaged zip"),
        (packed(a=text("1"), b=text("2")), "a zip file with 2 notebooks"),
        (packed(a=" " * (MAX_BYTES + 1)), "larger than 20 MB"),
    ],
)
def test_what_is_no_notebook(content: bytes, message: str) -> None:
    """Each has its reason, in one line."""
    with pytest.raises(Unreadable, match=message) as raised:
        read(content)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (text("x = 'ä'").encode(), ""),
        (text("x = 'ä'").replace("\n", "\r\n").encode(), ""),
        (text("x = 'ä'").encode("utf-8-sig"), "byte order mark"),
        (text("x = 'ä'").encode("utf-16"), "UTF-16"),
        (text("x = 'ä'").encode("utf-16-be"), "UTF-16"),
        (text("x = 'ä'").encode("cp1252"), "Windows-1252"),
        (text("x = 'ä'").encode() + b"\n]}, rubbish", "other text"),
        (b"Dear all,\n" + text("x = 'ä'").encode(), "other text"),
        (text("x = 'ä'").encode() + b"\0" * 99, ""),
        (packed(a=text("x = 'ä'")), "zip"),
        (text("x = 'ä'")[:-9].encode(), "broken"),
        (text("x = 'ä'").replace("nbformat_minor", "\nx").encode(), ""),
        (text("x = 'ä'").replace('"metadata": {}', '"metadata": NaN').encode(), ""),
        (text("x = 'ä'").replace(": null", f": {'9' * 9999}").encode(), ""),
        (json.dumps({"content": json.loads(text("x = 'ä'"))}).encode(), "other text"),
    ],
)
def test_what_is_read_all_the_same(content: bytes, note: str) -> None:
    """The cell comes out unchanged, and what was wrong is told."""
    assert sources(content) == [["x = 'ä'"]]
    notes = read(content).notes
    assert len(notes) == bool(note)
    assert note in "".join(notes)


def test_a_broken_byte_leaves_the_others():
    content = text("x = 'ä'", "y = 'ö'").encode().replace("ö".encode(), b"\xf6")
    assert sources(content) == [["x = 'ä'", "y = '\ufffd'"]]


def test_cells_around_a_break_are_kept():
    content = text("a", '{"b": 1}', "c").replace('"{', "{")
    assert sources(content) == [["a", "c"]]


def test_notebooks_one_after_another():
    both = text("a") + "\n" + text("b")
    assert sources(both) == [["a"], ["b"]]
    assert read(both.encode()).notes == [
        "The file held 2 notebooks; the last version of an answer counts."
    ]
    assert sources(text("a") + text("b", "c")[:-20]) == [["a"], ["b", "c"]]


def test_the_students_side_of_a_conflict_comes_last():
    lines = text("one").split("\n")
    [at] = [n for n, line in enumerate(lines) if '"one"' in line]
    other = lines[at].replace("one", "two")
    conflict = ["<<<<<<< HEAD", lines[at], "||||||| base", "x", "=======", other]
    lines[at : at + 1] = [*conflict, ">>>>>>> origin/main"]
    assert sources("\n".join(lines)) == [["two"], ["one"]]
    assert sources("\r\n".join(lines)) == [["two"], ["one"]]


def test_half_a_conflict_is_none():
    assert sides("<<<<<<< a\n>>>>>>> b") is None
    assert sides("<<<<<<< a\nx\n=======\ny") is None
    assert sides("'<<<<<<< a' '>>>>>>>'") is None


@pytest.mark.parametrize(
    "content",
    [
        b"{" * 900_000,
        b"{}" * 900_000,
        b'{"a":[' * 400_000,
        b'{"a":' + b"1," * 5_000_000,
        b'{"a":"{' * 900_000,
        b"x" * 19_000_000 + b'{"' * 400_000,
        b"<<<<<<< " * 2_000_000 + b">>>>>>>",
        b"<<<<<<<\n=======\n>>>>>>>\n" * 500_000,
    ],
)
def test_floods_are_refused_in_bounded_time(content: bytes) -> None:
    """Each of these would take minutes if every brace could cost the whole file."""
    with pytest.raises(Unreadable):
        read(content)
