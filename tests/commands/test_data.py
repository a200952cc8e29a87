"""``course data``, in this process, with one small set at a server of its own."""

import re

import pytest
from data_server import NAMES, Server
from typer.testing import CliRunner

from course_pkg.commands import app
from course_pkg.datasets import store
from course_pkg.grade.course import CourseError


def course(*arguments: str) -> str:
    """Run ``course data``; return what it says, or raise its error."""
    done = CliRunner().invoke(app, ["data", *arguments])
    if done.exception:
        raise done.exception
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def test_the_list_has_every_set_with_size_and_licence(monkeypatch, tmp_path):
    lines = course("list", "--to", str(tmp_path)).splitlines()
    sets = store.manifest()
    assert [line.split()[0] for line in lines[::2]] == list(sets)
    for name, row, licence in zip(sets, lines[::2], lines[1::2], strict=True):
        assert re.search(r" \d+\.\d MB ", row)
        assert row.endswith(sets[name].task)
        assert licence.strip() == f"licence: {sets[name].licence}"
        assert " here " not in row
    assert "17.8 MB" in lines[10]


def test_what_is_here_is_said_only_when_it_is_whole(server, published):
    line = "first_names         0.0 MB  {:4}  names"
    assert course("list").splitlines()[0] == line.format("")
    server.cut = 10
    with pytest.raises(CourseError, match="call again to go on"):
        course("get", "first_names")
    assert course("list").splitlines()[0] == line.format("")
    server.cut = None
    course("get", "first_names")
    assert server.asked[-1] == "bytes=10-"
    assert course("list").splitlines()[0] == line.format("here")
    elsewhere = str(published / "elsewhere")
    assert course("list", "--to", elsewhere).splitlines()[0] == line.format("")


def test_one_file_of_three_is_not_the_set(tmp_path):
    for n, file in enumerate(store.about("wnut17").files):
        assert store.paths("wnut17", root=tmp_path) == []
        (tmp_path / file.path).parent.mkdir(exist_ok=True)
        (tmp_path / file.path).touch()
        lines = course("list", "--to", str(tmp_path)).splitlines()
        assert sum(" here " in line for line in lines) == (n == 2)
    assert len(store.paths("wnut17", root=tmp_path)) == 3


def test_a_set_is_got_once_with_its_licence_progress_and_place(server, published):
    first, *bars, last = course("get", "first_names").splitlines()
    assert first == "first_names  licence: MIT"
    assert bars[-1] == f"names.txt [{'#' * 20}] 0.0 of 0.0 MB"
    assert last == f"first_names  {published}"
    assert (published / "names.txt").read_bytes() == NAMES
    assert course("get", "first_names").splitlines() == [first, last]
    assert server.asked == [None]


def test_a_folder_can_be_named(published, tmp_path):
    said = course("get", "first_names", "--to", str(tmp_path / "mine"))
    assert said.splitlines()[-1] == f"first_names  {tmp_path / 'mine' / 'first_names'}"
    assert not published.exists()


def test_a_file_that_was_changed_is_named(published):
    course("get", "first_names")
    (published / "names.txt").write_bytes(b"x")
    with pytest.raises(CourseError, match=r"names.txt: expected the published file"):
        course("get", "first_names")


def test_offline_is_one_line(server: Server, published):
    server.status = 503
    with pytest.raises(CourseError, match=r"\Afirst_names: http.* set COURSE_DATA.*\Z"):
        course("get", "first_names")


def test_nothing_is_loaded_where_one_name_is_wrong(server, published):
    with pytest.raises(
        CourseError, match=r"name: expected one of first_names, got 'x'"
    ):
        course("get", "first_names", "x")
    assert server.asked == []


def test_a_folder_that_cannot_be_written_is_named(published, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="file"):
        course("get", "first_names", "--to", str(tmp_path / "file"))
