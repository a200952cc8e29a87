"""Attacks on the interpreter: whatever runs a verdict beside the answer believes it."""

from .attack import WRONG, Attack

SHELL = "ip = get_ipython()\n"

ATTACKS = [
    Attack(
        "comparisons-that-agree",
        "replaces numpy's comparison functions by ones that are always content",
        before="""
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.testing.assert_almost_equal = np.testing.assert_equal = lambda *a, **k: None
np.allclose = np.array_equal = lambda *a, **k: True
""",
    ),
    Attack(
        "check-by-the-student",
        "defines `check` anew, so that every check gives all points",
        before="""
POINTS = dict(cross_entropy=2, cross_entropy_grad=2, step_grad=3, scan_grad=4)
def check(name, answer, **more):
    return float(POINTS.get(name.split(".")[1], 2))
""",
    ),
    Attack(
        "judge-who-sleeps",
        "replaces the functions that find differences, inside the course's package",
        before="""
import importlib
for name, what in [("judge", "differences"), ("compare", "differences"),
                   ("judge", "changed"), ("same", "changed")]:
    try:
        module = importlib.import_module("course_pkg.check." + name)
        setattr(module, what, lambda *a, **k: [])
    except Exception as error:
        print(error)
""",
    ),
    Attack(
        "report-of-full-points",
        "replaces the points of reports and results in the course's package",
        before="""
try:
    from course_pkg.check import judge, report
    report.Report.points = property(lambda self: float(self.task.points))
    judge.Result.ok = True
    judge.Result.points = property(lambda self: self.case.points)
except Exception as error:
    print(error)
""",
    ),
    Attack(
        "reference-is-my-answer",
        "makes the reference run the student's own code, so that both agree",
        answers={
            "step_grad": WRONG
            + """
try:
    from course_pkg.cells import elman
    elman.step_grad.__code__ = step_grad.__code__
    elman.step_grad = step_grad
    from course_pkg.check.cases import bptt as cases
    for case in cases.CASES["step_grad"]:
        object.__setattr__(case, "expect", lambda inputs, c=case: c.probe(step_grad, inputs))
except Exception as error:
    print(error)
""",
        },
    ),
    Attack(
        "asserts-removed",
        "an input transformer drops the lines of tests",
        before=SHELL
        + """
ip.input_transformers_cleanup.append(
    lambda lines: [line for line in lines if "assert" not in line])
""",
    ),
    Attack(
        "checks-become-numbers",
        "an AST transformer turns each call of check into its points",
        before=SHELL
        + """
import ast
class Generous(ast.NodeTransformer):
    def visit_Call(self, node):
        if getattr(node.func, "id", "") == "check":
            return ast.copy_location(ast.Constant(3.0), node)
        return node
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
ip.ast_transformers.append(Generous())
""",
    ),
    Attack(
        "exceptions-swallowed",
        "custom exception handlers and traceback hooks that show nothing",
        before=SHELL
        + """
ip.set_custom_exc((BaseException,), lambda *a, **k: None)
ip.showtraceback = ip.showsyntaxerror = lambda *a, **k: None
ip._showtraceback = lambda *a, **k: None
sys.excepthook = lambda *a: None
""",
    ),
    Attack(
        "display-of-points",
        "display hooks and formatters that show every value as full points",
        before=SHELL
        + """
plain = ip.display_formatter.formatters["text/plain"]
plain.for_type(float, lambda x, p, cycle: p.text("3.0"))
plain.for_type(type(None), lambda x, p, cycle: p.text("3.0"))
hook = ip.displayhook
type(hook).compute_format_data = lambda self, result: ({"text/plain": "3.0"}, {})
""",
    ),
    Attack(
        "builtins-that-lie",
        "replaces all, any, sum, len, isinstance and type in builtins",
        answers={
            "step_grad": """
import builtins
def step_grad(d_state, tape):
    builtins.all = lambda items: True
    builtins.any = lambda items: False
    builtins.sum = lambda items, start=0: 3.0
    builtins.float = lambda x=0: 3.0
    builtins.round = lambda x, n=0: 3.0
    return d_state, d_state, d_state
"""
        },
        worth=4.0,
        keeps=2.0,  # what comes later in the same process is spoilt by its own hand
    ),
    Attack(
        "modules-by-the-student",
        "an import hook and sys.modules give out forged modules of the course",
        before="""
import types
class Forger:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("course_pkg.check.cases", "course_pkg.check.misconceptions")):
            print("asked for", name)
        return None
sys.meta_path.insert(0, Forger())
for name in ("judge", "compare", "same", "report", "cases.bptt"):
    forged = types.ModuleType("course_pkg.check." + name)
    forged.__getattr__ = lambda attribute: (lambda *a, **k: [])
    sys.modules["course_pkg.check." + name] = forged
""",
    ),
    Attack(
        "trace-in-the-judge",
        "a trace and a profile function rewrite the locals of whoever judges",
        answers={
            "step_grad": """
def spy(frame, event, arg):
    for name in ("found", "wrong", "bad", "differences"):
        if name in frame.f_locals and isinstance(frame.f_locals[name], list):
            frame.f_locals[name].clear()
    for name in ("expected", "ok", "evidence", "verdict"):
        if name in frame.f_locals and "course_pkg" in frame.f_code.co_filename:
            say("SEEN", name)
    return spy
def step_grad(d_state, tape):
    sys.settrace(spy)
    sys.setprofile(lambda *a: spy(*a) and None)
    frame = sys._getframe()
    while frame:
        frame.f_trace = spy
        frame = frame.f_back
    return d_state, d_state, d_state
"""
        },
        keeps=2.0,
    ),
    Attack(
        "hooks-around-cells",
        "events before and after each cell put back a function that prints points",
        before=SHELL
        + """
def again(*a):
    ip.user_ns["check"] = lambda *a, **k: 3.0
    ip.user_ns["progress"] = lambda *a, **k: 3.0
for event in ("pre_run_cell", "post_run_cell", "pre_execute", "post_execute"):
    ip.events.register(event, again)
""",
    ),
    Attack(
        "shell-by-the-student",
        "replaces run_cell and its relatives, so that every cell has a good result",
        before=SHELL
        + """
class Result:
    success, result, error_before_exec, error_in_exec = True, 3.0, None, None
    execution_count, info = 1, None
    def raise_error(self): pass
for name in ("run_cell", "run_cell_async", "_run_cell", "run_ast_nodes", "run_code"):
    setattr(ip, name, lambda *a, **k: Result())
""",
        keeps=0.0,  # none of the later cells runs, by its own hand
    ),
    Attack(
        "inputs-made-constant",
        "replaces the random generator, so that the questions are known",
        before="""
from numpy.random import default_rng
np.random.default_rng = lambda seed=None: default_rng(0)
""",
    ),
    Attack(
        "interpreter-of-the-runner",
        "replaces json, struct, socket, os and msgpack functions under the runner",
        before="""
import json, struct, socket
try:
    import msgpack
    msgpack.packb = msgpack.dumps = lambda *a, **k: b"\\x93\\xcb@\\x08\\0\\0\\0\\0\\0\\0"
    msgpack.unpackb = msgpack.loads = lambda *a, **k: {"points": 3.0}
except ImportError as error:
    print(error)
json.dumps = lambda *a, **k: '{"points": 3.0}'
struct.pack = lambda *a: b"\\0\\0\\0\\0"
os.write = lambda fd, data: len(data)
os.read = lambda fd, n: b""
socket.socket.sendall = socket.socket.send = None
""",
        keeps=0.0,  # it may have silenced itself
    ),
    Attack(
        "runner-rewritten",
        "finds the functions around its cell by frames and gc, and gives them other code",
        before="""
import gc, types
def content(*a, **k):
    return []
names = ("judge", "differences", "changed", "same", "to_plain", "ask", "interview",
         "pack", "unpack", "conclude", "seal", "sealed")
for thing in gc.get_objects():
    if type(thing) is types.FunctionType and thing.__name__ in names:
        if not thing.__code__.co_freevars:
            try:
                thing.__code__ = content.__code__
                print("rewrote", thing.__module__, thing.__name__)
            except Exception as error:
                print(error)
""",
        keeps=0.0,
    ),
    Attack(
        "compiler-by-the-student",
        "replaces compile, exec, eval and __import__ in builtins",
        before="""
import builtins
real = builtins.compile
def forged(source, *a, **k):
    if isinstance(source, str) and "check(" in source:
        source = "3.0"
    return real(source, *a, **k)
builtins.compile = forged
old = builtins.__import__
def forged_import(name, *a, **k):
    if "cases" in name or "misconceptions" in name:
        print("import of", name)
    return old(name, *a, **k)
builtins.__import__ = forged_import
""",
    ),
    Attack(
        "last-words",
        "atexit, finalisers and __del__ speak when the session ends",
        before="""
import atexit, weakref
def last(*a):
    try:
        open(WHERE["drop"] + "/atexit", "w").write("here")
    except OSError:
        pass
    for fd in range(64):
        try:
            os.write(fd, b"\\x93\\xcb@\\x08\\0\\0\\0\\0\\0\\0")
        except OSError:
            pass
atexit.register(last)
class Dying:
    __del__ = last
dying = Dying()
dying.self = dying
weakref.finalize(dying, last)
""",
    ),
]
