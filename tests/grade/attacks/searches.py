"""Searches for the right values: in frames, in memory, in the package, in files."""

import base64
import pickle
from typing import Any

from course_pkg.check.ask import ask
from course_pkg.check.run import plan

from .attack import WRONG, Attack


def public_table() -> str:
    """Return what a student could note of the public questions: inputs and results."""
    table: list[Any] = []
    for case, inputs in plan("bptt.step_grad", 0):
        if case.probe.__name__ == "step_grad":
            table.append((inputs["d_state"].tobytes(), case.expect(inputs)))
    assert table
    assert ask  # the results above are what a right answer returns in a notebook
    return base64.b64encode(pickle.dumps(table)).decode()


FROM_FRAMES = """
def step_grad(d_state, tape):
    frame = sys._getframe().f_back
    while frame:
        for name, value in list(frame.f_locals.items()):
            if "expect" in name or "seed" in name or name in ("rng", "truth", "right"):
                say("SEEN", name, value)
            for case, inputs in [(value, frame.f_locals.get("inputs"))]:
                if hasattr(case, "expect"):
                    return case.expect(inputs)
            if name == "questions":
                for case, inputs in value:
                    if hasattr(case, "expect"):
                        return case.expect(inputs)
        frame = frame.f_back
    return d_state, d_state, d_state
"""

FROM_GC = """
import gc
def step_grad(d_state, tape):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Case" and "step" in thing.probe.__name__:
            inputs = dict(d_state=d_state, h=tape.h, h_prev=tape.h_prev)
            found = thing.expect(inputs)
            return found[0] if type(found) is list else found
    return d_state, d_state, d_state
"""

REFERENCE = """
def step_grad(d_state, tape):
    from course_pkg.cells import elman
    return elman.step_grad(d_state, tape)
def scan_grad(*a):
    from course_pkg import bptt
    return bptt.scan_grad(*a)
"""

# Every door to the code of a sealed function that we could think of.
BEHIND_THE_SEAL = """
import gc, importlib, inspect, types, zipfile, pathlib, marshal
def doors(name, module):
    yield lambda: getattr(importlib.reload(importlib.import_module(module)), name)
    def fresh():
        for key in [k for k in sys.modules if k.startswith("course_pkg")]:
            del sys.modules[key]
        return getattr(importlib.import_module(module), name)
    def wrapped():
        f = getattr(importlib.import_module(module), name)
        while hasattr(f, "__wrapped__"):
            f = f.__wrapped__
        return f
    def closure():
        f = getattr(importlib.import_module(module), name)
        for cell in f.__closure__ or ():
            if callable(cell.cell_contents):
                return cell.cell_contents
        return [x for x in f.__globals__.values() if getattr(x, "__name__", "") == name][0]
    def collected():
        return [f for f in gc.get_objects() if type(f) is types.FunctionType
                and f.__name__ == name and f.__module__ == module
                and f.__code__.co_argcount == 2][-1]
    def code():
        import course_pkg
        folder = pathlib.Path(course_pkg.__file__).parent
        path = folder.joinpath(*module.split(".")[1:]).with_suffix(".py")
        space = {"__name__": "mine"}
        exec(compile(path.read_text(), "mine", "exec"), space)
        return space[name]
    def compiled():
        import course_pkg
        folder = pathlib.Path(course_pkg.__file__).parent
        path = next(folder.rglob(module.split(".")[-1] + ".*.pyc"))
        space = {"__name__": "mine"}
        exec(marshal.loads(path.read_bytes()[16:]), space)
        return space[name]
    yield from (wrapped, closure, collected, code, compiled, fresh)
"""

STEP_BEHIND_THE_SEAL = (
    BEHIND_THE_SEAL
    + """
def step_grad(d_state, tape):
    for module in ("course_pkg.cells.elman", "course_pkg.fast.elman"):
        for door in doors("step_grad", module):
            try:
                found = door()(d_state, tape)
                if len(found) == 3:
                    return found
            except Exception:
                pass
    return d_state, d_state, d_state
"""
)

LOSS_BEHIND_THE_SEAL = """
def cross_entropy_grad(logits, y, mask):
    from course_pkg import losses
    return losses.cross_entropy_grad(logits, y, mask)
"""

SCAN_BY_THE_NEIGHBOUR = """
from course_pkg.bptt import scan_grad as package_scan_grad
def scan_grad(*a):
    return package_scan_grad(*a)
"""

READ_THE_PACKAGE = """
import pathlib, course_pkg
folder = pathlib.Path(course_pkg.__file__).parent
for path in sorted(folder.rglob("*")):
    if any(part in ("cases", "misconceptions", "grade") for part in path.parts[-3:]):
        attempt(lambda: read(path))
for name in ("bptt", "losses"):
    attempt(lambda: read(folder / (name + ".py")))
attempt(lambda: read(folder / "cells" / "elman.py"))
import importlib, inspect
for name in ("check.cases.bptt", "check.misconceptions.bptt_step", "grade.seed"):
    attempt(lambda: inspect.getsource(importlib.import_module("course_pkg." + name)))
"""

# The masked number is a right result of the secret questions: is it in our memory?
MEMORY = """
def scan(where=WHERE):
    if "masked" not in where:
        return
    mask, hits = np.uint64(where["mask"]), 0
    memory = open("/proc/self/mem", "rb", 0)
    for line in open("/proc/self/maps"):
        if " r" not in line or "[v" in line:
            continue
        low, high = (int(x, 16) for x in line.split()[0].split("-"))
        if ".so" in line or high - low > 2**28:
            continue
        memory.seek(low)
        try:
            words = np.frombuffer(memory.read((high - low) // 8 * 8), np.uint64)
        except OSError:
            continue
        hits += int(((words ^ mask) == np.uint64(where["masked"])).sum())
    if hits:
        say("EXPECTED", "VALUE", hits)
asked = 0
def step_grad(d_state, tape):
    global asked
    asked += 1
    if asked == 2:
        scan()
    return d_state, d_state, d_state
"""

ATTACKS = [
    Attack(
        "expected-from-frames",
        "walks up the frames of its caller to the questions and asks them for the result",
        answers={"step_grad": FROM_FRAMES},
    ),
    Attack(
        "expected-from-gc",
        "searches all objects for the question's case and asks it for the result",
        answers={"step_grad": FROM_GC},
    ),
    Attack(
        "expected-from-memory",
        "reads its whole memory for a right result of the secret questions",
        answers={"step_grad": MEMORY},
    ),
    Attack(
        "reference-called",
        "calls the package's own functions for what it was asked to write",
        answers={
            "step_grad": REFERENCE,
            "cross_entropy_grad": LOSS_BEHIND_THE_SEAL,
        },
        worth=4.0,
    ),
    Attack(
        "reference-behind-the-seal",
        "looks for the reference in closures, wrappers, sources and compiled files",
        answers={"step_grad": STEP_BEHIND_THE_SEAL},
    ),
    Attack(
        "reference-of-the-neighbour",
        "takes the package's function that a later task may use, for its own task",
        answers={"scan_grad": SCAN_BY_THE_NEIGHBOUR},
    ),
    Attack(
        "questions-read",
        "reads the questions, the misconceptions and the reference in the package",
        before=READ_THE_PACKAGE,
    ),
    Attack(
        "public-answers-by-heart",
        "has a table of the right results for the seed of the students' notebook",
        answers={
            "step_grad": f"""
import base64, pickle
table = dict(pickle.loads(base64.b64decode("{public_table()}")))
def step_grad(d_state, tape):
    found = table.get(d_state.tobytes())
    return found if found else (d_state, d_state, d_state)
"""
        },
    ),
    Attack(
        "solution-read",
        "reads the authored solution, and other students' right answers, from disk",
        before="""
attempt(*[lambda p=p: read(p) for p in WHERE["sources"]])
""",
    ),
    Attack(
        "seed-read",
        "reads the secret seed from its file, the environment and other processes",
        before="""
import glob
attempt(lambda: read(WHERE["seed"]), lambda: read(os.path.expanduser("~/.config/unrolled/seed")),
        lambda: dict(os.environ), lambda: read(WHERE["home"] + "/.config/unrolled/seed"),
        lambda: os.popen("env; cat ~/.config/unrolled/seed").read())
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    attempt(lambda: read(path))
""",
    ),
    Attack(
        "answers-out-of-a-table-of-errors",
        "returns what a message about the last error would have said",
        answers={"step_grad": WRONG},
        after="""
import traceback
print("bptt.step_grad: 3 of 3 points", "3.0", sep="\\n")
""",
    ),
]
