"""The student's side: whatever an answer does, evidence comes back."""

import contextlib
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from course_pkg.check import check
from course_pkg.check.ask import TimeUp, ask, interview


def call(answer, inputs):
    """Call an answer on x: the simplest probe."""
    return answer(inputs["x"])


def asked(answer, seconds=5.0):
    return ask(call, answer, {"x": np.arange(3.0)}, seconds)


def test_value_and_arguments_come_back():
    def answer(x):
        x[0] = 7
        return 2 * x, {"n": 3}

    evidence = asked(answer)
    assert evidence.problem is None
    assert evidence.value[0].tolist() == [14, 2, 4]
    assert evidence.value[1] == {"n": 3}
    assert evidence.after["x"].tolist() == [7, 1, 2]


def test_the_inputs_themselves_are_not_touched():
    x = np.arange(3.0)
    ask(call, lambda x: x.fill(0), {"x": x})
    assert x.tolist() == [0, 1, 2]


class Unprintable(Exception):
    """An exception without a readable message, which lies about its class."""

    def __str__(self):
        raise RuntimeError

    @property
    def __class__(self):
        raise RuntimeError


def fails(kind, *args):
    def answer(x):
        raise kind(*args)

    return answer


@pytest.mark.parametrize(
    ("error", "args", "kind", "said"),
    [
        (KeyError, ("weight",), "error", "raised a KeyError: 'weight'"),
        (SystemExit, (1,), "error", "raised a SystemExit: 1"),
        (KeyboardInterrupt, (), "interrupt", "was interrupted"),
        (GeneratorExit, (), "error", "raised a GeneratorExit"),
        (RecursionError, ("deep",), "error", "raised a RecursionError: deep"),
        (MemoryError, (), "error", "raised a MemoryError"),
        (NotImplementedError, (), "unwritten", "not written yet"),
        (Unprintable, (), "error", "(without a readable message)"),
        (ValueError, ("x" * 10**6,), "error", "raised a ValueError: xxx"),
    ],
)
def test_every_exception_is_evidence(error, args, kind, said):
    problem = asked(fails(error, *args)).problem
    assert problem.kind == kind
    assert said in problem.text
    assert len(problem.text) < 1000


def test_an_error_tells_the_students_line():
    problem = asked(fails(KeyError, "k")).problem
    assert "in answer: raise kind(*args))" in problem.text


@pytest.mark.parametrize("answer", [None, 3, "step_grad", np.zeros(2)])
def test_an_answer_that_is_no_function(answer):
    problem = asked(answer).problem
    assert problem.kind == "answer"
    assert "no function but " in problem.text


def forever(x):
    while True:
        pass


def stubborn(x):
    until = time.monotonic() + 2
    while time.monotonic() < until:
        with contextlib.suppress(BaseException):
            time.sleep(0.01)
    return x


@pytest.mark.parametrize("answer", [forever, stubborn])
def test_the_time_limit_is_named(answer):
    problem = asked(answer, seconds=0.1).problem
    assert problem.kind == "time"
    assert problem.text == "ran longer than the limit of 0.1 s"
    assert problem.stops


def test_the_timer_is_put_away():
    before = signal.getsignal(signal.SIGALRM)
    asked(forever, seconds=0.05)
    time.sleep(0.5)  # it would ring every 0.2 s
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_timer_that_was_running_goes_on():
    signal.setitimer(signal.ITIMER_REAL, 100)
    try:
        asked(lambda x: x)
        assert 90 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_another_threads_probe_has_no_timer_and_no_trouble():
    found = []
    thread = threading.Thread(target=lambda: found.append(asked(lambda x: x)))
    thread.start()
    thread.join()
    assert found[0].problem is None


def test_after_a_time_out_nothing_more_is_asked():
    calls = []

    def answer(x):
        calls.append(1)
        forever(x)

    found = interview([(call, {"x": np.ones(1)})] * 3, answer, seconds=0.1)
    assert len(calls) == 1
    assert found[1].problem.text.startswith(
        "was not tried, because before this it ran "
    )


def test_after_an_error_the_next_question_is_asked():
    found = interview([(call, {"x": np.ones(1)})] * 3, fails(ValueError, "no"))
    assert [evidence.problem.stops for evidence in found] == [False] * 3


def test_warnings_are_evidence_and_stderr_stays_silent(capfd):
    def answer(x):
        warnings.warn("careful", stacklevel=1)
        print("progress: 50 %", file=sys.stderr)
        print("hello")
        np.log(x - 1)
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evidence = asked(answer)
    out, err = capfd.readouterr()
    assert (out, err) == ("hello\n", "")
    assert evidence.value is not None
    assert "UserWarning: careful" in evidence.warnings
    assert any("divide by zero" in line for line in evidence.warnings)


def test_settings_that_an_answer_makes_are_undone():
    before = np.geterr()
    asked(lambda x: np.seterr(all="raise") and None)
    assert np.geterr() == before


def test_check_is_silent_on_stderr_for_every_kind_of_answer(capfd):
    def noisy(d_state, tape):
        print("noise", file=sys.stderr)
        raise SystemExit("bye")

    for answer in (noisy, None, lambda d, t: (d for _ in t)):
        assert check("bptt.step_grad", answer) == 0.0
    assert capfd.readouterr().err == ""


def test_time_up_passes_an_ordinary_except():
    assert not issubclass(TimeUp, Exception)
