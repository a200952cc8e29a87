"""Attacks on the session's own machinery, by a student who has read this repository."""

from .attack import WRONG, Attack

# The session's server, found where it lies; one task's replies are replaced.
FORGE = """
import course_pkg.grade.sandbox.inside.runner as inside
honest_ask = inside.Runner.do_ask
def forge(reply):
    def do_ask(self, probe, variable, inputs, seconds):
        if variable == "step_grad":
            return reply(self, probe, inputs)
        return honest_ask(self, probe, variable, inputs, seconds)
    inside.Runner.do_ask = do_ask
"""


def forging(reply: str) -> dict[str, str]:
    """Answer step_grad's questions by another reply than the probe's."""
    return {"step_grad": f"{WRONG}{FORGE}{reply}"}


ATTACKS = [
    Attack(
        "evidence-forged",
        "lets the runner reply with verdicts, points, and inputs that did not change",
        answers=forging("""
replies = iter([
    {"value": True, "after": {}}, {"value": None}, {"points": 3.0, "ok": True},
    {"value": float("nan"), "after": {}}, {"value": [], "after": {}, "warnings": []},
    {"value": (np.zeros((3, 4)),) * 3}, {"problem": None, "verdict": "ok"},
    {"value": np.zeros(0)}, {"value": {"expected": 0, "value": 0}}, 3.0,
])
forge(lambda self, probe, inputs: next(replies, {"value": inputs, "after": inputs}))
"""),
        keeps=0.0,
    ),
    Attack(
        "evidence-made-of-inputs",
        "gives a question's own inputs back as the answer, and as proof of care",
        answers=forging(
            "forge(lambda self, probe, inputs:"
            " {'value': tuple(inputs.values()), 'after': inputs})\n"
        ),
    ),
    Attack(
        "numpy-that-lies",
        "replaces what turns results into evidence: to_plain, numpy's and torch's own",
        answers={
            "step_grad": WRONG
            + """
import torch, course_pkg.check.ask as ask, course_pkg.check.plain as plain
class Lying(np.ndarray):
    def __array_ufunc__(self, *a, **k): return True
def lie(x): return x
ask.to_plain = plain.to_plain = plain._Copier.copy = lie
np.array = np.asarray = lambda x, *a, **k: np.ndarray.view(np.zeros(3), Lying)
torch.Tensor.numpy = torch.Tensor.detach = lambda self: self
"""
        },
        keeps=0.0,  # the later answers fall with what they need
    ),
    Attack(
        "limits-of-plain-data-off",
        "raises the limits of what may cross, and sends a million numbers many times",
        answers=forging("""
large = np.ones(950_000)
forge(lambda self, probe, inputs: {"value": [large], "after": {"x": large[:9]}})
"""),
    ),
    Attack(
        "keys-that-collide",
        "replies with a dict whose keys all fall on one place: hours to read",
        answers=forging("""
keys = {n * (2**61 - 1): None for n in range(5_000)}
forge(lambda self, probe, inputs: {"value": 1, "after": {"x": keys}})
"""),
    ),
    Attack(
        "containers-without-a-floor",
        "replies with lists in tuples in lists, deeper than a reader's stack",
        answers=forging("""
x = []
for n in range(300):
    x = (x,) if n % 25 == 0 else [x]
forge(lambda self, probe, inputs: {"value": x, "after": {}})
"""),
    ),
    Attack(
        "extensions-around-extensions",
        "replies with 30 MB in a dozen wrappings, each of which is copied to be read",
        answers=forging("""
import msgpack
data = msgpack.packb([bytes(30 * 2**20)])
for _ in range(11):
    data = msgpack.packb(msgpack.ExtType(2, b"\\x91" + data))
def reply(self, probe, inputs):
    os.write(self.line.fileno(), len(data).to_bytes(4, "big"))
    self.line.sendall(data)
    os._exit(0)
forge(reply)
"""),
    ),
    Attack(
        "reply-before-the-question",
        "a thread finds the line and the number of the last question, and writes ahead",
        before=FORGE
        + """
import gc, threading, time
from course_pkg.grade.sandbox import wire
def ahead():
    [runner] = [x for x in gc.get_objects() if type(x) is inside.Runner]
    for n in range(30):
        for frame in sys._current_frames().values():
            while frame:
                if "number" in frame.f_locals and "reply" in frame.f_code.co_varnames:
                    number = frame.f_locals["number"]
                    reply = {"value": (np.zeros((3, 4)),) * 3, "after": {}}
                    try:
                        wire.send(runner.line, reply | number, 0.1)
                    except Exception:
                        pass
                frame = frame.f_back
        time.sleep(0.05)
threading.Thread(target=ahead, daemon=True).start()
""",
        keeps=0.0,
    ),
    Attack(
        "copy-that-goes-on",
        "forks in an answer, ends the first process, and lets the copy serve",
        answers={
            "step_grad": "def step_grad(d_state, tape):\n"
            "    if os.fork():\n        os._exit(0)\n    return d_state, d_state, d_state\n"
        },
    ),
    Attack(
        "copies-that-answer-again",
        "many copies of the process come back from one answer",
        answers={
            "step_grad": "def step_grad(d_state, tape):\n"
            "    for _ in range(3):\n        os.fork()\n"
            "    return d_state, d_state, d_state\n"
        },
    ),
    Attack(
        "runs-on-between-questions",
        "a thread keeps what was asked, and changes the reference's and numpy's memory",
        answers={
            "step_grad": """
import ctypes, threading, time
kept = []
def later():
    for _ in range(60):
        for asked in kept:
            for x in asked:
                if isinstance(x, np.ndarray) and x.flags.writeable:
                    x[...] = 0.0
        time.sleep(0.02)
threading.Thread(target=later, daemon=True).start()
def step_grad(d_state, tape):
    kept.append([d_state, *tape])
    return d_state, d_state, d_state
"""
        },
    ),
    Attack(
        "signals-masked-in-c",
        "blocks every signal in C, loops, and is not the interpreter's to stop",
        before="""
import ctypes
libc = ctypes.CDLL(None)
full = (ctypes.c_ulong * 16)(*[2**64 - 1] * 16)
libc.sigprocmask(0, ctypes.byref(full), None)
for number in range(1, 65):
    libc.signal(number, ctypes.c_void_p(1))
while True:
    pass
""",
    ),
    Attack(
        "exits-in-a-class-body",
        "ends by sys.exit where a class, a decorator or an import is made",
        answers={
            "step_grad": """
class Meta(type):
    def __init_subclass__(cls, **more): sys.exit(0)
    def __prepare__(name, bases): return {}
class Answer(metaclass=Meta):
    sys.exit("3.0")
""",
            "scan_grad": "@sys.exit\ndef scan_grad(*a):\n    return 1\n",
        },
    ),
    Attack(
        "probes-rewritten",
        "replaces the probes and the tape's types by ones that do the work themselves",
        answers={
            "step_grad": WRONG
            + """
import course_pkg.check.probes.bptt as probes
from course_pkg.cells import elman
for name in [n for n in vars(probes) if not n.startswith("__")]:
    if callable(getattr(probes, name)) and "step" in name:
        setattr(probes, name, lambda answer, inputs: tuple(inputs.values())[:3])
elman.Tape.__eq__ = lambda self, other: True
"""
        },
    ),
]
