"""Notebook outputs: of graded cells they are made here, of students' made safe.

nbgrader and the formgrader put outputs into pages as they are. So a student's keep only
what no browser runs: text, and pictures of which nothing but the picture is left.
"""

import base64
import binascii
import io
import warnings
from typing import Any

from course_pkg.grade.submissions import plain

MAX_TEXT = 100_000  # characters of one output
MAX_PICTURE = 2_000_000  # bytes of one picture
MAX_PIXELS = 20_000_000  # a small file may unfold to more than a browser can hold
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG"}


def stream(text: str) -> dict[str, Any]:
    """Return an output of plain text; never as stderr, which costs points."""
    return {"output_type": "stream", "name": "stdout", "text": _cut(text)}


def display(forms: dict[str, Any]) -> dict[str, Any]:
    """Return a displayed bundle of media types."""
    return {"output_type": "display_data", "data": forms, "metadata": {}}


def value(x: object, count: int | None) -> dict[str, Any]:
    """Return the value of a cell's last expression."""
    data = {"text/plain": _cut(repr(x))}
    made = display(data)
    return made | {"output_type": "execute_result", "execution_count": count}


def error(name: str, text: str) -> dict[str, Any]:
    """Return an error; its traceback is one line, for the rest is the grader's."""
    line = f"{name}: {text}" if text else name
    return {
        "output_type": "error",
        "ename": name,
        "evalue": _cut(text),
        "traceback": [_cut(line)],
    }


def score(cell: Any) -> float | None:
    """Return the points that a graded cell's value says, None if it says none."""
    texts = [
        "".join(output["data"].get("text/plain", ""))
        for output in cell["outputs"]
        if output["output_type"] == "execute_result"
    ]
    try:
        [found] = map(float, texts)
    except ValueError:
        return None
    return found if 0 <= found <= cell["metadata"]["nbgrader"]["points"] else None


def safe(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a student's outputs without what a page would run, or might trip over."""
    return [made for output in found if (made := _safe(output))]


def _safe(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return stream(_text(output.get("text"))) | {"name": name}
    if kind == "error":
        made = error(plain(_text(output.get("ename")), 80), _text(output.get("evalue")))
        lines = output.get("traceback")
        if isinstance(lines, (list, tuple)) and lines:
            made["traceback"] = [_text(line)[:5_000] for line in lines[:100]]
        return made
    if kind not in ("display_data", "execute_result"):
        return None
    data = output.get("data")
    forms = _forms(data if isinstance(data, dict) else {})
    made = display(forms)
    if kind == "execute_result":
        made |= {"output_type": kind, "execution_count": None}
    return made if forms else None


def _forms(data: dict[Any, Any]) -> dict[str, Any]:
    """Keep a bundle's text, and its pictures if that is what they are."""
    forms: dict[str, Any] = {}
    if "text/plain" in data:
        forms["text/plain"] = _text(data["text/plain"])
    for media, kind in PICTURES.items():
        try:
            picture = base64.b64decode(_raw(data.get(media)), validate=False)
        except (binascii.Error, ValueError):
            continue
        if 0 < len(picture) <= MAX_PICTURE and _pixels(picture, kind) <= MAX_PIXELS:
            forms[media] = base64.b64encode(picture).decode("ascii")
    return forms


def _pixels(picture: bytes, kind: str) -> float:
    """Return how many pixels a picture says it has, without unfolding it."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            width, height = Image.open(io.BytesIO(picture), formats=[kind]).size
    except Exception:  # whatever a decoder says of bytes made to hurt it
        return float("inf")
    return width * height


def _raw(x: object) -> str | bytes:
    """Return text or bytes; a list of text, as notebooks have it, is joined."""
    if isinstance(x, (list, tuple)):
        return "".join(part for part in x if isinstance(part, str))
    return x if isinstance(x, (str, bytes)) else ""


def _text(x: object) -> str:
    raw = _raw(x)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return _cut(text.encode("utf-8", "replace").decode("utf-8"))


def _cut(text: str) -> str:
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}\n… cut after {MAX_TEXT:,} characters"
