"""nbgrader's pages show reports as they are, and run nothing that a student wrote."""

import json
from pathlib import Path

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from course_pkg.check.ask import interview
from course_pkg.check.run import conclude, plan, report_bundle
from course_pkg.grade.config import configure
from course_pkg.grade.pages import clean
from course_pkg.grade.unit import grade_unit

from .grading import unit, wrote
from .in_place import Box

EVIL = (
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "<svg onload=steal()></svg>",
    "<a href='javascript:steal()'>x</a>",
    "<a href='data:text/html,steal()'>x</a>",
    "<iframe srcdoc='<script>steal()</script>'></iframe>",
    "<style>@import 'http://steal()'</style>",
    "<form action=http://x><button formaction='javascript:steal()'>x</button></form>",
    "<p style='background: url(http://steal())'>x</p>",
    "<meta http-equiv=refresh content='0;url=http://steal()'>",
    "<img src='http://steal()/x.png'>",
    "<noscript><p title='</noscript><img src=x onerror=steal()>'></noscript>",
)


@pytest.mark.parametrize("html", EVIL)
def test_what_runs_or_loads_is_gone(html):
    found = clean(html)
    tags = [part for part in found.split("<")[1:] if not part.startswith("/")]
    assert not any("steal" in tag.partition(">")[0] for tag in tags)
    assert not any(tag.startswith(("script", "svg", "iframe", "style")) for tag in tags)


def test_a_report_stays_as_it_is():
    asked = plan("bptt.step_grad")
    evidence = interview([(q.case.probe, q.inputs) for q in asked], lambda *a: None)
    html = report_bundle(conclude("bptt.step_grad", asked, evidence))["text/html"]
    found = clean(html)
    for tag in ("table", "thead", "tbody", "th", "td", "caption", "strong"):
        assert found.count(f"<{tag}") == html.count(f"<{tag}"), tag
    assert "&lt;" not in found.replace("&lt;", "", html.count("&lt;"))
    assert "border-collapse" in found


def test_a_whole_page_runs_nothing_of_a_students(tmp_path: Path):
    bad = "\n\n".join(EVIL[:-1])  # the last stays, as the text of a title
    answers = wrote("ada") | {"why_sum": bad, "code-01": f"print({bad!r})"}
    outcome = grade_unit(unit(**answers), Box())
    config = Config()
    configure(config, tmp_path)
    notebook = nbformat.reads(json.dumps(outcome.notebook), as_version=4)
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook)
    body = page[page.index("<body") :]
    assert "steal()" in body  # shown as text
    for part in body.split("<")[1:]:
        assert "steal" not in part.partition(">")[0]
    assert "<table" in body
