"""Cells and questions in a real box: what comes back, and what a death costs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from course_pkg.check.run import conclude, plan
from course_pkg.grade.sandbox.policy import NEIGHBOURS
from course_pkg.grade.sandbox.session import AnswerError
from course_pkg.syllabus import WORDS

from .conftest import printed

pytestmark = pytest.mark.slow
STEP_GRAD = "def step_grad(d, tape):\n  g = d * (1 - tape.h**2)\n  return g, g, 0 * d"


def test_a_cell_shows_what_a_notebook_would(session):
    ran = session.run("print('a'); import os; _ = os.write(1, b'b'); 1 + 1")
    kinds = [output["output_type"] for output in ran.outputs]
    assert kinds == ["stream", "execute_result", "stream"]
    assert ran.outputs[1]["data"] == {"text/plain": "2"}
    assert printed(ran) == "a\nb"
    assert ran.problem is None


def test_an_error_is_shown_and_no_problem(session):
    ran = session.run("1 / 0")
    assert ran.outputs[0]["ename"] == "ZeroDivisionError"
    assert ran.problem is None


def test_a_right_answer_gets_its_points_across_the_border(session):
    session.run(STEP_GRAD)
    questions = plan("bptt.step_grad", 7)
    asked = [(f"bptt.{case.probe.__name__}", inputs) for case, inputs in questions]
    evidence = session.interview("bptt.step_grad", "step_grad", asked)
    assert conclude("bptt.step_grad", questions, evidence).points == 3


def test_a_cell_may_await_but_make_no_sockets(session):
    """Bytes that wait in sockets are memory that no limit counts."""
    ran = session.run("import asyncio; await asyncio.sleep(0.01, 3)")
    assert ran.outputs[0]["data"] == {"text/plain": "3"}
    session.run("import os; os._exit(3)")
    again = session.run("await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0))")
    assert again.outputs[0]["data"] == {"text/plain": "[1, None]"}
    pair = session.run("import socket; socket.socketpair()")
    assert pair.outputs[0]["ename"] == "PermissionError"


def test_exit_costs_its_cell_only(session):
    session.run("a = 41")
    died = session.run("import os; os._exit(3)")
    assert died.problem.kind == "crash"
    assert "3" in died.problem.text
    assert session.run("a + 1").outputs[0]["data"]["text/plain"] == "42"


def test_a_call_brings_plain_data(session):
    session.run("def f(x, n=1): return {'y': 2 * x, 'n': (n, None)}")
    found = session.call("f", (np.ones(2),), {"n": 3})
    assert found["y"].tolist() == [2, 2]
    assert found["n"] == (3, None)
    with pytest.raises(AnswerError, match="not defined"):
        session.call("g")


def test_the_reference_is_sealed(session):
    ran = session.run("from course_pkg.bptt import scan_grad\nscan_grad(1, 2, 3, 4, 5)")
    assert ran.outputs[0]["ename"] == "SealedReference"


def test_sessions_share_nothing(box):
    with box.session() as first:
        first.run("a = 1; open('left', 'w').write('x'); open('/tmp/left', 'w')")
    with box.session() as second:
        ran = second.run("import os; print(os.listdir(), os.listdir('/tmp'))\na")
    assert printed(ran) == "[] []\nNameError"


BORROWED = """from course_pkg.bptt import scan_grad as theirs
def contributions(cell, dhs, tape, W_hh, mask=None):
  return theirs(cell, dhs, 0 * dhs[0], tape, W_hh, mask)[3]
"""


def kinds(session, task, variable):
    """Return what kinds of problems a task's questions met, None for no problem."""
    questions = plan(f"bptt.{task}", 7)
    asked = [(f"bptt.{case.probe.__name__}", inputs) for case, inputs in questions]
    evidence = session.interview(f"bptt.{task}", variable, asked)
    return {e.problem and e.problem.kind for e in evidence}


def test_a_neighbour_works_for_its_task_alone(session):
    """The reference's scan_grad answers contributions' questions and no others."""
    session.run(BORROWED)
    first = session.process.pid
    assert kinds(session, "contributions", "contributions") == {None}
    assert session.process.pid == first, "no cell was run twice"
    assert kinds(session, "scan_grad", "theirs") == {"error"}
    with pytest.raises(AnswerError, match="raised a SealedReference: "):
        session.call("theirs", (1, 2, 3, 4, 5))
    with pytest.raises(AnswerError, match="raised"):
        session.call("theirs", (1, 2, 3, 4, 5), task="contributions")


def test_what_an_open_process_leaves_is_not_there_for_other_tasks(session):
    """Neither its files nor its names nor what its functions remember."""
    session.run("import os\ndef left(): return os.listdir(), os.listdir('/tmp')")
    session.run(BORROWED + "for x in ('a', '/tmp/a'): open(x, 'w')", "contributions")
    session.run("seen = theirs.__code__.co_argcount, theirs.__code__.co_nlocals")
    assert session.call("left", task="contributions") == (["a"], ["a"])
    assert session.value("seen", "contributions")[1] > session.value("seen")[1]
    session.others[()].end()
    session.process.history.cells[1] = "theirs = None"
    assert session.call("left") == ([], [])


TRIAL = """
import numpy as np; from course_pkg.cells.elman import Tape
class Cell: step_grad = staticmethod(lambda d, tape: (d, d, 0 * d))
z = np.zeros((2, 1, 1))
contributions(Cell, z, Tape(z, z), np.eye(1)).shape
"""


def test_an_answer_tries_its_neighbour_out_in_its_own_cell(session):
    """Whatever a student has put in the neighbour's place."""
    session.run("import course_pkg.bptt as b; from course_pkg.bptt import scan_grad")
    session.run("mine = b.scan_grad = lambda *a: {}")
    borrowed = BORROWED.replace("from course_pkg.bptt import scan_grad as theirs", "")
    borrowed = borrowed.replace("theirs", "scan_grad")
    early = session.run(borrowed + TRIAL, "scan_grad").outputs
    assert early[0]["ename"] == "SealedReference"
    first = session.process.pid
    shown = session.run(borrowed + TRIAL, "contributions").outputs
    assert session.process.pid == first, "unsealing killed it"
    assert shown[0]["data"]["text/plain"] == "(2, 1, 1)"
    assert session.run("mine()").outputs[0]["data"]["text/plain"] == "{}"


def test_what_a_task_may_borrow_is_what_the_release_imports():
    """The table of neighbours agrees with the locked cells of the released notebook."""
    path = Path(__file__).parents[3] / "assignments" / "bptt" / "bptt.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    names = {task.name for task in WORDS["bptt"].tasks}
    found = set()
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("locked"):
            text = "".join(cell["source"])
            for module, imported in re.findall(
                r"from (course_pkg\S+) import (.+)", text
            ):
                used = {part.split()[0] for part in imported.split("#")[0].split(",")}
                found |= {f"{module}.{name}" for name in used & names}
    assert found == {f for row in NEIGHBOURS["bptt"].values() for f in row}


def test_a_figure_is_drawn_and_not_written(session):
    """What draws it is the student's and may fail; its SVG would reach no page."""
    session.run("from course_pkg import plots\nseen = []")
    ran = session.run("plots.show(lambda ax: seen.append(ax.plot([0, 1])), alt='two')")
    assert ran.outputs[0]["data"]["text/plain"] == "Picture('two')"
    assert len(ran.outputs[0]["data"]["text/html"]) < 500
    assert session.run("len(seen)").outputs[0]["data"]["text/plain"] == "2"
    ran = session.run("plots.show(lambda ax: ax.none_such(), alt='a')")
    assert ran.outputs[0]["ename"] == "AttributeError"
    ran = session.run("import matplotlib.pyplot as plt\nplt.plot([0, 1]); plt.show()")
    assert "image/png" in ran.outputs[0]["data"]


def test_files_lie_beside_the_notebook(box):
    with box.session({"data.csv": b"1,2", "../out": b"x", "..": b"y"}) as session:
        ran = session.run("import os; print(os.listdir(), open('data.csv').read())")
    assert printed(ran) == "['data.csv'] 1,2\n"


def test_a_cell_that_kills_the_replay_is_left_out(session):
    session.run("a = 1")
    session.run("import os, sys\nif 'died' in sys.argv: os._exit(0)")
    session.history.cells[1] = "os = __import__('os'); os._exit(0)"
    session.process.end()
    assert session.run("a").outputs[0]["data"]["text/plain"] == "1"
    assert session.history.cells == ["a = 1", "", "a"]


def test_the_box_restarts_its_zygote(session, box):
    session.run("a = 1")
    box.zygote.kill()
    box.zygote.wait()
    # The sessions die a moment after it.
    assert any(session.run("1").problem for _ in range(1000))
    assert session.run("a").outputs[0]["data"]["text/plain"] == "1"
