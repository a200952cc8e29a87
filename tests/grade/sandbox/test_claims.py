"""What a session says is a claim: of these forms or none."""

import numpy as np
import pytest

from course_pkg.grade.sandbox import claims
from course_pkg.grade.sandbox.wire import Malformed

STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}
SHOWN = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}
RESULT = SHOWN | {"output_type": "execute_result", "execution_count": 1}
ERROR = {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["a"]}


def display(mime, value):
    return SHOWN | {"data": {mime: value}}


def deep(n):
    x = 1
    for _ in range(n):
        x = {"a": [x]}
    return x


HOSTILE = {
    "no list": {},
    "too many": [STREAM] * (claims.MAX_OUTPUTS + 1),
    "too much together": [STREAM | {"text": "x" * 2**20}] * 17,
    "an output that is none": [3],
    "no type": [{}],
    "a type that is none": [STREAM | {"output_type": ["stream"]}],
    "an unknown type": [STREAM | {"output_type": "update_display_data"}],
    "a field too many": [STREAM | {"metadata": {}}],
    "a field too few": [{"output_type": "stream", "name": "stdout"}],
    "text that is none": [STREAM | {"text": ["x"]}],
    "a stream without a name": [STREAM | {"name": "<b>"}],
    "a traceback of numbers": [ERROR | {"traceback": [1]}],
    "a count that is none": [RESULT | {"execution_count": True}],
    "a type of display that is none": [display(3, "x")],
    "a long type of display": [display("text/" + "x" * 100, "x")],
    "a type of display without a slash": [display("text", "x")],
    "a display of bytes": [display("image/png", b"x")],
    "JSON with bytes": [display("application/json", [b"x"])],
    "JSON with an array": [display("application/json", {"a": np.ones(1)})],
    "JSON with numbers for names": [display("application/json", {1: 1})],
    "deep JSON": [display("application/json", deep(10))],
}


@pytest.mark.parametrize("claim", HOSTILE.values(), ids=HOSTILE)
def test_hostile_outputs_are_malformed(claim):
    with pytest.raises(Malformed):
        claims.outputs(claim)


def test_outputs_of_right_form_are_read_without_metadata():
    said = [STREAM, SHOWN | {"metadata": {"isolated": "<b>"}}, RESULT, ERROR]
    said.append(display("application/json", deep(9)))
    assert claims.outputs(said) == [STREAM, SHOWN, RESULT, ERROR, said[-1]]


@pytest.mark.parametrize(
    "claim",
    [
        3,
        {"value": np.ones(1_000_001)},
        {"value": "x" * 10_001},
        {"value": [[[[[[[[1]]]]]]]]},
        {"value": 1, "after": [1]},
        {"value": 1, "after": {"x": np.ones(1_000_001)}},
        {"value": 1, "warnings": "w"},
        {"value": 1, "warnings": [1]},
        {"problem": "time"},
        {"problem": ["time", "x"]},
        {"problem": ["time", "x", 1]},
        {"problem": [["time"], "x", True]},
    ],
    ids=lambda claim: str(claim)[:40],
)
def test_hostile_evidence_is_malformed(claim):
    with pytest.raises(Malformed):
        claims.evidence(claim)


def test_what_evidence_says_is_short_and_harmless_in_a_terminal():
    said = "\x1b[2J\u202e" + "x" * 9000
    found = claims.evidence({"value": 1, "after": {"x": (1,)}, "warnings": [said] * 9})
    assert (found.value, found.after, found.problem) == (1, {"x": (1,)}, None)
    assert len(found.warnings) == 3
    problem = claims.evidence({"problem": (said, said, False)}).problem
    for text in (*found.warnings, problem.text, problem.kind):
        assert text.startswith("?[2J?x")
        assert len(text) <= claims.MAX_LINE
    assert len(problem.kind) == 40


def test_bytes_are_counted_in_all_containers():
    assert claims.size({"a": [np.ones(9)], "b": (b"x" * 9, "x")}) == 72 + 10 + 2 + 2
