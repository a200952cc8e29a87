"""nbgrader's pages show reports as they are, and run nothing that a student wrote."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from traitlets.config import Config

from course_pkg.check.ask import interview
from course_pkg.check.run import conclude, plan, report_bundle
from course_pkg.grade.config import configure
from course_pkg.grade.pages import clean, markdown
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


def pages_of(tmp_path: Path, notebook: Any) -> Iterator[str]:
    """Render a graded notebook as nbconvert, the formgrader and nbgrader do."""
    from nbgrader.server_extensions.formgrader import handlers

    bootstrap = Path(handlers.static_path) / "node_modules/bootstrap/dist/css"
    facts = {"notebook": "bptt", "score": 0, "max_score": 1, "late_penalty": 0}
    resources = {"index": 0, "total": 1, "notebook_id": "bptt", "nbgrader": facts}
    for name in (None, "formgrade", "feedback"):
        config = Config()
        configure(config, tmp_path)
        if name:
            config.HTMLExporter.template_name = name
            config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
            config.HTMLExporter.extra_template_paths = [str(bootstrap)]
        exporter = HTMLExporter(config=config)
        yield exporter.from_notebook_node(notebook, dict(resources))[0]


def test_no_page_of_nbgrader_s_runs_what_a_student_wrote(tmp_path: Path):
    bad = "\n\n".join(EVIL[:-1])  # the last stays, as the text of a title
    bad += "\n\n![a](javascript:steal()) [b](javascript:steal()) <javascript:steal()>"
    answers = wrote("ada") | {"why_sum": bad, "code-01": f"print({bad!r})"}
    handed_in = json.loads(unit(**answers).content)
    for cell in (new_raw_cell(bad), new_markdown_cell(bad), new_code_cell(bad)):
        for meta in ({}, {"raw_mimetype": "text/html"}, {"tags": [f'">{EVIL[0]}']}):
            handed_in["cells"].append({**cell, "metadata": meta, "id": token_hex(4)})
    outcome = grade_unit(replace(unit(), content=json.dumps(handed_in).encode()), Box())
    for cell in outcome.notebook["cells"]:
        found = cell["metadata"].get("nbgrader", {})
        found |= {"score": 0.0} if found.get("grade") else {}
    notebook = nbformat.reads(json.dumps(outcome.notebook), as_version=4)
    shown = new_output("display_data", {"text/html": bad})  # of an older version
    notebook.cells.append(new_code_cell("display()", outputs=[shown]))
    pages = list(pages_of(tmp_path, notebook))
    assert len(pages) == 3
    for page in pages:
        body = page[page.index("<body") :]
        assert body.count("steal()") > 50  # shown as text
        for part in body.split("<")[1:]:
            assert "steal" not in part.partition(">")[0]
        assert "<table" in body


@pytest.mark.parametrize("name", ["href{javascript:x}", "style{x}{y}", "require{x}"])
def test_a_formula_stays_and_makes_no_link(name: str):
    made = markdown({}, rf"$\frac12$ $\{name}$ $\hrefs$")
    assert r"\frac12" in made
    assert r"\hrefs" in made
    assert "\\" + name not in made
    assert name.partition("{")[0] in made
