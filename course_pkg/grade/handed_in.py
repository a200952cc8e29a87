"""What a student wrote and what it printed, as markup that is safe to show.

All of it is hostile: text is escaped and cut, a PNG is decoded and written anew, and
anything else is named and left out.
"""

import base64
import binascii
import io
import json
import re
import warnings
from pathlib import Path
from typing import Any

from course_pkg.grade.frame import text

MOST_CODE, MOST_TEXT, MOST_OUTPUTS = 20_000, 4_000, 12
MOST_BYTES, MOST_PIXELS, WIDEST = 4_000_000, 8_000_000, 1200
MOST_FILE = 200_000_000
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)")


def read_cells(path: Path) -> list[dict[str, Any]]:
    """Return a notebook's cells, as far as they are ones; none where it has none."""
    try:
        if path.stat().st_size > MOST_FILE:
            return []
        notebook = json.loads(path.read_text("utf-8", errors="replace"))
    except (OSError, ValueError, RecursionError):
        return []
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return []
    return [c for c in cells if isinstance(c, dict) and isinstance(meta(c), dict)]


def meta(cell: dict[str, Any]) -> dict[str, Any]:
    """Return nbgrader's part of a cell's metadata."""
    found = cell.get("metadata")
    ours = found.get("nbgrader") if isinstance(found, dict) else None
    return ours if isinstance(ours, dict) else {}


def source(cell: dict[str, Any]) -> str:
    """Return a cell's text."""
    return _joined(cell.get("source")).strip("\n")


def code(cell: dict[str, Any]) -> str:
    """Return a code cell's text as markup."""
    return block("code", _cut(source(cell), MOST_CODE))


def words(cell: dict[str, Any]) -> str:
    """Return a text cell's text as markup: as it was typed, in lines that wrap."""
    return block("words", _cut(source(cell), MOST_CODE))


def block(kind: str, markup: str) -> str:
    """Return preformatted markup that a keyboard can scroll."""
    return f'<pre class="{kind}" tabindex="0">{markup}</pre>'


def outputs(cell: dict[str, Any]) -> str:
    """Return a cell's outputs as markup: text, pictures, and what was left out."""
    found = cell.get("outputs")
    found = found if isinstance(found, list) else []
    parts = [_output(output) for output in found[:MOST_OUTPUTS]]
    if len(found) > MOST_OUTPUTS:
        parts.append(_note(f"{len(found) - MOST_OUTPUTS} more outputs are not shown"))
    return "\n".join(part for part in parts if part)


def _output(output: Any) -> str:
    if not isinstance(output, dict):
        return _note("an output that is none is not shown")
    kind = output.get("output_type")
    if kind == "stream":
        return _pre(_joined(output.get("text")))
    if kind == "error":
        name, said = _joined(output.get("ename")), _joined(output.get("evalue"))
        return _pre(f"{name}: {said}")
    data = output.get("data")
    if not isinstance(data, dict):
        return ""
    if "image/png" in data:
        return _picture(_joined(data["image/png"]))
    if "text/plain" in data:
        return _pre(_joined(data["text/plain"]))
    return _note(f"an output of type {', '.join(map(str, data))} is not shown")


def _joined(x: Any) -> str:
    """Return text that a notebook may hold in one piece or in many."""
    if isinstance(x, list):
        return "".join(part for part in x if isinstance(part, str))
    return x if isinstance(x, str) else ""


def _pre(said: str) -> str:
    said = (
        ANSI.sub("", said[: 4 * MOST_TEXT].replace("\r\n", "\n"))
        + said[4 * MOST_TEXT :]
    )
    # A progress bar writes its line again and again; what stood last is what was seen.
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in said.split("\n")]
    said = "\n".join(lines).strip("\n")
    return block("own", _cut(said, MOST_TEXT)) if said else ""


def _cut(said: str, most: int) -> str:
    rest = len(said) - most
    more = f"\n… and {rest:,} more characters" if rest > 0 else ""
    return text(said[:most], 2 * most) + more


def _note(said: str) -> str:
    return f'<p class="meta">{text(said[:1].upper() + said[1:], 300)}.</p>'


def _picture(encoded: str) -> str:
    """Return a picture, written anew by our library from its pixels alone."""
    try:
        made, (width, height) = reencode(encoded)
    except ValueError as error:
        return _note(f"a picture is not shown: {error}")
    label = f"Picture drawn by the cell, {width} by {height} pixels"
    return (
        f'<figure><img alt="{label}" width="{width}" height="{height}" '
        f'src="data:image/png;base64,{made}"></figure>'
    )


def reencode(encoded: str) -> tuple[str, tuple[int, int]]:
    """Return a PNG's pixels as a new PNG on white, in base64, and its size.

    Raises ValueError, with the reason, for what is no PNG or is too large.
    """
    from PIL import Image

    if len(encoded) > MOST_BYTES * 4 // 3:
        raise ValueError(f"larger than {MOST_BYTES // 1_000_000} MB")
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(io.BytesIO(content), formats=["PNG"])
            _expect_size(image.size)
            image.load()
            drawn = image.convert("RGBA")
    except (
        OverflowError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        raise ValueError(f"more than {MOST_PIXELS:,} pixels") from None
    except Exception:  # whatever a decoder says of bytes made to hurt it
        raise ValueError("not a PNG") from None
    ground = Image.new("RGBA", drawn.size, "white")
    ground.alpha_composite(drawn)
    made = ground.convert("RGB")
    made.thumbnail((WIDEST, 4 * WIDEST))
    out = io.BytesIO()
    made.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode(), made.size


def _expect_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS or width < 1 or height < 1:
        raise OverflowError
