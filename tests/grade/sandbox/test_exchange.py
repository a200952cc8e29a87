"""Requests and replies, with a session that the test itself plays."""

import contextlib
import os
import socket
import subprocess
import sys
import threading

import numpy as np
import pytest

from course_pkg.check.case import Problem
from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox import wire
from course_pkg.grade.sandbox.memory import Used
from course_pkg.grade.sandbox.process import History, Process
from course_pkg.grade.sandbox.session import MOST_EVIDENCE, Session

NOTHING = Used()


class Played:
    """A box whose sessions answer a request by what a function makes of it."""

    word = "bptt"

    def __init__(self, answer, used=NOTHING, **limits):
        self.answer, self.found, self.bodies = answer, used, {}
        self.limits = limits_of("bptt", **limits)
        self.ended = 0

    def fork(self, files, unseal):
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        return 7, ours

    def _serve(self, line):
        with line, contextlib.suppress(wire.Closed):
            while True:
                for reply in self.answer(wire.receive(line, None)):
                    wire.send(line, reply)

    def end(self, pid):
        self.ended += 1
        return {"status": 0, "peak": 0}

    def used(self):
        return self.found


def good(request, **more):
    return {"number": request["number"], "value": 1, **more}


def asked(answer, times=1, **more):
    """Ask so many times; return the box and what came."""
    box = Played(answer, **more)
    process = Process(box, {}, History(), {})
    found = [process.ask("call", 1.0, {"do": "call"}) for _ in range(times)]
    process.end()
    return box, found


def test_a_reply_of_the_right_number_is_taken():
    box, found = asked(lambda r: [good(r)], 3)
    assert found == [{"value": 1}] * 3
    assert box.ended == 1


@pytest.mark.parametrize(
    "number",
    [lambda n: None, lambda n: n + 1, float, str, lambda n: np.array(n), lambda n: [n]],
    ids=["none", "next", "float", "text", "array", "list"],
)
def test_a_reply_of_another_number_ends_the_session(number):
    box, [found] = asked(lambda r: [good(r) | {"number": number(r["number"])}])
    assert "wrote into the channel" in found.text
    assert box.ended == 1


@pytest.mark.parametrize("reply", [None, 3, [3], {}])
def test_a_reply_that_is_none_ends_the_session(reply):
    _, [found] = asked(lambda r: [reply])
    assert "wrote into the channel" in found.text


def test_a_second_reply_is_not_taken_for_the_next_question():
    """As where an answer forks, and both processes go on."""
    _, found = asked(lambda r: [good(r), good(r, value=2)], 2)
    assert found[0] == {"value": 1}
    assert isinstance(found[1], Problem)


def test_numbers_cannot_be_foretold():
    seen = []
    asked(lambda r: [seen.append(r["number"]), good(r)][1:], 5)
    assert len(set(seen)) == 5
    assert max(seen) > 2**40


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (Used(2**40, 1), "more memory than the limit of 1024 MiB"),
        (Used(1, 129), "more processes than the limit of 64"),
    ],
)
def test_what_is_used_is_looked_at_while_nothing_comes(used, told):
    box, [found] = asked(lambda r: [], used=used)
    assert told in found.text
    assert found.stops
    assert box.ended == 1


def test_evidence_of_all_questions_together_is_limited():
    """Every single reply is legal."""
    large = np.ones(999_000)
    box = Played(lambda r: [good(r, value=large, after={"x": large})])
    session = Session(box, {})
    found = session.interview("bptt.step_grad", "f", [("bptt.step", {})] * 12)
    session.close()
    held = [e for e in found if e.problem is None]
    assert len(held) == MOST_EVIDENCE // (2 * large.nbytes)
    assert "64 MiB in all" in found[len(held)].problem.text
    assert all(e.problem.stops for e in found[len(held) :])


def test_a_place_in_a_file_is_not_shared_once_it_is_opened_anew(tmp_path):
    path = tmp_path / "font"
    path.write_bytes(bytes(99))
    with path.open("rb") as file:
        code = "from course_pkg.grade.sandbox.inside import walls; import os, sys\n"
        code += "walls.open_anew(); os.lseek(int(sys.argv[1]), 42, 0)"
        command = [sys.executable, "-c", code, str(file.fileno())]
        subprocess.run(command, pass_fds=[file.fileno()], check=True)
        assert os.lseek(file.fileno(), 0, os.SEEK_CUR) == 0
