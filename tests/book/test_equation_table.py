"""The generated table of equations: read off the tests' source, and complete."""

import importlib
import re
import sys

import pytest
from building import ROOT
from equations import bound, printed


@pytest.fixture(scope="module")
def tables():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "book" / "_ext"))
        import equation_table

        yield equation_table
    sys.modules.pop("equation_table", None)


def test_reading_finds_the_tests_that_run(tables):
    read = {label: claim.test for label, claim in tables.claims().items()}
    run = {claim.label: claim.test.partition("::")[2] for claim in bound()}
    assert read == run


def test_every_function_of_the_table_is_in_the_package(tables):
    calls = {call for claim in tables.claims().values() for call in claim.calls}
    calls |= {call for found in tables.citing().values() for call in found}
    assert len(calls) > 10
    for call in calls:
        module, _, name = call.partition(":")
        assert tables.file_of(module), call
        assert hasattr(importlib.import_module(module), name), call


MODULE = """
from course_pkg import bptt
from course_pkg.arrays import linear as product
from course_pkg.cells import elman
from beside import far
from equations import equation

def helper():
    return inner()

def inner():
    return bptt.scan(elman, 1)

def unused():
    return bptt.backward()

@fixture
def net():
    return product(1, 2)

@equation("eq-a-b", r"x")
def test_one(net):
    helper()
    far()

@equation("eq-a-c", r"x")
def test_two():
    assert 1 == 1
"""
BESIDE = """
from course_pkg import losses
from course_pkg.cells import elman

def far():
    return losses.cross_entropy(elman.Tape)
"""


def test_helpers_and_fixtures_count_and_what_is_not_reached_does_not(
    tables, tmp_path, monkeypatch
):
    folder = tmp_path / "tests" / "book"
    folder.mkdir(parents=True)
    (folder / "test_equations_a.py").write_text(MODULE, "utf8")
    (folder / "beside.py").write_text(BESIDE, "utf8")
    monkeypatch.setattr(tables, "TESTS", folder)
    (tmp_path / "course_pkg").symlink_to(ROOT / "course_pkg")
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    found = tables.claims()
    assert set(found["eq-a-b"].calls) == {
        "course_pkg.bptt:scan",
        "course_pkg.cells.elman:step",
        "course_pkg.arrays:linear",
        "course_pkg.losses:cross_entropy",
    }
    assert found["eq-a-c"] == ("test_two", "tests/book/test_equations_a.py", ())


@pytest.mark.slow
def test_the_page_has_every_equation(html):
    page = (html / "book" / "equations.html").read_text("utf8")
    rows = re.findall(r'<tr class="row-\w+"><th class="stub".*?</tr>', page, re.S)
    labels = [re.search(r'#equation-(eq-[\w-]+)"', row) for row in rows]
    assert {found[1] for found in labels} == {eq.label for eq in printed()}
    assert all("tests/book/test_equations_" in row for row in rows)
