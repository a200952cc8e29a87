"""The command line from outside: help, one line for a mistake, exit codes."""

import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from course_pkg.__main__ import MODELS, _expect_extra

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = [
    *("release", "grade", "regrade", "feedback", "report", "export", "similarity"),
    *("doctor", "serve", "gradebook", "data", "train"),
]


def course(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run ``python -m course_pkg`` with arguments."""
    command = [sys.executable, "-m", "course_pkg", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_help_lists_the_commands() -> None:
    """Every command has a line."""
    done = course("--help")
    assert done.returncode == 0
    for name in COMMANDS:
        assert f"│ {name} " in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples(name: str) -> None:
    """Each command's help shows how it is called."""
    assert f"  course {name}" in course(name, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["release", "lstm"], "unknown assignment 'lstm'; the syllabus has: "),
        (["grade", "bptt", "--submitted", "nowhere"], "nowhere: no such folder; put"),
        (["data", "get", "shakespeare"], "name: expected one of tinyshakespeare, "),
        (["feedback", "bptt", "--to", "nowhere"], "run: course grade bptt"),
        (
            ["grade", "bptt", "--submitted", "tests/data/class/bptt", "--json", "book"],
            "cannot write book: it is a folder",
        ),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], message: str) -> None:
    """Exit code 1, one line on stderr, no traceback."""
    done = course(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("course: ")
    assert message in line


def test_wrong_usage_is_exit_2() -> None:
    """An unknown option is the command line's own error."""
    done = course("grade", "bptt", "--fast")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_outside_a_course_the_package_s_own_is_found(tmp_path: Path) -> None:
    """An editable install knows its project from any folder."""
    assert "the syllabus has: bptt" in course("release", "x", cwd=tmp_path).stderr


def test_help_needs_no_heavy_library() -> None:
    """Start-up is quick because torch and nbgrader are imported where they are used."""
    script = (
        "import sys; from course_pkg.commands import app\n"
        "print(sorted({'torch', 'numpy', 'nbgrader', 'nbformat'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_missing_extra_is_one_line(tmp_path: Path) -> None:
    """Without typer the command says what to install."""
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError(name='typer')")
    shutil.copytree(ROOT / "course_pkg", tmp_path / "course_pkg")
    done = course("--help", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        'course: typer is missing; run: pip install "course_pkg[grade]"\n'
    )


def test_a_missing_module_of_the_models_is_theirs() -> None:
    """The names in the message are those of the extra; import names may differ."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    extra = project["optional-dependencies"]["models"]
    assert {re.match(r"[\w-]+", line)[0] for line in extra} == MODELS
    for name, extra in (("rapidfuzz", "models"), ("nbgrader", "grade")):
        with pytest.raises(SystemExit, match=rf"{name} is missing.*\[{extra}\]"):
            _expect_extra(ModuleNotFoundError(name=f"{name}.distance"))


def test_serve_ends_cleanly(tmp_path: Path) -> None:
    """Ctrl-C ends serving with exit code 0 and no traceback."""
    import signal

    (tmp_path / "solutions").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "index.html").write_text("hello")
    command = [sys.executable, "-m", "course_pkg", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("feedback  http://127.0.0.1:")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.slow
def test_a_class_is_graded_and_told(tmp_path: Path) -> None:
    """Grade and feedback compose: table, JSON and pages in the folder named."""
    inbox, to, out = (
        ROOT / "tests" / "data" / "class" / "bptt",
        tmp_path,
        tmp_path / "o",
    )
    folders = ["--submitted", str(inbox), "--to", str(to)]
    some = ["--student", "kim", "--student", "chen", "--json", str(out)]
    done = course("grade", "bptt", *folders, *some)
    assert (done.returncode, done.stderr) == (3, "")  # kim's needs a person
    assert "2 submissions, 1 graded" in done.stdout
    rows = json.loads(out.read_text())
    assert [row["student"] for row in rows] == ["chen", "kim"]
    assert [row["status"] for row in rows] == ["graded", "unreadable"]
    assert all(len(row["questions"]) == 8 for row in rows)
    done = course("feedback", "bptt", *folders)
    assert (done.returncode, done.stderr) == (0, "")
    assert (to / "feedback" / "chen" / "bptt" / "bptt.html").is_file()
    assert (to / "feedback" / "kim" / "bptt" / "bptt.html").is_file()
