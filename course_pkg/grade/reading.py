"""From the bytes of a submission to the notebooks in them, whatever befell the file.

Nothing here runs a line of a student's; every step is bounded by the file's size.
"""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 20_000_000
MAX_BRACKETS = 1_000_000  # a list of nothing costs twenty times its text in memory
MARKER = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")
ZIP = b"PK\x03\x04"


class Unreadable(Exception):
    """A submission that cannot be graded; the message says why, in one line."""


@dataclass
class Reading:
    """The notebooks in a file, oldest first, as plain JSON, and what was mended."""

    notebooks: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plain(text: str, limit: int = 1000) -> str:
    """Return foreign text as it may be printed: no control characters, not too long."""
    text = text.encode("utf-8", "backslashreplace").decode()
    keep = "".join(
        c if c in "\n " or unicodedata.category(c)[0] != "C" else "?" for c in text
    )
    return keep if len(keep) <= limit else keep[: limit - 1] + "…"


def read(content: bytes) -> Reading:
    """Find the notebooks in a file's content.

    Two sides of a merge conflict are two notebooks, the student's own the later one.
    Raises Unreadable where there is none.
    """
    reading = Reading()
    if content.startswith(ZIP):
        content = _unzip(content)
        reading.notes.append("The notebook was in a zip file; taken out.")
    if len(content) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB")
    text = _decode(content, reading.notes).strip("\ufeff\0 \t\r\n")
    if not text:
        raise Unreadable("the file is empty")
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise Unreadable("more brackets than a notebook can have")
    both = sides(text)
    if both:
        reading.notes.append(
            "The file had the marks of a merge conflict; where the two sides differ, "
            "the student's own counts."
        )
    for side in both or (text,):
        _parse(side, reading)
    if not reading.notebooks:
        json_like = text[0] in "[{" and text[-1] in "]}"
        kind = "JSON, but" if json_like and _is_json(text) else "not JSON, so"
        raise Unreadable(f"{kind} not a notebook")
    return reading


def _unzip(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = [
                entry
                for entry in archive.infolist()
                if entry.filename.endswith(".ipynb")
                and not re.search(r"__MACOSX|\.ipynb_checkpoints", entry.filename)
            ]
            if len(found) != 1:
                raise Unreadable(f"a zip file with {len(found)} notebooks in it")
            with archive.open(found[0]) as file:
                return file.read(MAX_BYTES + 1)
    except Unreadable:
        raise
    except Exception:  # zipfile has many kinds, and zlib its own
        raise Unreadable("a damaged zip file") from None


def _decode(content: bytes, notes: list[str]) -> str:
    encoding = json.detect_encoding(content)
    if encoding == "utf-8-sig":
        notes.append("The file began with a byte order mark; left out.")
    elif encoding != "utf-8":
        notes.append(f"The file was {encoding.upper()} text; read as that.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, "replace")
    if encoding == "utf-8" and all(c < "\x80" or c == "\ufffd" for c in text):
        notes.append("The file was not UTF-8 text; read as Windows-1252.")
        return content.decode("cp1252", "replace")
    notes.append("Bytes that are no text were replaced by \ufffd.")
    return text


def sides(text: str) -> tuple[str, str] | None:
    """Return both sides of a merge conflict, the other's first, or None."""
    if "<<<<<<<" not in text or ">>>>>>>" not in text:
        return None
    kept: tuple[list[str], list[str]] = ([], [])
    mode, seen = "", set()
    for line in text.split("\n"):
        if mark := MARKER.match(line):
            mode = mark[1][0].replace(">", "")
            seen.add(mark[1][0])
            continue
        if mode in ("", "="):
            kept[0].append(line)
        if mode in ("", "<"):
            kept[1].append(line)
    whole = {"<", "=", ">"} <= seen and not mode
    return ("\n".join(kept[0]), "\n".join(kept[1])) if whole else None


def _small(digits: str) -> int:
    """Read a number; no number of a notebook that matters has ten digits."""
    return int(digits[:9])


DECODER = json.JSONDecoder(parse_int=_small, strict=False)


def _is_json(text: str) -> bool:
    try:
        DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _parse(text: str, reading: Reading) -> None:
    """Add every notebook in a text, or the cells that are left of a broken one.

    A brace at which nothing begins costs time, so there is a budget of them; the error
    that says so has counted all lines before it.
    """
    start, last, left = 0, 0, 4 * len(text) + 1_000_000
    found: list[dict[str, Any]] = []
    loose: list[Any] | None = None
    rubbish = broken = False
    while left > 0 and (start := text.find("{", start)) >= 0:
        try:
            value, end = DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            at = getattr(error, "pos", len(text))
            left -= max(200, at - start, at // 200)
            start += 1
            continue
        left -= max(200, end - start)
        if any(isinstance(value.get(key), list) for key in ("cells", "worksheets")):
            found.append(value)
            loose = None
        elif isinstance(value.get("cell_type"), str):
            if loose is None:
                loose, broken = [], True
                found.append({"cells": loose})
            loose.append(value)
        else:
            start += 1
            continue
        rubbish |= bool(text[last:start].strip())
        start = last = end
    reading.notebooks += found
    rubbish |= bool(text[last:].strip())
    reading.notes += _damages(len(found), rubbish, broken)


def _damages(count: int, rubbish: bool, broken: bool) -> Iterator[str]:
    """Say what was around and between the notebooks of a text."""
    if broken:
        yield "The file was broken; every cell that could still be read is kept."
    elif count and rubbish:
        yield "The file had other text around the notebook; left out."
    if count > 1:
        yield f"The file held {count} notebooks; the last version of an answer counts."
