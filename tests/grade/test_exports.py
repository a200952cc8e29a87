"""Tables for nbgrader's readers, Canvas and Moodle, from nbgrader's own gradebook."""

import csv
import io
from pathlib import Path

import pytest

from course_pkg.grade.course import CourseError
from course_pkg.grade.exports import Export, export, safe

from .graded_class import GradedClass

pytestmark = pytest.mark.filterwarnings("ignore:Object of type")


def rows(made: Export) -> list[list[str]]:
    """Read a table back."""
    return list(csv.reader(io.StringIO(made.text, newline="")))


@pytest.fixture
def filled(group: GradedClass) -> GradedClass:
    """Return a class: marked, waiting, unreadable, absent, late."""
    group.enrol("ana", first_name="Ana", last_name="O'Neil, Jr.", email="a@x.org")
    group.add("ana", 1.5, 0.5)
    group.add("bo", 2)
    group.add("cy", 0, 0, status="unreadable", note="not JSON")
    group.enrol("di", first_name="Di", last_name="Day")
    group.add("ed", 2, 1)
    with group.book() as book:
        notebook = book.find_submission_notebook("tiny", "tiny", "ed")
        notebook.late_submission_penalty = 1.25
        book.db.commit()
    return group


def test_every_form_holds_who_waits_empty_and_says_why(filled: GradedClass):
    why = {
        "bo": "a written answer waits for a person",
        "cy": "unreadable: the zero must be confirmed",
        "di": "not handed in",
    }
    for form, head, id_at in (("canvas", 2, 3), ("moodle", 1, 0)):
        made = export(filled.room, "tiny", form)
        assert made.empty == why
        assert made.scored == 2
        scores = {row[id_at]: row[-1] for row in rows(made)[head:]}
        assert scores == {"ana": "2", "bo": "", "cy": "", "di": "", "ed": "1.75"}
    filled.mark("bo", "why", 1)
    filled.mark("cy", "why", 0)
    filled.mark("cy", "check-double", 0)
    made = export(filled.room, "tiny", "moodle")
    assert made.empty == {"di": "not handed in"}
    assert {row[0]: row[-1] for row in rows(made)[1:]} == {
        "ana": "2", "bo": "3", "cy": "0", "di": "", "ed": "1.75",
    }  # fmt: skip


def test_nbgrader_s_columns_are_as_its_exporter_has_them(
    filled: GradedClass, tmp_path: Path
):
    from nbgrader.plugins import CsvExportPlugin

    filled.enrol("ana", first_name="Ana", last_name="ONeil", email="a@x.org")
    filled.mark("bo", "why", 1)
    filled.mark("cy", "why", 0)
    filled.mark("cy", "check-double", 0)
    plugin = CsvExportPlugin(to=str(tmp_path / "theirs.csv"))
    with filled.book() as book:
        plugin.export(book)
    theirs = list(csv.reader((tmp_path / "theirs.csv").read_text().splitlines()))
    assert rows(export(filled.room, "tiny", "csv")) == sorted(
        theirs, key=lambda row: (row != theirs[0], row[3])
    )


def test_nbgrader_s_form_leaves_waiting_scores_empty(filled: GradedClass):
    found = {
        row[3]: (row[7], row[9]) for row in rows(export(filled.room, "tiny", "csv"))
    }
    assert found["bo"] == found["cy"] == ("", "")
    assert found["ed"] == ("3.0", "1.75")
    assert found["di"] == ("0.0", "0.0")


def test_canvas_has_its_header_and_the_points_possible(filled: GradedClass):
    made = rows(export(filled.room, "tiny", "canvas", column="Tiny (4711)"))
    assert made[0] == [
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Tiny (4711)",
    ]  # fmt: skip
    assert made[1] == ["Points Possible", "", "", "", "", "3"]
    assert made[2] == ["O'Neil, Jr., Ana", "", "", "ana", "", "2"]


def test_a_roster_is_matched_by_id_and_keeps_its_rows(
    filled: GradedClass, tmp_path: Path
):
    roster = tmp_path / "grades.csv"
    roster.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Root Account,Section,Old (1)\n"
        "Points Possible,,,,,,5\n"
        '"Neil, Ana",17,,ana,x,A,3\nEd,18,ed,e@x.org,x,"B, C",\nana,19,zz,yy,x,A,\n'
    )
    made = export(filled.room, "tiny", "canvas", roster=roster)
    assert rows(made)[2:] == [
        ["Neil, Ana", "17", "", "ana", "A", "2"],
        ["Ed", "18", "ed", "e@x.org", "B, C", "1.75"],
        ["ana", "19", "zz", "yy", "A", ""],
    ]
    assert made.notes == [
        "ana: not in the class here",
        "bo: not in grades.csv, left out",
        "cy: not in grades.csv, left out",
        "di: not in grades.csv, left out",
    ]
    text = roster.read_text()
    for both in ("Two,20,bo,cy,x,A,\n", "Again,20,ed,,x,A,\n"):
        roster.write_text(text + both)
        with pytest.raises(CourseError, match="ids that are not one student's alone"):
            export(filled.room, "tiny", "canvas", roster=roster)


def test_moodle_has_the_columns_it_maps(filled: GradedClass):
    made = rows(export(filled.room, "tiny", "moodle", column="Week 3"))
    assert made[0] == [
        "ID number",
        "First name",
        "Last name",
        "Email address",
        "Week 3",
    ]
    assert made[1] == ["ana", "Ana", "O'Neil, Jr.", "a@x.org", "2"]


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"]
HOSTILE += [" =1", "\u00a0=1", "\u3000@x", "\u2028=1", "\r\n-1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str):
    assert safe(text).startswith("'")
    assert "\n" not in safe(text)


@pytest.mark.parametrize(
    "text", ["O'Neil, Jr.", 'Ann "Bo" Li', "Ñandú 𝒜", "a  b", "x=1", "Anne-Marie", "李"]
)
def test_what_is_a_name_stays_as_it_is(text: str):
    assert safe(text) == text


def test_line_ends_become_spaces():
    assert safe("a\r\nb\u2028c\nd") == "a b c d"


def test_hostile_names_stay_in_their_cells(group: GradedClass):
    link = '=HYPERLINK("http://x","y")'
    group.enrol("=cmd", first_name=link, last_name='a",b\r\n', email="@x")
    group.add("=cmd", 2, 1)
    for form in ("csv", "canvas", "moodle"):
        made = export(group.room, "tiny", form, column="-1")
        cells = [cell for row in rows(made) for cell in row]
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n"))]
        assert len({len(row) for row in rows(made)}) == 1
        assert made.notes == [
            "=cmd: the id begins like a formula and got an apostrophe, so it will not "
            "be matched"
        ]


def test_mistakes_are_one_line(filled: GradedClass, tmp_path: Path):
    room = filled.room
    with pytest.raises(CourseError, match="format 'x'; known: csv, canvas, moodle"):
        export(room, "tiny", "x")
    with pytest.raises(CourseError, match="--roster is for canvas"):
        export(room, "tiny", "moodle", roster=tmp_path)
    with pytest.raises(CourseError, match="cannot be read"):
        export(room, "tiny", "canvas", roster=tmp_path)
    (tmp_path / "x.csv").write_text("Name,ID\n")
    with pytest.raises(CourseError, match="it lacks Student, SIS User ID"):
        export(room, "tiny", "canvas", roster=tmp_path / "x.csv")
