"""Feedback pages: what they say, and that nothing hostile comes through."""

import base64
import io
import json
import re
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, PngImagePlugin

from course_pkg.grade import frame, handed_in
from course_pkg.grade.course import CourseError
from course_pkg.grade.drawings import against, sign
from course_pkg.grade.feedback import write_feedback
from course_pkg.grade.similarity import similar, write_page, written
from course_pkg.grade.standings import standings
from course_pkg.grade.summary import summarise
from course_pkg.grade.summary_page import summary_page

from .graded_class import GradedClass, case, graded_cells

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "<script>document.title = 'taken over'</script>"
IMAGE = "<img src=x onerror=\"document.title = 'taken over'\">"
GRAPH = [[1.0, 1.0, False], [0.5, -0.5, True], [-0.25, 9.0, True]]
WRONG = case(
    False,
    message="[t=0]: expected 2, got 3.",
    misconception="squared",
    hint="Twice is not a square.",
    picture="wrong (x):\n t = 0 1\n     x .",
    graph=GRAPH,
)


class Text(HTMLParser):
    """A page's visible text and its tags."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.text, self.tags = "", []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(group: GradedClass, student: str = "ana", **options: Any) -> Text:
    """Write the class's feedback; return one page."""
    write_feedback(group.room, "tiny", **options)
    return Text((group.room.feedback("tiny", student) / "tiny.html").read_text())


def class_pages(group: GradedClass) -> list[Path]:
    """Write the pages about the class: the report, and similar answers."""
    room, found = group.room, standings(group.room, "tiny")
    report = room.results("tiny").with_suffix(".html")
    summary = summarise(room.course, "tiny", found)
    frame.write(report, summary_page(summary, found, "Tiny"))
    people = [s.student for s in found if s.status == "graded"]
    notebooks = [room.autograded("tiny", name) / "tiny.ipynb" for name in people]
    codes = [written(handed_in.read_cells(path)) for path in notebooks]
    pairs = similar(dict(zip(people, codes, strict=True)), "")
    return [report, write_page(room, "tiny", pairs)]


def png(width: int = 8, height: int = 4, mode: str = "RGB", **save: Any) -> str:
    """Return a picture in base64."""
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG", **save)
    return base64.b64encode(out.getvalue()).decode()


def shows(data: dict[str, Any]) -> str:
    """Return the markup of one display."""
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return handed_in.outputs({"outputs": [output]})


def test_a_page_says_what_is_right_what_is_not_and_where_to_read(group: GradedClass):
    cells = graded_cells("def double(x): return x * x", cases=[case(True), WRONG])
    group.add("ana", 1, cells=cells)
    page = read(group, book="https://example.org/unrolled/")
    assert "1 of 3 points" in page.text
    assert "a number: right, 1 of 1" in page.text
    assert "a number: wrong, 0 of 1" in page.text
    assert "[t=0]: expected 2, got 3." in page.text
    assert "It looks like this: squared." in page.text
    assert "Hint. Twice is not a square." in page.text
    assert " t = 0 1\n     x ." in page.text
    assert "def double(x): return x * x" in page.text
    assert "a person reads it" in page.text
    assert ("a", {"href": "https://example.org/unrolled/book/tiny.html#s"}) in page.tags
    [graph] = [attrs for tag, attrs in page.tags if attrs.get("role") == "img"]
    assert graph["aria-label"] == (
        "a number: 2 of 3 values off the diagonal, 1 beyond the border"
    )


def test_what_was_said_above_is_not_said_again(group: GradedClass):
    again = WRONG | {"name": "another number"}
    group.add("ana", 1, cells=graded_cells(cases=[WRONG, again]))
    page = read(group)
    assert page.text.count("It looks like this: squared.") == 2
    assert page.text.count("Twice is not a square.") == 1
    assert sum(attrs.get("role") == "img" for _, attrs in page.tags) == 1


def test_the_hidden_test_is_nowhere(group: GradedClass):
    group.add("ana", 1, cells=graded_cells(cases=[WRONG]))
    read(group)
    everything = [p.read_text() for p in (group.room.root / "feedback").rglob("*.html")]
    assert len(everything) == 3
    assert not any("HIDDEN" in page for page in everything)


def test_points_and_words_of_a_person_are_on_the_page(group: GradedClass):
    group.add("ana", 1)
    assert "A person has still to read" in read(group).text
    group.mark("ana", "why", 0.5)
    group.mark("ana", "check-double", 1.75)
    group.comment("ana", "why", f"Nearly.\n{SCRIPT}")
    page = read(group)
    assert "2.25 of 3 points" in page.text
    assert "1.75 of 2 points (set by a person)" in page.text
    assert "From your instructorNearly." in page.text
    assert SCRIPT in page.text
    assert "still to read" not in page.text
    assert "a person reads it" not in page.text


def test_lateness_repairs_warnings_and_notes_are_told(group: GradedClass):
    more = {"repairs": ["cell double was copied: <b>"], "warnings": ["it was slow"]}
    group.add("ana", 2, 1, note="put back: check-double", more=more)
    with group.book() as book:
        notebook = book.find_submission_notebook("tiny", "tiny", "ana")
        notebook.late_submission_penalty = 0.5
        book.db.commit()
    page = read(group)
    assert "2.5 of 3 points" in page.text
    assert "0.5 points are taken off for lateness" in page.text
    for said in (
        "cell double was copied: <b>",
        "it was slow",
        "put back: check-double",
    ):
        assert said in page.text


def test_what_could_not_be_graded_says_why_and_what_to_do(group: GradedClass):
    group.add("ana", 2, 1)
    read(group)
    group.rows.clear()
    group.add("ana", 0, 0, status="unreadable", note=f"not JSON {SCRIPT}")
    page = read(group)
    assert f"could not be graded: not JSON {SCRIPT}." in page.text
    assert "Hand it in again" in page.text
    assert "def double" not in page.text


@pytest.mark.slow
def test_nothing_hostile_runs_and_all_of_it_shows_as_text(
    group: GradedClass, page: Any
):
    bad = f"</code></pre></style>{SCRIPT}{IMAGE}"
    name = "<b>o'neil {x} ü"
    data = {"text/html": bad, "application/javascript": "document.title = 'x'"}
    outputs = [
        {"output_type": "stream", "name": bad, "text": ["loud ", bad]},
        {"output_type": "error", "ename": bad, "evalue": bad, "traceback": [bad]},
        {"output_type": "display_data", "data": data | {"text/plain": bad}},
        {"output_type": "display_data", "data": {"image/svg+xml": f"<svg>{bad}</svg>"}},
        {"output_type": "display_data", "data": {bad: bad}},
        {"output_type": bad, "data": {"image/png": [bad]}},
        bad, None, 7, {"output_type": "stream", "text": 7}, {"output_type": "stream"},
    ]  # fmt: skip
    words = dict.fromkeys(("name", "message", "misconception", "hint", "picture"), bad)
    own = {"cell_type": "code", "id": bad, "source": bad, "outputs": outputs}
    cells = graded_cells(bad, outputs, [WRONG | words], why=bad)
    group.add(name, cells=[*cells, own], misconception=bad, note=bad)
    group.enrol(name, first_name=bad, last_name=bad, email=bad)
    index, _ = write_feedback(group.room, "tiny")
    page.goto(index.as_uri())
    assert "<b>o'neil" in page.locator("table").inner_text()
    page.locator("table a").click()
    page.locator("details").first.wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    shown = page.locator("main").inner_text()
    assert shown.count(SCRIPT) >= 14
    assert page.title() == "Tiny"
    assert page.locator("script, img, iframe, object, b > b").count() == 0
    assert "type image/svg+xml is not shown" in shown
    group.add("bo", cells=[*cells, own], misconception=bad)
    for path in class_pages(group):
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")
        assert SCRIPT in page.locator("main").inner_text(), path
        assert page.title() == "Tiny"
        assert page.locator("script, img, iframe, object").count() == 0


@pytest.mark.slow
def test_the_policy_stops_markup_that_would_come_through(group: GradedClass, page: Any):
    group.add("ana")
    write_feedback(group.room, "tiny")
    path = group.room.feedback("tiny", "ana") / "tiny.html"
    style = "<style>h1 { color: rgb(1, 2, 3) }</style><p style='color: rgb(1, 2, 3)'>"
    far = (
        "<img src='https://example.org/a.png'><img src=x onerror=\"document.title=1\">"
    )
    hole = SCRIPT + style + far + "<form action='https://example.org'></form>"
    path.write_text(path.read_text().replace("</main>", hole + "</main>"))
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(path.as_uri(), wait_until="load")
    assert page.title() == "Tiny"
    colours = "e => getComputedStyle(e).color"
    assert page.locator("h1").evaluate(colours) == "rgb(31, 35, 40)"
    assert page.locator("p").last.evaluate(colours) != "rgb(1, 2, 3)"
    assert asked == [path.as_uri()]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_accessible_and_fit(
    group: GradedClass, page: Any, scheme: Any, width: int
):
    long = {"output_type": "stream", "text": "x" * 300}
    cells = graded_cells(f"x = '{'y' * 300}'", [long], [case(True), WRONG], "z" * 300)
    more = {"repairs": ["r" * 200], "warnings": ["w"]}
    group.add("a" * 60, 1, cells=cells, more=more)
    group.comment("a" * 60, "why", "c" * 200)
    index, _ = write_feedback(group.room, "tiny")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    group.add("b" * 60, 2, 1, cells=cells, misconception="m" * 200)
    group.add("c" * 60, 0, 0, status="unreadable", note="n" * 200)
    students = index.parent.glob("a*/*/*.html")
    for path in (index, index.with_name("index.html"), *students, *class_pages(group)):
        # axe is a script, which the page's own policy would stop.
        policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
        path.write_text(policy.sub("", path.read_text()))
        page.goto(path.as_uri())
        found = Axe().run(page, options={"preload": False}).response["violations"]
        assert not found, [(v["id"], v["nodes"][0]["html"]) for v in found]
        wide = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wide) <= 0, path
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 24, 30)"
        )


@pytest.mark.slow
def test_print_opens_the_folds(group: GradedClass, page: Any):
    group.add("ana", cells=graded_cells("def folded(): pass", cases=[case(True)]))
    write_feedback(group.room, "tiny")
    page.goto((group.room.feedback("tiny", "ana") / "tiny.html").as_uri())
    answer = page.locator("details pre.code")
    assert not answer.is_visible()
    page.emulate_media(media="print")
    assert answer.is_visible()


def test_the_colours_are_the_book_s():
    book = (ROOT / "book" / "_static" / "unrolled.css").read_text()
    names = {
        "text": "text-base", "muted": "text-muted", "surface": "surface",
        "border": "border", "link": "primary", "accent": "secondary",
        "mark": "table-row-hover-bg",
    }  # fmt: skip
    light, dark = frame.STYLE.split("@media (prefers-color-scheme: dark)")
    for theme, ours in (("light", light), ("dark", dark.split("}")[0])):
        block = book.split(f'html[data-theme="{theme}"] {{')[1].split("}")[0]
        for name, theirs in names.items():
            [colour] = re.findall(rf"--{name}: (#\w+);", ours)
            assert f"--pst-color-{theirs}: {colour};" in block, (theme, name)


def test_a_picture_is_decoded_and_written_anew():
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", SCRIPT)
    made, size = handed_in.reencode(png(pnginfo=info))
    assert size == (8, 4)
    content = base64.b64decode(made)
    assert b"script" not in content
    assert Image.open(io.BytesIO(content)).format == "PNG"
    trailing = base64.b64encode(base64.b64decode(png()) + SCRIPT.encode()).decode()
    assert b"script" not in base64.b64decode(handed_in.reencode(trailing)[0])
    assert 'alt="Picture drawn by the cell, 8 by 4 pixels"' in shows(
        {"image/png": png()}
    )
    _, size = handed_in.reencode(png(2400, 10))
    assert size == (1200, 5)
    clear = base64.b64decode(handed_in.reencode(png(1, 1, "RGBA"))[0])
    assert Image.open(io.BytesIO(clear)).getpixel((0, 0)) == (255, 255, 255)


def chunk(kind: bytes, content: bytes) -> bytes:
    size, crc = len(content), zlib.crc32(kind + content)
    return struct.pack(">I", size) + kind + content + struct.pack(">I", crc)


def bomb(width: int, height: int) -> str:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"")
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (bomb(100_000, 100_000), "more than 8,000,000 pixels"),
        (bomb(2**31 - 1, 2**31 - 1), "not a PNG|pixels"),
        (bomb(0, 0), "not a PNG|pixels"),
        (bomb(10, 10), "not a PNG"),
        (png()[:60], "not a PNG|base64"),
        ("<svg onload=alert(1)>", "not base64"),
        (base64.b64encode(SCRIPT.encode()).decode(), "not a PNG"),
        (base64.b64encode(b"GIF89a" + bytes(40)).decode(), "not a PNG"),
        ("A" * 6_000_000, "larger than 4 MB"),
    ],
)
def test_what_is_no_decent_picture_is_dropped_with_a_note(picture: str, why: str):
    shown = shows({"image/png": picture})
    assert "<img" not in shown
    assert re.search(rf"A picture is not shown: .*({why})", shown)


def test_long_outputs_are_cut_and_a_progress_bar_is_one_line():
    many = [{"output_type": "stream", "text": f"line {i}"} for i in range(100)]
    shown = handed_in.outputs({"outputs": many})
    assert "line 11<" in shown
    assert "line 12" not in shown
    assert "88 more outputs are not shown" in shown
    flood = handed_in.outputs(
        {"outputs": [{"output_type": "stream", "text": "é" * 10**6}]}
    )
    assert "and 996,000 more characters" in flood
    assert len(flood) < 5000
    bars = "\r".join(f"{i} %" for i in range(101)) + "\n\x1b[31mred\x1b[0m\x07\u202e\n"
    one = handed_in.outputs({"outputs": [{"output_type": "stream", "text": bars}]})
    assert one == '<pre class="own" tabindex="0">100 %\nred??</pre>'


@pytest.mark.parametrize(
    "cases",
    [7, "x", [7], [{}], [case(True, max="1")], [case(True) | {"points": float("nan")}],
     [case(True) | {"points": True}], [case(False, graph=7, message=7, hint=[])],
     [case(False, graph=[[1, 2, 3], "x"])], [case(False, graph=[[1, 1e999, True]])],
     [case(False, graph=[[0, 0, True]] * 10**5)], [case(True)] * 10_000],
)  # fmt: skip
def test_a_malformed_report_is_left_out(group: GradedClass, cases: Any):
    group.add("ana", cells=graded_cells(cases=cases))
    page = read(group)
    assert "<svg" not in page.text
    assert not [tag for tag, attrs in page.tags if attrs.get("role") == "img"]
    assert page.text.count("a number") <= 50


@pytest.mark.parametrize("text", ["", "7", "[]", '{"cells": 7}', "[" * 10**5, "\xff"])
def test_a_notebook_that_is_none_costs_its_page_only(group: GradedClass, text: str):
    group.add("ana")
    group.add("bo")
    path = group.room.autograded("tiny", "bo") / "tiny.ipynb"
    path.write_bytes(text.encode("latin-1"))
    index, rows = write_feedback(group.room, "tiny")
    assert [row["page"] is None for row in rows] == [False, True]
    assert "no page, grade again" in Text(index.read_text()).text
    assert not group.room.feedback("tiny", "bo").exists()


def test_names_that_are_no_folder_get_no_page(group: GradedClass):
    group.rows.append(
        {
            "student": "../../x\n", "score": 0, "max_score": 3, "status": "unreadable",
            "seconds": 0, "questions": [], "note": "rename it",
        }
    )  # fmt: skip
    group.add("ana")
    _, rows = write_feedback(group.room, "tiny")
    assert rows[0] == {
        "student": "../../x\n", "name": "../../x\n", "points": 0.0, "max": 3,
        "state": "no page: rename it", "page": None,
    }  # fmt: skip
    assert {p.name for p in (group.room.root / "feedback").iterdir()} == {
        "ana", "index.html", "tiny.html",
    }  # fmt: skip


def test_the_class_list_and_a_stopped_run_are_told_apart(group: GradedClass):
    group.add("ana", 2, 1)
    group.add("bo", 2, 1)
    group.enrol("cy", first_name="Cy", last_name="Young")
    group.rows.pop()
    group.room.results("tiny").write_text(json.dumps(group.rows))
    found = {
        s.student: (s.status, s.waiting, s.name) for s in standings(group.room, "tiny")
    }
    assert found["ana"] == ("graded", "", "ana")
    assert found["bo"][0] == "stopped while it was graded"
    assert "must be confirmed" in found["bo"][1]
    assert found["cy"] == ("not handed in", "", "Cy Young")


def test_mistakes_are_told(group: GradedClass):
    with pytest.raises(CourseError, match="run: course grade tiny"):
        write_feedback(group.room, "tiny")
    group.add("ana")
    with pytest.raises(CourseError, match="--book javascript:x: expected http"):
        write_feedback(group.room, "tiny", "javascript:x")


def test_a_graph_puts_right_points_on_the_diagonal():
    drawn = against([(1.0, 1.0, False), (-1.0, -1.0, False), (0.0, 1.0, True)], "x")
    circles = re.findall(r'<circle class="right" cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert len(circles) == 2
    assert all(float(x) + float(y) == pytest.approx(348, abs=0.2) for x, y in circles)
    [(x, y)] = re.findall(r'<path class="wrong" d="M([\d.]+) ([\d.]+)l6', drawn)
    assert (float(x) + 3, float(y) + 3) == pytest.approx((174, 41.9), abs=0.1)
    assert sign(True) != sign(False)
