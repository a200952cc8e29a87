"""What a report looks like: HTML, JSON, and nothing that a student can smuggle in."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from asking import REFERENCE, handed_on, report, unwritten

from course_pkg.check import check, progress, run
from course_pkg.check.compare import differences, tolerance
from course_pkg.check.picture import graph
from course_pkg.check.text import report_html, report_text
from course_pkg.syllabus import WORDS, Word

STEP, SCAN = REFERENCE["step_grad"], REFERENCE["scan_grad"]


HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e&amp;"


def hostile(d_state, tape):
    raise ValueError(HOSTILE)


class Page(HTMLParser):
    """Collects tags and checks that they close."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("answer", [STEP, handed_on, unwritten, hostile, None])
def test_the_html_is_well_formed_escaped_and_without_colours(answer):
    found = report("step_grad", answer)
    html = report_html(found)
    page = Page(html)
    assert "script" not in [tag for tag, _ in page.tags]
    assert not re.search(
        r"#[0-9a-f]{3,6}\b(?!-)|rgb|black|white(?!-)|red", html.split("book")[0]
    )
    assert f"{found.points:g} of 3 points" in page.text
    if found.points and found.results:
        assert page.text.count("right") >= 1
        assert all(
            attrs.get("scope") == "col" for tag, attrs in page.tags if tag == "th"
        )


def test_no_form_carries_control_characters():
    found = report("step_grad", hostile)
    for text in (report_text(found), report_html(found), json.dumps(found.as_plain())):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\u001b" not in text
    assert "<script>" in found.message()  # plain text, for others to escape


def test_the_json_has_the_agreed_keys():
    plain = report("step_grad", handed_on).as_plain()
    assert list(plain) == ["id", "points", "max", "message", "misconception", "cases"]
    assert plain["id"] == "bptt.step_grad"
    assert (plain["points"], plain["max"]) == (2.0, 3.0)
    assert plain["misconception"] == "d_state handed on to h_prev unchanged"
    keys = ["name", "points", "max", "ok", "message"]
    for case in plain["cases"]:
        assert list(case) == [*keys, "misconception", "hint", "picture", "graph"]
        assert bool(case["message"]) != case["ok"]
        assert bool(case["hint"]) != case["ok"]
        assert bool(case["misconception"]) == bool(case["graph"]) != case["ok"]
    assert sum(case["points"] for case in plain["cases"]) == plain["points"]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_the_graph_is_too_coarse_to_hand_in():
    cases = report("step_grad", handed_on).as_plain()["cases"]
    graphs = [case["graph"] for case in cases if not case["ok"]]
    assert all(graphs)
    for rows in graphs:
        right, yours, wrong = map(np.array, zip(*rows, strict=True))
        assert np.abs(right).max() in (0, 1)  # 0: the right value is zero
        assert np.abs(right - yours)[wrong].max() > 0.01
        assert not (right - yours)[~wrong].any()
        assert np.array_equal(right, right.round(3))
        assert graph(right, right * np.nan, wrong) == ()
    assert differences("H", right + 0.0004, right, tolerance({"x": 1.0})), (
        "coarser than it"
    )


class Shell:
    """IPython as the check sees it."""

    def __init__(self, monkeypatch):
        import IPython
        import IPython.display

        self.shown = []
        monkeypatch.setattr(IPython, "get_ipython", lambda: self)
        monkeypatch.setattr(
            IPython.display, "display", lambda data, raw: self.shown.append(data)
        )


def test_in_ipython_one_display_has_all_forms(monkeypatch, capsys):
    shell = Shell(monkeypatch)
    assert check("bptt.step_grad", handed_on) == 2.0
    (shown,) = shell.shown
    assert set(shown) == {"text/plain", "text/html", run.REPORT}
    assert shown[run.REPORT] == report("step_grad", handed_on).as_plain()
    assert capsys.readouterr().out == ""


def test_progress_has_a_bar_for_each_task(capsys):
    check("bptt.step_grad", handed_on)
    check("bptt.scan_grad", SCAN)
    capsys.readouterr()
    assert progress("bptt") is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "bptt: 6 of 18 points so far, and 2 by hand"
    bars = {line.split()[0]: line for line in lines[1:]}
    assert list(bars) == [task.name for task in WORDS["bptt"].tasks]
    assert bars["scan_grad"].count("#") == 20
    assert bars["step_grad"].count("#") == 13
    assert "4 of 4 points" in bars["scan_grad"]
    assert "not checked yet" in bars["contributions"]
    assert "2 by hand" in bars["why_sum"]


def test_progress_keeps_the_last_check_of_a_task(capsys):
    for answer in (STEP, unwritten):
        check("bptt.step_grad", answer)
    progress("bptt")
    assert "bptt: 0 of 18 points" in capsys.readouterr().out


def test_progress_in_ipython_is_labelled(monkeypatch):
    shell = Shell(monkeypatch)
    progress("bptt")
    page = Page(shell.shown[0]["text/html"])
    bars = [attrs for tag, attrs in page.tags if tag == "progress"]
    assert len(bars) == len(WORDS["bptt"].tasks)
    assert all(attrs["aria-label"] for attrs in bars)


@pytest.mark.parametrize("word", ["bare", "nothing"])
def test_progress_of_a_word_without_tasks(word, monkeypatch):
    monkeypatch.setitem(WORDS, "bare", Word("A chapter alone", ()))
    with pytest.raises(ValueError, match=r"known: start, (?!.*bare).*bptt"):
        progress(word)
