"""The box without a wall: it must be asked for, says so, and still has its limits."""

import pytest

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox import wall
from course_pkg.grade.sandbox.box import Box, BoxError

from .conftest import SMALL, printed


@pytest.mark.slow
def test_without_a_wall_it_says_so_and_keeps_its_limits(capsys):
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
        assert box.used() == 0


def test_it_never_falls_back(monkeypatch):
    monkeypatch.setattr(wall, "bubblewrap", lambda: None)
    with pytest.raises(BoxError, match="apt install bubblewrap"), Box("bptt"):
        pass
    with pytest.raises(BoxError, match="unknown sandbox"):
        Box("bptt", sandbox="none")
