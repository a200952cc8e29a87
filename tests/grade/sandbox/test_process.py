"""The box without a wall: it must be asked for, says so, and still has its limits."""

import pytest

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox import wall
from course_pkg.grade.sandbox.box import Box, BoxError

from .conftest import SMALL, printed

COMET = """
import os
if os.fork() == 0:
    for _ in range(3000):
        if os.fork():
            os._exit(0)
        os.setsid()
"""
MANY = """
import os, time
for n in range(200):
    if os.fork() == 0: time.sleep(99); os._exit(0)
    time.sleep(0.005)
time.sleep(99)
"""


@pytest.mark.slow
def test_without_a_wall_it_says_so_and_keeps_its_limits(capsys, monkeypatch):
    monkeypatch.setenv("UNROLLED_SECRET", "a secret")
    with Box("bptt", limits_of("bptt", **SMALL), sandbox="process") as box:
        assert "no wall" in capsys.readouterr().err
        with box.session() as session:
            session.run("a = 1\nimport os, time\nif os.fork() == 0:\n  os.setsid()\n"
                        "  while True: time.sleep(0.01)")  # fmt: skip
            assert session.run("x = bytearray(2**30)").problem.kind == "memory"
            # The process left behind holds the line, so only the clock tells.
            assert session.run("os._exit(1)").problem.kind == "time"
            assert session.run("a").outputs[0]["data"]["text/plain"] == "1"
            sealed = "from course_pkg.bptt import scan_grad; scan_grad(1, 2, 3, 4, 5)"
            assert printed(session.run(sealed)) == "SealedReference"
            said = session.run("import os; print(os.environ)")
            assert "secret" not in printed(said)
            ran = session.run(MANY)
            # An ordinary user's forks fail early; root's are seen from outside.
            told = str(ran.problem) + printed(ran)
            assert "processes than the limit of 24" in told or "BlockingIO" in told
            assert box.used().processes < 4
            session.run(COMET)
        assert box.used() == (0, 0)


def test_it_never_falls_back(monkeypatch):
    monkeypatch.setattr(wall, "bubblewrap", lambda: None)
    with pytest.raises(BoxError, match="apt install bubblewrap"), Box("bptt"):
        pass
    with pytest.raises(BoxError, match="unknown sandbox"):
        Box("bptt", sandbox="none")
