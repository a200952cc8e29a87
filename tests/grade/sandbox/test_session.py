"""Cells and questions in a real box: what comes back, and what a death costs."""

import numpy as np
import pytest

from course_pkg.check.run import conclude, plan
from course_pkg.grade.sandbox.session import AnswerError

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
