"""Attacks by the notebook itself: its cells, metadata, kernel, magics and neighbours."""

import json
import os
from pathlib import Path
from typing import Any

from .attack import WRONG, Attack, code, task_of


def check_of(made: dict, task: str = "step_grad") -> dict[str, Any]:
    """Return the cell that checks a task."""
    return next(c for c in made["cells"] if task_of(c) == f"check-{task}")


def points_raised(made: dict) -> None:
    """Make every graded cell worth a thousand points."""
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"]["points"] = 1000


def checks_edited(made: dict) -> None:
    """Write full points into every check and unlock it, with a fitting checksum."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    for cell in made["cells"]:
        if task_of(cell).startswith("check-"):
            meta = cell["metadata"]["nbgrader"]
            meta["locked"] = False
            cell["source"] = f"float({meta['points']})"
            meta["checksum"] = compute_checksum(from_dict(cell))


def checks_deleted(made: dict) -> None:
    """Remove the check of the wrong answer."""
    made["cells"].remove(check_of(made))


def checks_doubled(made: dict) -> None:
    """Add a second check of the same name that gives all points."""
    double = json.loads(json.dumps(check_of(made)))
    double |= {"id": "second", "source": "3.0"}
    made["cells"].append(double)
    made["cells"].insert(0, json.loads(json.dumps(double | {"id": "first"})))


def checks_as_text(made: dict) -> None:
    """Turn the checks into text, which has no outputs and cannot fail."""
    for cell in made["cells"]:
        if task_of(cell).startswith("check-"):
            cell["cell_type"] = "markdown"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)


def results_baked(made: dict) -> None:
    """Hand in results, and tags that keep the cell from being run or from failing."""
    for cell in made["cells"]:
        if task_of(cell).startswith("check-"):
            points = cell["metadata"]["nbgrader"]["points"]
            cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
            cell["execution_count"] = 1
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": f"{float(points)}"},
                }
            ]


def answer_as_check(made: dict) -> None:
    """Let the student's cell carry the name of the check, and the check another."""
    check = check_of(made)
    mine = json.loads(json.dumps(check)) | {"id": "mine", "source": "3.0"}
    check["metadata"]["nbgrader"]["grade_id"] = "check-elsewhere"
    made["cells"].insert(made["cells"].index(check), mine)


def kernel_chosen(made: dict) -> None:
    """Ask for a kernel whose start command is the student's."""
    made["metadata"] = {
        "kernelspec": {
            "name": "../../../../tmp/evil",
            "display_name": "<script>alert(1)</script>",
            "language": "bash",
            "argv": ["sh", "-c", "exit 1"],
            "env": {"LD_PRELOAD": "/tmp/x.so"},
        },
        "language_info": {"name": "bash", "pygments_lexer": "os.system", "version": 3},
    }


def metadata_hostile(made: dict) -> None:
    """Fill metadata with widgets, trust, prototypes and names that are no names."""
    made["metadata"] |= {
        "signature": "sha256:0",
        "trusted": True,
        "__proto__": {"points": 1000},
        "widgets": {
            "application/vnd.jupyter.widget-state+json": {
                "state": {"x": {"model_name": "HTML<script>"}},
                "version_major": 2,
            }
        },
        "celltoolbar": "<img src=x onerror=alert(1)>",
        "name": "x" * 100_000,
    }
    for i, cell in enumerate(made["cells"]):
        cell["metadata"] |= {"trusted": True, "deletable": "no", "name": {"x": i}}
        cell["metadata"]["jupyter"] = {"source_hidden": 3}


def cells_without_number(made: dict) -> None:
    """Add two thousand cells, some with the ids of others."""
    for i in range(2000):
        made["cells"].append(code(f"x{i} = {i}", f"more-{i}"))
    made["cells"].append(code("1", "step_grad"))


def ids_forged(made: dict) -> None:
    """Give cells ids that are paths, markup, SQL, empty, or all the same."""
    odd = ["../../../x", "<script>", "'; drop table grade; --", "", "a" * 300, None, 7]
    for i, cell in enumerate(made["cells"]):
        cell["id"] = odd[i % len(odd)]


def numbers_too_large(content: bytes) -> bytes:
    """Put numbers into the JSON that no parser expects."""
    extra = b'"x": ' + b"9" * 10_000 + b', "y": 1e999, "z": NaN, "metadata": {'
    return content.replace(b'"metadata": {', extra, 1)


def twice_the_key(content: bytes) -> bytes:
    """Give the cells twice: readers differ in which they take."""
    end = content.rstrip().rstrip(b"}")
    return end + b', "nbformat_minor": 5, "nbformat": 4}'


def deep(content: bytes) -> bytes:
    """Nest a list a hundred thousand deep in the metadata."""
    nested = b'"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b', "kernelspec"'
    return content.replace(b'"kernelspec"', nested, 1)


SHADOW = "import builtins\nbuiltins.SHADOWED = True\nprint('SHADOW' + 'ED')\n"


def shadows(folder: Path, where: dict[str, Any]) -> None:
    """Put modules beside the notebook that shadow libraries and start-up files."""
    for name in ("numpy", "msgpack", "sitecustomize", "usercustomize", "conftest",
                 "nbgrader_config", "torch", "json", "struct"):  # fmt: skip
        (folder / f"{name}.py").write_text(SHADOW)
    package = folder / "course_pkg"
    package.mkdir()
    (package / "__init__.py").write_text(SHADOW)
    (folder / ".ipython").mkdir()
    (folder / "ipython_config.py").write_text("c.InteractiveShellApp.exec_lines=['x']")
    (folder / "evil.pth").write_text("import os; os._exit(0)\n")


def links(folder: Path, where: dict[str, Any]) -> None:
    """Put links to the gradebook, the seed and the root beside the notebook."""
    for name in ("gradebook", "seed", "neighbour"):
        (folder / f"{name}.txt").symlink_to(where[name])
    (folder / "root").symlink_to(Path(where["gradebook"]).parent)
    (folder / "timestamp.txt").symlink_to(where["seed"])
    os.mkfifo(folder / "pipe")


def odd_names(folder: Path, where: dict[str, Any]) -> None:
    """Put files with names that are markup, escape codes or not UTF-8 beside it."""
    for name in (
        b"<script>.ipynb",
        b"\x1b[2J.ipynb",
        b"\xff\xfe.ipynb",
        b"-rf",
        b"a\nb",
    ):
        Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_text("{}")


READ_BESIDE = """
for name in os.listdir("."):
    if name.endswith(".txt"):
        attempt(lambda: read(name))
attempt(lambda: read("root/gradebook.db"))
import numpy, json
if getattr(__import__("builtins"), "SHADOWED", False):
    print("TAKEN the import")
"""

ATTACKS = [
    Attack("points-raised", "makes its cells worth more", edit=points_raised),
    Attack("checks-edited", "writes full points into the checks", edit=checks_edited),
    Attack(
        "checks-deleted", "hands in no check of the wrong answer", edit=checks_deleted
    ),
    Attack("checks-doubled", "hands in two checks of one name", edit=checks_doubled),
    Attack("checks-as-text", "turns checks into text cells", edit=checks_as_text),
    Attack(
        "results-baked", "hands in results of cells not to be run", edit=results_baked
    ),
    Attack(
        "answer-as-check", "gives its own cell the check's name", edit=answer_as_check
    ),
    Attack("kernel-chosen", "chooses the program that runs it", edit=kernel_chosen),
    Attack("metadata-hostile", "fills the metadata with markup", edit=metadata_hostile),
    Attack(
        "cells-by-the-thousand",
        "adds 2,000 cells",
        edit=cells_without_number,
        keeps=0.0,
    ),
    Attack(
        "ids-forged",
        "gives cells ids that are paths and markup",
        edit=ids_forged,
        keeps=0.0,
    ),
    Attack(
        "numbers-too-large",
        "writes numbers of 10,000 digits",
        raw=numbers_too_large,
        keeps=0.0,
    ),
    Attack("keys-twice", "gives keys of the JSON twice", raw=twice_the_key),
    Attack("nested-deep", "nests its JSON 100,000 deep", raw=deep, keeps=0.0),
    Attack(
        "shadow-modules",
        "brings its own numpy, course_pkg and sitecustomize",
        before=READ_BESIDE,
        folder=shadows,
    ),
    Attack(
        "links-beside",
        "brings links to the gradebook, the seed and /",
        before=READ_BESIDE,
        folder=links,
    ),
    Attack("odd-file-names", "brings files whose names are hostile", folder=odd_names),
    Attack(
        "magics",
        "uses magics that read, run, load and write outside, and wait for a person",
        before="""
%cd -q /
%env UNROLLED_CANARY
!cat {WHERE["gradebook"]} {WHERE["seed"]} {WHERE["neighbour"]} ~/.config/unrolled/seed
%sx cat {WHERE["gradebook"]}
%load {WHERE["neighbour"]}
%run {WHERE["drop"]}/../x.py
get_ipython().run_cell_magic("bash", "", "echo x > " + WHERE["drop"] + "/magic")
get_ipython().run_cell_magic("writefile", WHERE["drop"] + "/written", "x")
get_ipython().run_line_magic("pdb", "on")
""",
    ),
    Attack(
        "waits-for-a-person",
        "asks for input, starts a debugger, opens a pager",
        before="""
for ask in (input, breakpoint, lambda: __import__("getpass").getpass(), lambda: help()):
    try:
        print(ask())
    except BaseException as error:
        print(type(error))
""",
        answers={
            "step_grad": "def step_grad(*a):\n    breakpoint()\n    return input()\n"
        },
    ),
    Attack(
        "everything-forgotten",
        "removes every name, its own modules and the shell's variables",
        after="""
get_ipython().run_line_magic("reset", "-f")
import sys
sys.modules.clear()
""",
        answers={"step_grad": WRONG + "\nglobals().pop('check', None)\n"},
    ),
    Attack(
        "display-hostile",
        "displays markup, scripts, styles, images that are none, and broken bundles",
        before=r"""
from IPython.display import display
def show(data, **more):
    try:
        display(data, raw=True, **more)
    except BaseException as error:
        print(type(error))
show({"text/html": "<script>alert(1)</script><img src=x onerror=alert(1)>"})
show({"text/html": "<style>@import url(http://127.0.0.1/x)</style><iframe srcdoc=x>"})
show({"image/svg+xml": "<svg onload=alert(1)><script>alert(1)</script></svg>"})
show({"application/javascript": "alert(1)", "text/markdown": "[x](javascript:alert(1))"})
show({"text/latex": r"\href{javascript:alert(1)}{x}"})
show({"image/png": "<script>alert(1)</script>", "image/jpeg": "AAAA"})
show({"image/png": b"\x89PNG\r\n", "text/plain": 7, "text/x\r\nSet-Cookie: a": "b"})
show({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}})
show({"application/vnd.unrolled.check+json": {"id": "bptt.step_grad", "points": 1e999,
      "message": "<script>alert(1)</script>", "misconception": "\x1b[2J"}})
show({"application/json": [[[[{}]]]] * 1000}, metadata={"x": {"isolated": "<script>"}})
print("\x1b[2J\x1b]0;owned\x07\u202eabc\x00\ud800</pre><script>alert(1)</script>")
""",
    ),
]
