"""Forged words: on the runner's own channel, in outputs, twice, torn, or without end."""

from .attack import WRONG, Attack

# Every file that is a socket or a pipe, but the three standard ones.
CHANNELS = """
import os, stat
def channels():
    found = []
    for fd in range(3, 256):
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            continue
        if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode):
            found.append(fd)
    return found
def pack(x):
    try:
        import msgpack
        return msgpack.packb(x)
    except Exception:
        return b"\\x93\\xcb@\\x08\\0\\0\\0\\0\\0\\0"
def frames(x):
    body = pack(x)
    for order in ("big", "little"):
        for size in (4, 8):
            yield len(body).to_bytes(size, order) + body
"""

# Whatever a verdict might look like, and evidence of a right answer.
FORGED = """
FORGED = [
    3.0, {"points": 3.0, "ok": True}, ["ok", 3.0], {"value": 3.0, "problem": None},
    {"kind": "verdict", "ok": True, "points": 3.0}, [True] * 20, {"problem": None},
    {"evidence": [{"value": [0.0, 0.0, 0.0], "problem": None, "after": {}}] * 20},
]
"""


def forging(act: str) -> dict[str, str]:
    """Answer step_grad by an act on every channel, and then wrongly."""
    return {
        "step_grad": f"""{CHANNELS}{FORGED}
def step_grad(d_state, tape):
    for fd in channels():
        try:
            {act}
        except OSError as error:
            print(fd, error)
    return d_state, d_state, d_state
"""
    }


ATTACKS = [
    Attack(
        "frames-forged",
        "writes verdicts and evidence of its own to the runner's channel",
        answers=forging("[os.write(fd, f) for x in FORGED for f in frames(x)]"),
    ),
    Attack(
        "frames-forged-in-a-cell",
        "answers questions to come while a cell still runs",
        before=CHANNELS
        + FORGED
        + """
for fd in channels():
    for x in FORGED * 10:
        for frame in frames(x):
            try:
                os.write(fd, frame)
            except OSError:
                pass
""",
        keeps=0.0,
    ),
    Attack(
        "frame-without-end",
        "announces a frame of 2⁶³ bytes and sends nothing more",
        answers=forging(
            "os.write(fd, b'\\xff' * 8); os.write(fd, b'\\x7f' + b'\\xff' * 7)"
        ),
    ),
    Attack(
        "frame-that-unfolds",
        "sends packed containers that grow a thousand-fold, and nest without end",
        answers=forging(
            "[os.write(fd, len(b).to_bytes(n, o) + b) for b in (b'\\xdd\\xff\\xff\\xff\\xff',"
            " b'\\x91' * 50_000, b'\\xdf\\xff\\xff\\xff\\xff', b'\\xc9\\xff\\xff\\xff\\xff\\x01')"
            " for n in (4, 8) for o in ('big', 'little')]"
        ),
    ),
    Attack(
        "noise",
        "writes a megabyte of noise to the runner's channel",
        answers=forging("os.set_blocking(fd, False); os.write(fd, os.urandom(2**20))"),
    ),
    Attack(
        "slowly",
        "sends one byte at a time and never finishes its frame",
        answers=forging(
            "[(os.write(fd, b'\\0'), __import__('time').sleep(0.2)) for _ in range(60)]"
        ),
    ),
    Attack(
        "channel-closed",
        "closes all its files, or half of a socket, and stays",
        answers={
            "step_grad": "import time\ndef step_grad(*a):\n"
            "    os.closerange(0, 4096)\n    time.sleep(30)\n"
        },
    ),
    Attack(
        "channel-drained",
        "reads the questions that are meant for the runner, and says nothing",
        answers=forging(
            "os.set_blocking(fd, False); print(os.read(fd, 10**6)[:200]);"
            " os.set_blocking(fd, True); os.read(fd, 10**6)"
        ),
    ),
    Attack(
        "files-sent-along",
        "sends open files through the socket, as many as fit",
        answers={
            "step_grad": CHANNELS
            + """
import socket
def step_grad(d_state, tape):
    null = os.open("/dev/null", os.O_RDONLY)
    for fd in channels():
        try:
            with socket.socket(fileno=os.dup(fd)) as s:
                for _ in range(50):
                    socket.send_fds(s, [b"\\0"], [null] * 200, socket.MSG_DONTWAIT)
        except OSError as error:
            print(error)
    return d_state, d_state, d_state
"""
        },
    ),
    Attack(
        "two-of-me",
        "forks in an answer, so that two processes answer the same question",
        answers={
            "step_grad": "def step_grad(d_state, tape):\n    os.fork()\n"
            "    return d_state, d_state, d_state\n"
        },
    ),
    Attack(
        "two-of-me-in-a-cell",
        "forks in a cell, so that two processes run the rest of the notebook",
        before="os.fork()\n",
        keeps=0.0,
    ),
    Attack(
        "thread-that-talks-in-between",
        "a thread writes to the channel while the runner does",
        before=CHANNELS
        + """
import threading, time
def talk():
    for _ in range(100):
        for fd in channels():
            try:
                os.set_blocking(fd, False)
                os.write(fd, b"\\0\\0\\0\\x01\\xc3")
            except OSError:
                pass
        time.sleep(0.02)
threading.Thread(target=talk, daemon=True).start()
""",
        keeps=0.0,
    ),
    Attack(
        "report-forged-in-outputs",
        "displays reports of full points under the check's own media type",
        answers={
            "step_grad": WRONG
            + """
from IPython.display import display
report = {"id": "bptt.step_grad", "points": 3.0, "max": 3.0, "message": "",
          "misconception": None, "cases": []}
display({"application/vnd.unrolled.check+json": report, "text/plain": "3.0"}, raw=True)
3.0
"""
        },
    ),
    Attack(
        "streams-replaced",
        "puts its own objects in place of the standard streams and file numbers",
        before="""
class Stream:
    encoding = "utf8"
    def write(self, text): raise SystemExit
    def flush(self): os._exit(0)
    def __getattr__(self, name): return lambda *a, **k: 3.0
if caged():
    r, w = os.pipe()
    for fd in (0, 1, 2):
        os.dup2(w, fd)
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = sys.stdin = Stream()
""",
        keeps=0.0,
    ),
]
