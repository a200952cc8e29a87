"""What a session says, read as the claim it is: strict forms, and nothing else."""

from typing import Any

import numpy as np

from course_pkg.check.case import Evidence, Problem
from course_pkg.check.plain import NotPlain, to_plain
from course_pkg.grade.reading import plain
from course_pkg.grade.sandbox.wire import Malformed

MAX_OUTPUTS = 1_100
MAX_TEXT = 16 * 2**20  # characters of all outputs of one cell
MAX_LINE = 2_000
FIELDS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict, "execution_count": int},
    "error": {"ename": str, "evalue": str, "traceback": list},
}


def expect(ok: bool, what: str) -> None:
    """Raise Malformed unless ok."""
    if not ok:
        raise Malformed(what)


def outputs(claim: Any) -> list[dict[str, Any]]:
    """Read a cell's outputs: only what a notebook's schema allows."""
    expect(type(claim) is list and len(claim) <= MAX_OUTPUTS, "outputs")
    left = [MAX_TEXT]
    return [_output(item, left) for item in claim]


def _output(claim: Any, left: list[int]) -> dict[str, Any]:
    expect(type(claim) is dict, "an output")
    kind = claim.get("output_type")
    expect(type(kind) is str and kind in FIELDS, "an output's type")
    fields = FIELDS[kind]
    expect(set(claim) == {"output_type", *fields}, "an output's fields")
    expect(all(type(claim[k]) is t for k, t in fields.items()), "an output's fields")
    if kind == "stream":
        expect(claim["name"] in ("stdout", "stderr"), "a stream's name")
    if kind == "error":
        expect(all(type(line) is str for line in claim["traceback"]), "a traceback")
    found = dict(claim)
    if "data" in found:
        found["data"] = {k: _shown(k, v) for k, v in found["data"].items()}
        found["metadata"] = {}
    left[0] -= size(found)
    expect(left[0] >= 0, "outputs without end")
    return found


def _shown(mime: Any, value: Any) -> Any:
    """Read one form of a display: text, or for JSON types plain data."""
    expect(type(mime) is str and len(mime) <= 100 and "/" in mime, "a type of display")
    if mime.endswith("json"):
        expect(_is_json(value, 20), "JSON")
        return value
    expect(type(value) is str, "a display")
    return value


def _is_json(x: Any, depth: int) -> bool:
    if depth == 0:
        return False
    if type(x) is list:
        return all(_is_json(item, depth - 1) for item in x)
    if type(x) is dict:
        keys = all(type(key) is str for key in x)
        return keys and all(_is_json(item, depth - 1) for item in x.values())
    return x is None or type(x) in (bool, int, float, str)


def size(x: Any) -> int:
    """Count the characters of outputs or the bytes of evidence, about."""
    if type(x) in (str, bytes):
        return len(x) + 1
    if type(x) is dict:
        return sum(len(str(k)) + size(v) for k, v in x.items())
    if type(x) is np.ndarray:
        return x.nbytes
    return sum(map(size, x)) if type(x) in (list, tuple) else 10


def problem(claim: Any) -> Problem | None:
    """Read a problem: kind, text, whether it would come again."""
    if claim is None:
        return None
    good = type(claim) in (list, tuple) and [type(x) for x in claim] == [str, str, bool]
    expect(good, "a problem")
    kind, text, stops = claim
    return Problem(plain(kind, 40), plain(text, MAX_LINE), stops)


def evidence(claim: Any) -> Evidence:
    """Read what a probe brought back: within the limits that hold inside, too."""
    expect(type(claim) is dict, "evidence")
    found = problem(claim.get("problem"))
    if found:
        return Evidence(problem=found, warnings=_warnings(claim))
    after = claim.get("after", {})
    expect(type(after) is dict, "inputs after a call")
    try:
        value, after = to_plain(claim.get("value")), to_plain(after)
    except NotPlain as error:
        raise Malformed(str(error)) from None
    return Evidence(value, None, after, _warnings(claim))


def _warnings(claim: dict) -> tuple[str, ...]:
    said = claim.get("warnings", [])
    good = type(said) is list and all(type(line) is str for line in said)
    expect(good, "warnings")
    return tuple(plain(line, MAX_LINE) for line in said[:3])
