"""The instructors' chapter: every command runs, in order, in a fresh course folder."""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from building import ROOT

from course_pkg import commands

PAGE = (ROOT / "book" / "instructors.md").read_text("utf8")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
LIST = re.compile(r":name: class-list\n\n(.*?)^```$", re.M | re.S)
CLASS = ROOT / "tests" / "data" / "class" / "bptt"
MOODLE = {4711: "Ada Lovelace", 4712: "Boris Pasternak", 4714: "Kim Novak"}
CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section
"Lovelace, Ada",9001,4711,ada,A
"Ning, Chen",9003,4713,chen,A
"""
DONE = (0, 3)  # 3: but something is left for a person


@pytest.fixture
def term(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a course folder with a class list, Moodle's archive and Canvas's list."""
    root = tmp_path / "course"
    shutil.copytree(ROOT / "assignments", root / "assignments")
    shutil.copy(ROOT / "nbgrader_config.py", root)  # it says where the course is
    for name in ("solutions", "course_pkg"):
        (root / name).symlink_to(ROOT / name)
    [text] = LIST.findall(PAGE)
    (root / "students.csv").write_text(text)
    (root / "from-canvas.csv").write_text(CANVAS)
    archive = root / "downloaded" / "bptt" / "archive" / "bptt.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for number, name in MOODLE.items():
            file = CLASS / name.split()[0].lower() / "bptt" / "bptt.ipynb"
            inside = f"{name}_{number}_assignsubmission_file_/bptt.ipynb"
            packed.write(file, inside)
    monkeypatch.chdir(root)
    monkeypatch.setenv("UNROLLED_SEED_FILE", str(tmp_path / "seed"))
    return root


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """Run a command, ours in this process for the sake of time; return its status."""
    program, *arguments = shlex.split(command)
    if program == "course":
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        try:
            commands.run()
        except SystemExit as end:
            return end.code
        return 0
    assert program == "nbgrader", f"the page has another program: {command}"
    call = [sys.executable, "-m", "nbgrader", *arguments]
    return subprocess.run(call, check=False).returncode


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type")
def test_the_term_runs(
    term: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each command ends well, and the term leaves what the page says."""
    said = {}
    for block in BLOCK.findall(PAGE):
        for command in block.replace("\\\n", " ").splitlines():
            status = run(command, monkeypatch)
            said[command] = (status, capfd.readouterr().out)
            assert status in DONE, f"{command}: {status}"
    status, out = said["course grade bptt"]
    assert status == 3
    assert "3 submissions, 2 graded" in out
    assert "4714, unreadable" in out
    assert "3 unchanged" in said["course grade bptt --json week3.json"][1]
    assert said["course feedback bptt"][0] == 0
    for name in ("submitted/4711/bptt/bptt.ipynb", "feedback/4711/bptt/bptt.html"):
        assert (term / name).is_file(), name
    assert "Ada Lovelace" in (term / "feedback/4711/bptt/bptt.html").read_text("utf8")
    assert "4711" in (term / "grades.csv").read_text("utf8")
    assert "bptt (88123)" in (term / "canvas.csv").read_text("utf8")
    assert (term / "gradebook-backup.db").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("d/lovelaceada_4711_88123_bptt.ipynb", "4711"),
        ("d/lovelaceada_LATE_4711_88123_bptt-2.ipynb", "4711"),
        ("d/lovelaceada_4711_88123_elman.ipynb", None),
    ],
)
def test_the_pattern_for_canvas(name: str, number: str | None) -> None:
    """It finds the student's id in names as Canvas writes them."""
    [pattern] = [x for x in PAGE.splitlines() if x.startswith(".*/[^_]+_")]
    found = re.match(pattern, name)
    assert (found and found["student_id"]) == number


def test_the_page_names_every_command() -> None:
    """All that an instructor can do is in the walk through a term, and is run."""
    run = {
        tuple(line.split()[:2]) for b in BLOCK.findall(PAGE) for line in b.split("\n")
    }
    for name in (
        *("doctor", "release", "grade", "regrade", "feedback", "report", "export"),
        *("similarity", "gradebook"),
    ):
        assert ("course", name) in run, name
    for told in ("--roster", "--column", "--scheduler", "postgresql", "| 130 |"):
        assert told in PAGE, told
