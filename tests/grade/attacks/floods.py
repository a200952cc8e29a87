"""Floods: time, memory, processes, disk, output. Small doses where there is no cage."""

from .attack import Attack

LOOP = "def step_grad(*a):\n    {0}\n"

ATTACKS = [
    Attack(
        "never-ends",
        "loops, and catches every exception that would end the loop",
        answers={
            "step_grad": """
import signal
def step_grad(*a):
    for mask in (signal.setitimer, signal.signal, signal.alarm):
        setattr(signal, mask.__name__, lambda *a: None)
    while True:
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
            while True:
                pass
        except BaseException:
            pass
"""
        },
    ),
    Attack(
        "timer-by-the-student",
        "takes the alarm clock away: handlers, timers and blocked signals",
        before="""
import signal
for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0)
real = signal.signal
signal.signal = lambda *a: real(signal.SIGUSR2, signal.SIG_IGN)
""",
        answers={"step_grad": LOOP.format("while True: pass")},
    ),
    Attack(
        "hangs-in-c",
        "holds the interpreter's lock in C, where no signal handler of Python runs",
        answers={
            "step_grad": """
import ctypes
def step_grad(*a):
    while True:
        ctypes.PyDLL(None).sleep(30)
"""
        },
    ),
    Attack(
        "sleeps-in-a-cell",
        "a cell of the student's never ends",
        before="import time\nwhile True:\n    time.sleep(1)\n",
    ),
    Attack(
        "stops-itself",
        "stops its own process by a signal, and waits for nobody",
        answers={
            "step_grad": "import signal\n"
            + LOOP.format("os.kill(os.getpid(), signal.SIGSTOP)")
        },
    ),
    Attack(
        "crashes",
        "ends its process: by a wild pointer, by abort, by exit, by another program",
        answers={
            "step_grad": "import ctypes\n" + LOOP.format("ctypes.string_at(1)"),
            "cross_entropy_grad": "def cross_entropy_grad(*a):\n    os.abort()\n",
            "scan_grad": "def scan_grad(*a):\n    os._exit(0)\n",
            "weight_grads": "def weight_grads(*a):\n"
            "    os.execv('/bin/sleep', ['sleep', '30'])\n",
        },
    ),
    Attack(
        "crash-in-a-cell",
        "a cell ends its process, again and again when it is run again",
        after="import os\nos._exit(0)\n",
    ),
    Attack(
        "recursion",
        "raises the recursion limit and falls through the stack",
        answers={
            "step_grad": """
def step_grad(*a):
    sys.setrecursionlimit(10**9 if caged() else 10**5)
    def fall(x):
        return [fall(y) for y in (x,)]
    return fall(0)
"""
        },
    ),
    Attack(
        "memory",
        "takes all the memory it can get",
        before="""
def flood():
    blocks = []
    for i in range(48 if caged() else 4):
        blocks.append(np.ones(2**23))  # 64 MB
    print("TAKEN", len(blocks) * 64, "MB" )
try:
    flood()
except BaseException as error:
    print(type(error), str(error)[:80])
""",
        keeps=0.0,
    ),
    Attack(
        "memory-of-many",
        "takes memory by many processes, each below the limit of one",
        before="""
import time
def flood():
    count, got = 12 if caged() else 2, b""
    r, w = os.pipe()
    os.set_blocking(r, False)
    for _ in range(count):
        if os.fork() == 0:
            try:
                x = np.ones(2**25)  # 256 MB
                os.write(w, b"x")
                time.sleep(1.2)
            finally:
                os._exit(0)
    time.sleep(1.0)
    try:
        got = os.read(r, count)
    except BlockingIOError:
        pass
    if len(got) >= min(count, 6):
        print("TAKEN", len(got) * 256, "MB")
try:
    flood()
except BaseException as error:
    print(type(error), str(error)[:80])
""",
        keeps=0.0,
    ),
    Attack(
        "memory-without-a-name",
        "takes memory that no limit of address space counts: memfd, pipes, shared segments",
        before="""
import ctypes
libc = ctypes.CDLL(None)
taken = 0
for i in range(40 if caged() else 2):
    try:
        fd = os.memfd_create("x")
        for _ in range(16):
            taken += os.write(fd, bytes(2**22))
    except Exception:
        break
libc.shmat.restype = ctypes.c_void_p
for i in range(24 if caged() else 0):
    number = libc.shmget(0, 2**26, 0o1600)
    if number < 0:
        break
    at = libc.shmat(number, None, 0)
    if at in (None, 2**64 - 1):
        break
    ctypes.memset(at, 1, 2**26)
    libc.shmdt(ctypes.c_void_p(at))
    taken += 2**26
print(taken // 2**20, "MB")
if taken > 2**31:
    print("TAKEN memory")
""",
        keeps=0.0,
    ),
    Attack(
        "processes",
        "starts as many processes as it can",
        before="""
import time
def flood():
    started = []
    try:
        for _ in range(400 if caged() else 100):
            pid = os.fork()
            if pid == 0:
                time.sleep(1)
                os._exit(0)
            started.append(pid)
    except OSError as error:
        print(error)
    if len(started) >= 100:
        print("TAKEN", len(started), "processes")
    return started
try:
    flood()
except BaseException as error:
    print(type(error), str(error)[:80])
""",
        keeps=0.0,
    ),
    Attack(
        "threads",
        "starts as many threads as it can",
        before="""
import threading, time
def flood():
    started = 0
    try:
        for _ in range(3000 if caged() else 300):
            threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
            started += 1
    except RuntimeError as error:
        print(error)
    if started >= 300:
        print("TAKEN", started, "threads")
try:
    flood()
except BaseException as error:
    print(type(error), str(error)[:80])
""",
        keeps=0.0,
    ),
    Attack(
        "disk",
        "fills every place that it may write to",
        before="""
import tempfile
taken = 0
block = bytes(2**22)
for place in (("/tmp", "/dev/shm", "/var/tmp", ".", os.path.expanduser("~"), "/run", "/dev")
              if caged() else (".",)):
    for i in range(8):
        try:
            with open("%s/flood%d" % (place, i), "wb") as file:
                for _ in range(32 if caged() else 8):
                    taken += file.write(block)
        except OSError as error:
            print(place, error)
            break
print(taken // 2**20, "MB")
if taken > (700 if caged() else 200) * 2**20:
    print("TAKEN disk")
if not caged():
    for i in range(8):
        os.unlink("flood%d" % i)
""",
        keeps=0.0,
    ),
    Attack(
        "files-without-number",
        "makes many small files and opens as many files as it can",
        before="""
made, opened = 0, []
try:
    for i in range(100_000 if caged() else 2000):
        os.close(os.open("f%d" % i, os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as error:
    print(error)
try:
    while len(opened) < 20_000:
        opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    print(error)
for fd in opened:
    os.close(fd)
if not caged():
    for i in range(made):
        os.unlink("f%d" % i)
print(made, len(opened))
""",
        keeps=0.0,
    ),
    Attack(
        "output",
        "prints, and writes to the standard streams, more than anybody can read",
        before="""
n = 100 if caged() else 10
for _ in range(n):
    print("x" * 2**20)
    os.write(1, b"y" * 2**16)
    sys.stderr.write("z" * 2**18)
""",
        keeps=0.0,
    ),
    Attack(
        "displays",
        "displays a hundred thousand things, and one of 100 MB",
        before="""
from IPython.display import HTML, display
for i in range(100_000 if caged() else 2000):
    display(i)
display(HTML("<b>" * (3 * 10**7 if caged() else 10**6)))
""",
        keeps=0.0,
    ),
    Attack(
        "error-of-many-lines",
        "raises an error with a message and a traceback of 100 MB",
        before="""
def deep(n):
    if n == 0:
        raise ValueError("m" * (10**8 if caged() else 10**6))
    return deep(n - 1)
deep(500)
""",
    ),
    Attack(
        "slow-for-the-reader",
        "asks the interpreter for an integer of a hundred million digits",
        answers={
            "step_grad": LOOP.format("return 7 ** 10**8, 10 ** 10**8, 1 << 10**9")
        },
    ),
]
