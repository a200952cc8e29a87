"""Questions on a page: how they are written, printed, answered and reached."""

import sys
from types import SimpleNamespace

import pytest
from building import ROOT, serving
from sphinx.testing.util import SphinxTestApp
from test_browser import accessibility, sideways

from course_pkg.syllabus import WORDS

EXTENSIONS, STATIC = ROOT / "book" / "_ext", ROOT / "book" / "_static"
PAGE = """# Questions

:::{quiz} Which of $a$ and `b` is *first*?
- [ ] the letter b :: it follows a, as `x[::-1]` shows.
- [x] the letter a :: nothing stands
  before it.
:::

::::{quiz} Which are even?

A hint:
```python
2 * n
```

- [x] two :: 2 = 2 · 1.
- [ ] three :: 3 = 2 · 1 + 1.
- [x] four :: 4 = 2 · 2.
::::

:::{quiz} How much is it?
- [= -0.409 ± 0.001] :: a small amount.
- [! 0.409 ± 0.001] :: the sign is lost.
:::

:::{quiz} How many?
- [= 1000100] :: more than a million.
:::
"""
RIGHT, WRONG = "- [x] yes :: it is.\n", "- [ ] no :: it is not.\n"
NUMBER = "- [= 1 ± 0.1] :: one.\n"


SETTINGS = {  # the book's theme and styles: colours and widths are theirs
    "extensions": ["myst_parser", "sphinx_book_theme", "sphinxcontrib.katex", "quiz"],
    "myst_enable_extensions": ["colon_fence", "dollarmath"],
    "html_theme": "sphinx_book_theme",
    "html_static_path": [str(STATIC)],
    "html_css_files": ["unrolled.css", "quiz.css"],
    "html_js_files": [[f"{name}.js", {"defer": ""}] for name in ("unrolled", "quiz")],
    "katex_css_path": "katex/katex.min.css",
    "language": "en",
}


@pytest.fixture(autouse=True, scope="module")
def extensions():
    """Let Sphinx find the book's extensions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXTENSIONS))
        yield
    sys.modules.pop("quiz", None)


def build(folder, page):
    """Build a page and return the folder of the site and the warnings."""
    conf = "\n".join(f"{key} = {value!r}" for key, value in SETTINGS.items())
    (folder / "conf.py").write_text(conf, "utf8")
    (folder / "index.md").write_text(page, "utf8")
    app = SphinxTestApp("html", srcdir=folder, builddir=folder / "_build")
    try:
        app.build()
        return folder / "_build" / "html", app.warning.getvalue()
    finally:
        app.cleanup()


@pytest.fixture(scope="module")
def site(extensions, tmp_path_factory):
    """Build the questions of PAGE and return the folder of the site."""
    folder, warnings = build(tmp_path_factory.mktemp("quiz"), PAGE)
    assert warnings == ""
    return folder


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        (WRONG * 2, "needs a right answer"),
        (RIGHT, "two answers"),
        (RIGHT + "- [ ] no\n", "expected ':: why'"),
        (RIGHT + "- [y] no :: it is not.\n", "got [y]"),
        (RIGHT + "- [ ] :: it is not.\n", "nothing to choose"),
        (RIGHT + "no :: it is not.\n", "expected '- [ ] answer :: why'"),
        (NUMBER + WRONG, "needs one [= ...]"),
        (NUMBER * 2, "needs one [= ...]"),
        ("- [! 1] :: one.\n", "needs a right answer"),
        ("- [= one] :: one.\n", "could not convert"),
        ("- [= 1 ± -1] :: one.\n", "how far off"),
        ("- [= inf] :: one.\n", "how far off"),
        ("- [=1] :: one.\n", "expected [ ], [x]"),
        ("", "needs a right answer"),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path, answers, problem):
    _, warnings = build(tmp_path, f"# Q\n\n:::{{quiz}} Is it?\n{answers}:::\n")
    assert problem in warnings
    assert "index.md:3: ERROR: quiz: " in warnings


@pytest.mark.parametrize("word", [w for w in WORDS if w != "start"])
def test_a_chapter_asks_three_to_six_questions(word):
    page = (ROOT / "book" / f"{word}.md").read_text("utf8")
    assert 3 <= page.count(":::{quiz} ") <= 6


def test_what_is_written_is_a_list_with_every_answer(site):
    html = (site / "index.html").read_text("utf8")
    forms = html.split('<form class="quiz"')[1:]
    assert [form.count("<li ") for form in forms] == [2, 3, 2, 1]
    assert [form.count("<strong>Right:") for form in forms] == [1, 2, 1, 1]
    assert [form.count("<strong>Wrong:") for form in forms] == [1, 1, 1, 0]
    assert "x[::-1]" in forms[0]
    assert "nothing stands before it." in forms[0]
    assert 'class="math' in forms[0].split("</legend>")[0]
    assert "<em>first</em>" in forms[0].split("</legend>")[0]
    between = forms[1].split("</legend>")[1].split("<ul>")[0]
    assert "A hint" in between
    assert 'class="highlight-python' in between
    assert 'data-value="-0.409"' in forms[2]
    assert "−0.409 ± 0.001" in forms[2]


@pytest.fixture
def page(site, browser):
    """Return a function that opens the questions, with or without scripts."""
    contexts = []
    with serving(site) as address:

        def visit(scripts=True, theme="light", width=1280):
            size = {"width": width, "height": 800}
            context = browser.new_context(java_script_enabled=scripts, viewport=size)
            chosen = f"localStorage.mode = localStorage.theme = '{theme}'"
            context.add_init_script(chosen)
            contexts.append(context)
            opened = context.new_page()
            opened.goto(f"{address}/index.html")
            opened.evaluate("document.fonts.ready")
            return opened

        yield visit
        for context in contexts:
            context.close()


def parts(page, number):
    """Return the parts of a question that a reader acts on or reads."""
    form = page.locator("form.quiz").nth(number)
    return SimpleNamespace(
        inputs=form.locator("input"),
        check=form.get_by_role("button", name="Check"),
        all=form.get_by_role("button", name="All answers"),
        said=form.get_by_role("status"),
        whys=form.locator("li > .quiz-why"),
    )


def shown(locator):
    return [one.is_visible() for one in locator.all()]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["no scripts", "print"])
def test_without_scripts_and_on_paper_it_is_a_plain_list(page, way):
    opened = page(scripts=way == "print")
    opened.emulate_media(media="print" if way == "print" else "screen")
    assert all(shown(opened.locator("li > .quiz-why")))
    assert all(shown(opened.locator(".quiz-choice")))
    assert not any(shown(opened.locator("form :is(input, button)")))


@pytest.mark.slow
def test_one_answer_by_keyboard(page):
    opened = page()
    quiz = parts(opened, 0)
    assert shown(quiz.whys) == [False, False]
    quiz.check.press("Enter")
    assert quiz.said.inner_text() == "Choose an answer first."
    opened.keyboard.press("Shift+Tab")  # from the button back to the choices
    opened.keyboard.press("Space")
    opened.keyboard.press("ArrowUp")
    assert quiz.inputs.evaluate_all("all => all.map(i => i.checked)").count(True) == 1
    assert quiz.said.inner_text() == ""
    quiz.inputs.nth(0).check()
    opened.keyboard.press("Enter")  # in a form Enter sends
    assert "Not right" in quiz.said.inner_text()
    assert "it follows a" in quiz.said.inner_text()
    assert "nothing stands" not in quiz.said.inner_text()
    quiz.inputs.nth(1).check()
    assert quiz.said.inner_text() == ""
    quiz.check.click()
    assert "Right: " in quiz.said.inner_text()
    assert "nothing stands before it." in quiz.said.inner_text()
    quiz.all.click()
    assert shown(quiz.whys) == [True, True]
    assert quiz.all.get_attribute("aria-expanded") == "true"
    quiz.all.click()
    assert shown(quiz.whys) == [False, False]


@pytest.mark.slow
def test_several_answers(page):
    quiz = parts(page(), 1)
    quiz.inputs.nth(0).check()
    quiz.check.click()
    assert "1 more to find" in quiz.said.inner_text()
    assert "2 = 2" not in quiz.said.inner_text()
    assert quiz.said.get_attribute("data-right") == "false"
    quiz.inputs.nth(1).check()
    quiz.inputs.nth(2).check()
    quiz.check.click()
    assert "Not right" in quiz.said.inner_text()
    assert "3 = 2" in quiz.said.inner_text()
    quiz.inputs.nth(1).uncheck()
    quiz.check.click()
    assert quiz.said.locator(".quiz-why").count() == 2
    assert quiz.said.get_attribute("data-right") == "true"


TYPED = [
    (2, "-0.409", "true", "small amount"),
    (2, "−0,4095", "true", "small amount"),
    (2, "-.410", "true", "small amount"),
    (2, " -4.09e-1 ", "true", "small amount"),
    (2, "-0.4101", "false", "-0.4101 is not it."),
    (2, "0.409", "false", "the sign is lost"),
    (2, "", None, "Type a number first"),
    (2, "half", None, "Type a number first"),
    (3, "1,000,100", "true", "more than a million"),
    (3, "1 000 100", "true", "more than a million"),
    (3, "1000101", "false", "1000101 is not it."),
    (3, "1,0001", "false", "1.0001 is not it."),
]


@pytest.mark.slow
def test_numbers_are_read_as_people_type_them(page):
    opened = page()
    for number, typed, right, says in TYPED:
        quiz = parts(opened, number)
        quiz.inputs.fill(typed)
        quiz.inputs.press("Enter")
        assert quiz.said.get_attribute("data-right") == right, typed
        assert says in quiz.said.inner_text(), typed


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_questions_are_accessible(page, theme, width):
    opened = page(theme=theme, width=width)
    quiz = parts(opened, 0)
    quiz.inputs.nth(0).check()
    quiz.check.click()
    for button in opened.get_by_role("button", name="All answers").all():
        button.click()
    assert accessibility(opened) == []
    assert sideways(opened) == []
