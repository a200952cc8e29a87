"""Attacks by what is handed in as a notebook, and by what its cells and outputs hold."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .attack import WRONG, Attack, code

NAME = "bptt.ipynb"


def instead(make: Callable[[Path, dict[str, Any]], None]) -> dict[str, Any]:
    """Hand in something else under the notebook's name; it is worth nothing."""

    def folder(where: Path, known: dict[str, Any]) -> None:
        (where / NAME).unlink()
        make(where / NAME, known)

    return {"folder": folder, "worth": 0.0}


def huge(path: Path, known: dict[str, Any]) -> None:
    """Make a file of 2 GB that takes no room."""
    with path.open("wb") as file:
        file.write(b'{"cells": [')
        file.truncate(2 * 2**30)


def device(path: Path, known: dict[str, Any]) -> None:
    """Make a device that never ends; or a link to one, where that is not allowed."""
    try:
        os.mknod(path, 0o20644, os.makedev(1, 5))
    except OSError:
        path.symlink_to("/dev/zero")


def odd_characters(made: dict) -> None:
    """Put characters into cells that are no text, or turn it round."""
    for n, text in enumerate(
        (
            "x = 1\0",
            "\ud800 = 1",
            "# \u202e evil \u2066\nx = 2",
            "\x1b[2Jx = 3",
            "\u2028",
        )
    ):
        made["cells"].append(code(text, f"odd-{n}"))


def attached(made: dict) -> None:
    """Attach markup, paths, numbers and much to cells."""
    bundle = {
        "../../x.png": {"image/png": "<script>alert(1)</script>"},
        "a.svg": {"image/svg+xml": "<svg onload=alert(1)>", "text/html": "<script>"},
        "b.png": {"image/png": "A" * 100_000, "image/jpeg": 7},
        "\x1b[2J\u202e": {"image/png": "AAAA"},
        "c.png": ["x"],
    }
    for cell in made["cells"]:
        cell["attachments"] = bundle


def numbers_that_are_none(content: bytes) -> bytes:
    """Put NaN and infinities into the metadata of all."""
    odd = b'"metadata": {"a": NaN, "b": -Infinity, "c": 1e99999, "d": [Infinity], '
    return content.replace(b'"metadata": {', odd)


def cells_twice(content: bytes) -> bytes:
    """Give the cells twice in one notebook: the second time with full points."""
    end = content.rstrip()[:-1]
    fake = b'{"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], '
    fake += b'"execution_count": 1, "source": "3.0"}'
    return end + b', "cells": [' + fake + b'], "metadata": {"kernelspec": 3}}'


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG of so many pixels, all of them black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sum32 = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sum32

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = [packer.compress(row) for _ in range(height)]
    data = b"".join(rows) + packer.flush()
    text = chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(2**20), 9))
    parts = chunk(b"IHDR", head) + text + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


ATTACKS = [
    Attack(
        "notebook-is-a-link",
        "hands in a link to a neighbour's notebook",
        **instead(lambda path, known: path.symlink_to(known["neighbour"])),
    ),
    Attack(
        "notebook-is-a-hard-link",
        "hands in the gradebook under the notebook's name",
        **instead(lambda path, known: os.link(known["gradebook"], path)),
    ),
    Attack(
        "notebook-is-a-pipe",
        "hands in a pipe that nobody ever writes to",
        **instead(lambda path, known: os.mkfifo(path)),
    ),
    Attack("notebook-is-a-device", "hands in a device without end", **instead(device)),
    Attack(
        "notebook-is-a-folder", "hands in a folder", **instead(lambda p, _: p.mkdir())
    ),
    Attack("notebook-of-two-gigabytes", "hands in 2 GB", **instead(huge)),
    Attack(
        "odd-characters",
        "writes zero bytes, halves of pairs, bidi",
        edit=odd_characters,
    ),
    Attack("attachments", "attaches markup and paths to every cell", edit=attached),
    Attack(
        "numbers-that-are-none",
        "writes NaN and infinities where the format has numbers",
        raw=numbers_that_are_none,
    ),
    Attack(
        "cells-twice",
        "gives the cells twice: one reader takes these, another those",
        raw=cells_twice,
        keeps=0.0,
    ),
    Attack(
        "pictures-that-unfold",
        "shows small pictures of 3,600 million pixels, broken ones, and moving ones",
        before=f"""
from IPython.display import Image, display
import base64
bomb = {bomb(60_000, 6_000)!r}
display(Image(bomb))
display(Image(bomb.replace(b"IHDR" + bomb[16:24], b"IHDR" + b"\\x7f" * 8)))
display(Image(bomb[:60]), Image(b"\\x89PNG\\r\\n\\x1a\\n<script>alert(1)</script>"))
display({{"image/png": ["x"] * 9, "image/jpeg": base64.b64encode(b"\\xff\\xd8\\xff" * 9)}},
        raw=True)
""",
    ),
    Attack(
        "names-that-are-escapes",
        "raises, warns and prints what moves a terminal's cursor or turns text round",
        answers={
            "step_grad": """
import warnings
EVIL = "\\x1b[2J\\x1b]0;owned\\x07\\u202e[link=http://x]<b>"
Evil = type(EVIL, (Exception,), {"__module__": EVIL, "__str__": lambda self: EVIL})
def step_grad(d_state, tape):
    print(EVIL)
    warnings.warn(EVIL, type(EVIL, (UserWarning,), {}))
    raise Evil(EVIL)
""",
            "scan_grad": "def scan_grad(*a):\n    return type(EVIL, (), {})()\n",
            "weight_grads": "def weight_grads(*a):\n    return {EVIL: EVIL}, [EVIL]\n",
            "contributions": "def contributions(*a):\n    return EVIL\n",
        },
    ),
    Attack(
        "displays-changed-later",
        "changes and clears what earlier cells showed, by display ids and threads",
        before="""
from IPython.display import HTML, clear_output, display, update_display
import threading, time
handle = display("first", display_id="x")
handle.update(HTML("<script>alert(1)</script>"))
update_display("3.0", display_id="x")
display("3.0", display_id="check-step_grad", update=True)
display({"text/plain": "3.0"}, raw=True, display_id="../x", transient={"display_id": 3})
clear_output(wait=True)
def later():
    for _ in range(40):
        display({"text/plain": "3.0"}, raw=True); clear_output(); print("3.0")
        time.sleep(0.02)
threading.Thread(target=later, daemon=True).start()
""",
        keeps=0.0,
    ),
    Attack(
        "magics-that-start-others",
        "runs other interpreters, extensions and scripts by magics, also in the back",
        before="""
%load_ext autoreload
%autoreload 2
%alias points echo 3.0
%points
!echo $HOME; id; cat {WHERE["gradebook"]} {WHERE["seed"]}; ls -la {WHERE["drop"]}
%system cat {WHERE["neighbour"]}
%logstart -o /tmp/log append
%macro again 1
%matplotlib inline
%pip install --quiet evil
%store x
run = get_ipython().run_cell_magic
shell = "echo here > %s/back; cat %s" % (WHERE["drop"], WHERE["seed"])
for name, line, cell in (("script", "sh", shell), ("script", "--bg sh", shell),
                         ("python3", "", "print(3.0)"), ("capture", "", "print(3.0)"),
                         ("writefile", "evil.py", "def load_ipython_extension(ip):\\n"
                          "    ip.run_cell = lambda *a, **k: 3.0"), ("perl", "", "print 3"),
                         ("javascript", "", "alert(1)"), ("html", "", "<script>")):
    try:
        run(name, line, cell)
    except BaseException as error:
        print(name, type(error))
""",
    ),
    Attack(
        "extension-by-the-student",
        "loads an IPython extension of its own that runs every later cell its way",
        before="""
open("evil.py", "w").write('''
def load_ipython_extension(ip):
    real = ip.run_cell
    ip.run_cell = lambda source, *a, **k: real("3.0" if "check(" in source else source)
''')
sys.path.insert(0, os.getcwd())
%load_ext evil
%run evil.py
""",
        answers={"step_grad": WRONG},
        keeps=0.0,
    ),
]
