"""Every word of the syllabus has its room in every tree."""

import importlib
import json
import re
from pathlib import Path

import pytest
import yaml

from course_pkg.syllabus import WORDS

ROOT = Path(__file__).parents[1]
GRADED = [word for word, row in WORDS.items() if row.tasks]
TASKS = [(word, task) for word in GRADED for task in WORDS[word].tasks]


def headings(page: Path) -> dict[str, int]:
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    text = re.sub(
        r"^(`{3,}|:{3,}).*?^\1\s*$", "", page.read_text("utf8"), flags=re.M | re.S
    )
    found = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in found}


def chapters_in_order() -> list[str]:
    """Return the words of the pages listed in _toc.yml."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    files = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    return [Path(file).name for file in files]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_its_page_under_its_title(word):
    page = (ROOT / "book" / f"{word}.md").read_text("utf8")
    assert re.search(r"^# (.+)$", page, re.M)[1] == WORDS[word].title


def test_the_table_of_contents_has_the_words_in_their_order():
    listed = [word for word in chapters_in_order() if word in WORDS]
    assert listed == list(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_its_modules_and_each_module_its_tests(word):
    for module in WORDS[word].modules:
        importlib.import_module(f"course_pkg.{module}")
        *folders, name = module.split(".")
        assert ROOT.joinpath("tests", *folders, f"test_{name}.py").is_file()


@pytest.mark.parametrize("word", WORDS)
def test_a_word_has_the_tests_of_its_equations(word):
    assert (ROOT / f"tests/book/test_equations_{word}.py").is_file()


@pytest.mark.parametrize("word", GRADED)
def test_an_assignment_is_worth_twenty_points(word):
    assert sum(task.points for task in WORDS[word].tasks) == 20
    names = [task.name for task in WORDS[word].tasks]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("word", GRADED)
def test_an_assignment_has_its_rooms(word):
    for path in (
        f"solutions/{word}/{word}.md",
        f"assignments/{word}/{word}.ipynb",
        f"course_pkg/check/cases/{word}.py",
        f"course_pkg/check/misconceptions/{word}.py",
        f"course_pkg/check/probes/{word}.py",
        f"tests/data/class/{word}",
    ):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(("word", "task"), TASKS)
def test_a_task_has_its_section_in_the_book(word, task):
    assert task.slug in headings(ROOT / "book" / f"{word}.md")


@pytest.mark.parametrize("word", GRADED)
def test_the_notebook_gives_each_task_its_points(word):
    notebook = json.loads((ROOT / f"assignments/{word}/{word}.ipynb").read_text("utf8"))
    cells = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    points = {
        cell["grade_id"].removeprefix("check-"): cell["points"]
        for cell in cells
        if cell.get("grade")
    }
    assert points == {task.name: task.points for task in WORDS[word].tasks}


@pytest.mark.parametrize(("word", "task"), TASKS)
def test_a_task_that_no_person_grades_has_its_check(word, task):
    cases = importlib.import_module(f"course_pkg.check.cases.{word}")
    assert (task.name in cases.CASES) != task.manual
