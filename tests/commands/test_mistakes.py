"""Fifty mistakes of a user: each is one line that says what is wrong."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course_pkg import commands

ROOT = Path(__file__).resolve().parents[2]
CLASS = ROOT / "tests" / "data" / "class" / "bptt"
Say = Callable[..., tuple[object, str, str]]


@pytest.fixture
def say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """Return a function that runs a command in a copy of the course."""
    for name in ("nbgrader_config.py", "solutions", "course_pkg"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UNROLLED_SEED_FILE", str(tmp_path.parent / "seed"))

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["course", *arguments])
        try:
            commands.run()
            code: object = 0
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        if isinstance(code, str):  # what the interpreter makes of it
            return 1, said.out, said.err + code + "\n"
        return code, said.out, said.err

    return run


MISTAKES = [
    (["release", "lstn"], "unknown assignment 'lstn'"),
    (["release", ""], "unknown assignment ''"),
    (["release", "../bptt"], "unknown assignment"),
    (["release", "bptt", "--gradebook", "foo://x"], "foo"),
    (["release", "bptt", "--gradebook", "no/such/x.db"], "its folder is not there"),
    (["release", "bptt", "--gradebook", "notes.txt"], "notes.txt: no SQLite file"),
    (["release", "bptt", "--json", "folder"], "cannot write folder"),
    (["release", "bptt", "--json", "notes.txt/x"], "cannot write notes.txt/x"),
    (["grade", "lstn"], "unknown assignment 'lstn'"),
    (["grade", "bptt"], "no such folder; put submissions there"),
    (["grade", "bptt", "--submitted", "nowhere"], "nowhere: no such folder"),
    (["grade", "bptt", "--submitted", "notes.txt"], "notes.txt: no such folder"),
    (["grade", "bptt", "--submitted", "folder"], "no submission; expected"),
    (["grade", "bptt", "--submitted", "other"], "no submission; expected"),
    (["grade", "bptt", "--submitted", "class", "--student", "zoe"], "by zoe in"),
    (["grade", "bptt", "--submitted", "class", "--student", "../ada"], "by ../ada in"),
    (["grade", "bptt", "--submitted", "class", "--json", "folder"], "cannot write"),
    (["grade", "bptt", "--submitted", "class", "--to", "notes.txt"], "notes.txt"),
    (["grade", "bptt", "--submitted", "class", "--to", "notes.txt/x"], "notes.txt"),
    (["grade", "bptt", "--submitted", "class", "--gradebook", "foo://"], "foo"),
    (
        ["grade", "bptt", "--submitted", "class", "--gradebook", "notes.txt"],
        "gradebook",
    ),
    (["grade", "bptt", "--submitted", "class", "--gradebook", "no/x.db"], "gradebook"),
    (["grade", "bptt", "--submitted", "class", "--gradebook", "a.db"], "a.db"),
    (["regrade", "lstn"], "unknown assignment 'lstn'"),
    (["regrade", "bptt", "--submitted", "nowhere"], "nowhere: no such folder"),
    (["report", "lstn"], "unknown assignment 'lstn'"),
    (["report", "bptt"], "course grade bptt"),
    (["export", "bptt"], "course grade bptt"),
    (["export", "bptt", "--out", "folder"], "cannot write folder: it is a folder"),
    (["similarity", "bptt", "--to", "nowhere"], "course grade bptt"),
    (["feedback", "lstn"], "unknown assignment 'lstn'"),
    (["feedback", "bptt"], "course grade bptt"),
    (["feedback", "bptt", "--to", "nowhere"], "course grade bptt"),
    (["serve", "--feedback", "folder"], "folder: no feedback there"),
    (["serve", "--feedback", "nowhere"], "nowhere: no feedback there"),
    (["serve"], "nothing built yet"),
    (["data", "get", "shakespeare"], "expected one of tinyshakespeare"),
    (["data", "list", "--json", "folder"], "cannot write folder"),
    (["train", "charlm", "--data", "shakespeare"], "shakespeare: No such file"),
    (["train", "charlm", "--data", "latin.txt"], "latin.txt: expected text in UTF-8"),
    (["train", "charlm", "--data", "short.txt"], "ids: expected at least B + 1 = 65"),
    (["gradebook", "copy", "nowhere.db", "b.db"], "nowhere.db: no such file"),
    (["gradebook", "copy", "notes.txt", "b.db"], "gradebook"),
    (["gradebook", "copy", "other.db", "b.db"], "no gradebook of nbgrader's"),
    (["gradebook", "copy", "foo://x", "b.db"], "foo"),
]
USAGE = [
    ["grade"],
    ["graed", "bptt"],
    ["grade", "bptt", "--fast"],
    ["grade", "bptt", "lstm"],
    ["grade", "bptt", "--cell-seconds", "soon"],
    ["grade", "bptt", "--cell-seconds", "0"],
    ["serve", "--port", "99999"],
    ["gradebook", "copy", "a.db"],
    ["data", "get"],
    ["train", "charlm", "--cell", "jordan"],
    ["train", "charlm", "--device", "gpu"],
    ["train", "charlm", "--rate", "-1"],
    ["train", "charlm", "--clip", "0"],
    ["train", "charlm", "--out", "notes.txt"],
]


def _name(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else "told"


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[None]:
    """Lay out what the mistakes speak of."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "other" / "ada" / "elman").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("Ada: call back\n" * 100)
    (tmp_path / "short.txt").write_text("to be")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "class").symlink_to(CLASS)
    (tmp_path / "a.db").mkdir()
    with sqlite3.connect(tmp_path / "other.db") as book:
        book.execute("create table birds (name text)")
    book.close()
    yield
    shutil.rmtree(tmp_path / "folder")


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=_name)
def test_a_mistake_is_one_line(say: Say, arguments: list[str], message: str) -> None:
    """Exit code 1, nothing on stdout, and one line that names what is wrong."""
    code, out, err = say(*arguments)
    assert (code, out) == (1, "")
    [line] = err.splitlines()
    assert line.startswith("course: ")
    assert message in line


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_is_told(say: Say, arguments: list[str]) -> None:
    """Exit code 2."""
    code, _, err = say(*arguments)
    assert code == 2
    assert "Traceback" not in err


def test_a_locked_gradebook_is_told(say: Say, tmp_path: Path) -> None:
    """Another program holds the gradebook for longer than anybody waits."""
    from course_pkg.commands.mistakes import line

    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("create table t (x int)")
    holder.execute("begin exclusive")
    with (
        sqlite3.connect(tmp_path / "x.db", timeout=0) as other,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        other.execute("insert into t values (1)")
    other.close()
    holder.close()
    assert "in use" in str(line(caught.value))


def test_what_is_no_mistake_of_a_user_keeps_its_traceback(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect of ours must not hide behind a line."""
    from course_pkg.datasets import store

    def fail() -> None:
        raise AssertionError("ours")

    monkeypatch.setattr(store, "manifest", fail)
    with pytest.raises(AssertionError, match="ours"):
        say("data", "list")


def test_a_full_disk_is_told(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says that space is lacking, and where."""
    import errno

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "gradebook.db")

    monkeypatch.setattr("course_pkg.datasets.store.manifest", full)
    _, _, err = say("data", "list")
    assert err.startswith("course: gradebook.db: no space left; free some")


@pytest.mark.parametrize("text", ["def (", "1 / 0", "import nowhere", "c.Odd = 1"])
def test_a_damaged_configuration_is_told(say: Say, tmp_path: Path, text: str) -> None:
    """It is a program, and instructors edit it."""
    (tmp_path / "nbgrader_config.py").unlink()
    (tmp_path / "nbgrader_config.py").write_text(text)
    code, out, err = say("release", "bptt")
    assert (code, out) == (1, "")
    assert err.startswith(f"course: {tmp_path / 'nbgrader_config.py'}: ")


@pytest.mark.parametrize(
    "rows",
    [b"{", b"\0", b"\xff", b"7", b"[7]", b'[{"student": "ada"}]', b'{"a": {}}',
     b'[{"student": "a", "status": "graded", "max_score": 1, "note": "", "questions": '
     b'[{"x": 1}]}]'],
)  # fmt: skip
@pytest.mark.parametrize("command", ["feedback", "report", "export", "similarity"])
def test_damaged_results_are_told(
    say: Say, tmp_path: Path, command: str, rows: bytes
) -> None:
    """Every command that reads them says which file it is and what to do."""
    path = tmp_path / "term" / "results" / "bptt.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(rows)
    code, out, err = say(command, "bptt", "--to", "term")
    assert (code, out) == (1, "")
    assert err == f"course: {path} is damaged; remove it and grade again\n"


def test_a_file_named_for_json_is_not_made_in_vain(say: Say, tmp_path: Path) -> None:
    """An empty file would look like an answer."""
    assert say("grade", "bptt", "--json", "out.json")[0] == 1
    assert not (tmp_path / "out.json").exists()
