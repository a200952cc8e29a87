"""Holes that were found in the border once, each with the attack that went through."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from course_pkg.check.case import Evidence
from course_pkg.check.run import plan
from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.sandbox.session import Session

pytestmark = pytest.mark.slow

LIMITS = limits_of("bptt", cell_seconds=2.0, question_seconds=1.0)
LONG = 60.0  # for a search, which takes a second where nobody else works
# Finds bytes in the whole memory of its process without holding them itself.
SEARCH = """
table = bytes(i ^ 1 for i in range(256))
with open("/proc/self/mem", "rb", 0) as memory:
    for line in open("/proc/self/maps"):
        if " r" in line and "[v" not in line:
            low, high = (int(x, 16) for x in line.split()[0].split("-"))
            memory.seek(low)
            try:
                turned = memory.read(high - low).translate(table)
            except OSError:
                continue
            for needle in {needles!r}:
                if needle in turned:
                    print("found", needle.translate(table))
"""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Return a warm box with limits that end soon."""
    with Box("bptt", LIMITS) as box:
        yield box


def interview(session: Session, task: str) -> list[Evidence]:
    """Ask a task's questions."""
    asked = [
        (f"bptt.{q.case.probe.__name__}", q.inputs) for q in plan(f"bptt.{task}", 5)
    ]
    return session.interview(f"bptt.{task}", task, asked)


def text(outputs: list[dict[str, Any]]) -> str:
    """Return what a cell printed."""
    return "".join(str(o.get("text", o)) for o in outputs)


def turned(text: bytes) -> bytes:
    """Return a text in which no search for it finds itself."""
    return bytes(b ^ 1 for b in text)


def test_a_session_finds_nothing_of_earlier_ones_in_its_memory(box: Box) -> None:
    """The zygote once read what was meant for a session, and its forks inherited it:
    the reference of a neighbour's task, and the files of other students."""
    secret = b"handed in by somebody else, " * 3
    with box.session(files={"data.txt": secret}) as session:
        session.run("def contributions(*a): return 0")
        interview(session, "contributions")
    needles = [turned(secret[:56]), turned(b"dgis.append(dgi)")]
    with box.session() as session:
        ran = session.run(SEARCH.format(needles=needles), seconds=LONG)
    assert ran.problem is None
    assert text(ran.outputs) == ""


def test_a_session_finds_no_place_in_a_file_where_an_earlier_one_left_it(
    box: Box,
) -> None:
    """Files open in the zygote were open in all its forks, and shared the place."""
    move = "import os\nfor fd in range(3, 64):\n  try: print(fd, os.lseek(fd, {}))\n"
    move += "  except OSError: pass"
    with box.session() as session:
        moved = text(session.run(move.format("4242, 0")).outputs)
    assert "4242" in moved
    with box.session() as session:
        assert "4242" not in text(session.run(move.format("0, 1")).outputs)


def test_a_window_is_no_error(box: Box) -> None:
    """`%matplotlib inline` once ended its cell, with the answer below it."""
    with box.session() as session:
        ran = session.run("%matplotlib inline\n6 * 7")
    assert [output["output_type"] for output in ran.outputs] == ["execute_result"]


def test_the_search_finds_what_is_there(box: Box) -> None:
    """Without this the test above could not fail."""
    with box.session() as session:
        there = "x = bytes([b'a'[0]]) * 99\n"
        search = SEARCH.format(needles=[turned(b"a" * 90)])
        ran = session.run(there + search, seconds=LONG)
    assert "found" in text(ran.outputs)


def test_cells_that_dawdle_when_they_are_run_again_use_up_their_own_time(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replays once had a limit per cell and none together: hours for one student."""
    monkeypatch.setattr(box, "limits", replace(LIMITS, session_seconds=4.0))
    start = time.time()
    late = start + 1.5
    with box.session() as session:
        for _ in range(12):
            session.run(f"import time\nif time.time() > {late}: time.sleep(1.5)")
        session.run("import os\ndef step_grad(*a): os._exit(0)")
        interview(session, "step_grad")
        time.sleep(max(0.0, late - time.time()))
        interview(session, "step_grad")
        found = interview(session, "step_grad")
    assert "used up" in str(found[0].problem)
    assert time.time() - start < 14


def test_all_cells_together_show_no_more_than_a_limit(box: Box) -> None:
    """Each cell's output was limited once, and their number was not."""
    with box.session() as session:
        session.run(
            "import course_pkg.grade.sandbox.inside.runner as r\n"
            "part = {'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 15_000}\n"
            "reply = {'outputs': [part] * 900, 'problem': None}\n"
            "r.Runner.do_run = lambda *a, **k: reply"
        )
        shown = [text(session.run("1").outputs) for _ in range(4)]
    assert sum(map(len, shown)) < 17 * 2**20
    assert "left out" in shown[-1]


def test_a_session_beside_another_may_die(box: Box) -> None:
    """A task with neighbours has a session of its own; both may be killed at once."""
    zygote = box.zygote
    with box.session() as session:
        session.run("import os\ndef contributions(*a): os._exit(0)")
        session.run("step_grad = contributions")
        for task in ("contributions", "step_grad"):
            assert "ended Python" in str(interview(session, task)[0].problem)
    with box.session() as session:
        assert text(session.run("print(1)").outputs) == "1\n"
    assert box.zygote is zygote
