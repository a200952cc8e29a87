"""The directives `word-map` and `word-links` on a tiny project of two words."""

import os
import re
import sys
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

from course_pkg import syllabus
from course_pkg.syllabus import Task, Word

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
WORDS = {
    "echo": Word("Echoes", ("cells.echo", "pipes")),
    "tide": Word(
        "The tide, twice a day",
        ("tide",),
        (Task("ebb", 3, "low-water"), Task("why", 4, "full-moon", manual=True)),
    ),
}
ALONE = "---\norphan: true\n---\n\n"  # in no table of contents, which would warn too
TIDE = f"{ALONE}# The tide, twice a day\n\n## Low water\n\n## Full _moon_!\n\n"
FILES = {
    "book/index.md": "# Words\n\n```{toctree}\nmap\n```\n",
    "book/map.md": "# Map\n\n```{word-map}\n```\n",
    "book/echo.md": f"{ALONE}# Echoes\n\n```{{word-links}} echo\n```\n",
    "book/tide.md": f"{TIDE}```{{word-links}} tide\n```\n",
    "course_pkg/cells/echo.py": "ECHO = 'echo'\n",
    "course_pkg/pipes.py": "",
    "course_pkg/tide.py": "",
    "assignments/tide/tide.ipynb": "{}",
    "tests/cells/test_echo.py": "",
    "tests/test_pipes.py": "",
    "tests/test_tide.py": "",
    "tests/book/test_equations_echo.py": "",
    "tests/book/test_equations_tide.py": "",
}


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that builds the project and gives its site and warnings."""
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    import unrolled_book

    monkeypatch.setattr(unrolled_book, "ROOT", tmp_path)
    monkeypatch.setattr(syllabus, "WORDS", dict(WORDS))

    def run(**changes):
        """Build with these changes to FILES: path -> text, or None for no file."""
        for path, text in {**FILES, **changes}.items():
            file = tmp_path / path
            if text is not None and not (file.exists() and file.read_text() == text):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf8")
        settings = {
            "extensions": ["myst_parser", "unrolled_book", "words"],
            "html_theme": "basic",
            "root_doc": "book/index",
            "numfig": True,
        }
        conf = "\n".join(f"{key} = {value!r}" for key, value in settings.items())
        (tmp_path / "conf.py").write_text(conf, "utf8")
        app = SphinxTestApp("html", srcdir=tmp_path, builddir=tmp_path / "_build")
        try:
            app.build()
            return Path(app.outdir), app.warning.getvalue()
        finally:
            app.cleanup()

    yield run
    for name in ("words", "unrolled_book"):
        sys.modules.pop(name, None)


def rows(html, table):
    """Return the texts of the cells of the table with this id, row by row."""
    body = re.search(rf'<table[^>]*id="{table}">(.*?)</table>', html, re.S)[1]
    cells = [re.findall(r"<t[hd].*?</t[hd]>", r, re.S) for r in body.split("<tr")[1:]]
    return [[" ".join(re.sub("<[^>]+>", "", c).split()) for c in row] for row in cells]


def links(html):
    """Return what the page links to, by the link's text."""
    found = re.findall(r'<a class="reference[^>]*href="([^"]+)">(.*?)</a>', html, re.S)
    return {re.sub("<[^>]+>", "", text): target for target, text in found}


def test_the_map_has_every_word_and_every_task(build):
    site, warnings = build()
    html = (site / "book/map.html").read_text("utf8")
    assert warnings == ""
    echo, tide = rows(html, "word-map")[1:]
    assert echo == [
        "echo",
        "Echoes",
        "echo.py, pipes.py",
        "none yet",
        "test_echo.py, test_pipes.py, test_equations_echo.py",
    ]
    assert tide[:2] == ["tide", "The tide, twice a day"]
    assert tide[3] == "tide.ipynb"
    assert rows(html, "task-map") == [
        ["Check", "Points", "Section", "Marked by"],
        ["tide.ebb", "3", "Low water", "the check"],
        ["tide.why", "4", "Full moon!", "a person"],
        ["all of tide", "7", "", ""],
    ]


def test_tables_have_captions_and_header_cells(build):
    html = (build()[0] / "book/map.html").read_text("utf8")
    assert html.count('<span class="caption-text">') == 2
    for table, rows_below, columns in (("word-map", 2, 5), ("task-map", 3, 4)):
        body = re.search(rf'<table[^>]*id="{table}">(.*?)</table>', html, re.S)[1]
        assert body.count("<th ") == rows_below + columns


@pytest.mark.parametrize("page", ["map", "echo", "tide"])
def test_every_link_leads_to_something_on_the_site(build, page):
    site, _ = build()
    page = site / f"book/{page}.html"
    targets = links(page.read_text("utf8")).values()
    for target in targets:
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.is_file(), target
        assert not anchor or f'id="{anchor}"' in path.read_text("utf8"), target


def test_the_links_of_a_word_are_its_files(build):
    site, _ = build()
    echo = links((site / "book/echo.html").read_text("utf8"))
    tide = links((site / "book/tide.html").read_text("utf8"))
    assert tide["assignments/tide/tide.ipynb"].endswith("/tide.ipynb")
    assert "tests/test_tide.py" in tide
    assert "Assignment, 7 points" in (site / "book/tide.html").read_text("utf8")
    assert "Assignment" not in (site / "book/echo.html").read_text("utf8")
    source = (site / "book" / echo["course_pkg/cells/echo.py"]).read_text("utf8")
    assert "ECHO" in source


def test_a_new_row_appears_by_itself(build, monkeypatch):
    monkeypatch.setitem(syllabus.WORDS, "reef", Word("Reefs", ("pipes",)))
    page = f"{ALONE}# Reefs\n\n```{{word-links}} reef\n```\n"
    site, warnings = build(
        **{"book/reef.md": page, "tests/book/test_equations_reef.py": ""}
    )
    assert warnings == ""
    html = (site / "book/map.html").read_text("utf8")
    assert [row[0] for row in rows(html, "word-map")[1:]] == ["echo", "tide", "reef"]


def test_a_second_build_follows_a_changed_heading(build):
    build()
    louder = FILES["book/tide.md"].replace("Full _moon_!", "FULL moon")
    site, _ = build(**{"book/tide.md": louder})
    table = rows((site / "book/map.html").read_text("utf8"), "task-map")
    assert table[2][2] == "FULL moon"


def test_a_second_build_follows_a_changed_row(build, monkeypatch, tmp_path):
    row = tmp_path / "syllabus.py"
    row.write_text("before", "utf8")
    monkeypatch.setattr(syllabus, "__file__", str(row))
    build()
    monkeypatch.setitem(syllabus.WORDS, "echo", Word("Echoes", ("pipes",)))
    row.write_text("after", "utf8")
    os.utime(row, ns=(2**62, 2**62))
    page = (build()[0] / "book/echo.html").read_text("utf8")
    assert "course_pkg/pipes.py" in links(page)
    assert "course_pkg/cells/echo.py" not in links(page)


@pytest.mark.parametrize("path", list(FILES)[2:])
def test_a_missing_file_is_a_warning(build, path):
    _, warnings = build(**{path: None})
    name = path.removesuffix(".md")
    assert name in warnings


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"book/echo.md": f"{ALONE}# Ecchoes\n"}, "syllabus.py calls echo 'Echoes'"),
        (
            {"book/tide.md": TIDE.replace("moon", "sun")},
            "'word-section' reference target not found: book/tide#full-moon",
        ),
        (
            {"book/echo.md": f"{ALONE}# Echoes\n\n```{{word-links}} eko\n```\n"},
            "'eko' is none",
        ),
    ],
)
def test_what_does_not_agree_with_the_syllabus_is_a_warning(build, changes, warning):
    assert warning in build(**changes)[1]
