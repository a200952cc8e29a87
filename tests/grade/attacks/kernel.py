"""Attacks through the kernel: what all processes of a machine have in common."""

from .attack import WRONG, Attack
from .outside import CALL

ATTACKS = [
    Attack(
        "shared-by-the-kernel",
        "makes objects that outlive a process or that no limit counts, of every kind",
        before=CALL
        + """
made = {
    "io_uring": (425, 8, ctypes.create_string_buffer(120)), "memfd": (319, b"x", 0),
    "userfaultfd": (323, 0), "keyring": (250, 0, -4, 1), "message queue": (68, 7, 0o1600),
    "semaphores": (64, 7, 1, 0o1600), "shared memory": (29, 7, 4096, 0o1600),
    "secret memory": (447, 0), "key": (248, b"user", b"x", b"x", 1, -4),
    "queue": (240, b"x", 0o102, 0o600, None), "events of others": (300, 0, 0),
    "watch": (294, 0), "counters": (298, ctypes.create_string_buffer(128), 0, -1, -1, 0),
    "another's files": (438, 0, 0, 0), "namespace": (272, 0x10000000),
}
for name, call in made.items() if caged() else ():
    got = syscall(*call)
    print("TAKEN %s" % name if isinstance(got, int) else "%s: %s" % (name, got))
""",
    ),
    Attack(
        "watches-the-system",
        "watches the libraries' files to see what others import and when",
        before="""
import ctypes
libc = ctypes.CDLL(None)
watch = libc.inotify_init()
places = [os.__file__, np.__file__, "/usr/bin", os.path.dirname(sys.executable)]
found = [libc.inotify_add_watch(watch, os.fsencode(p), 0xfff) for p in places]
if caged() and max(found) >= 0:
    print("TAKEN a watch")
""",
    ),
    Attack(
        "rank-and-core-raised",
        "raises its own limits and its rank, and lowers its parent's",
        before="""
import resource
def won(name, act):
    try:
        act()
    except (OSError, ValueError, AttributeError) as error:
        print(name, error)
    else:
        if caged():
            print("TAKEN", name)
for limit in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE,
              resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK):
    won("limit %d" % limit, lambda: resource.setrlimit(limit, (-1, -1)))
won("core handler", lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
won("parent", lambda: resource.prlimit(os.getppid() or 2, resource.RLIMIT_CPU, (1, 1)))
won("rank", lambda: os.nice(-5))
won("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
won("memory killer", lambda: open("/proc/self/oom_score_adj", "wb", 0).write(b"-1000"))
""",
    ),
    Attack(
        "files-of-the-parent",
        "reads, writes, moves in and locks every file that it was born with",
        before="""
import fcntl
for fd in range(3, 64):
    try:
        path = os.readlink("/proc/self/fd/%d" % fd)
        if "student" in path:
            continue
        if not os.path.isfile(path):
            print(path)
            continue
        os.lseek(fd, 4242, 0)
        os.write(fd, b"x")
        print("TAKEN", path)
    except OSError as error:
        print(fd, error)
""",
    ),
    Attack(
        "terminals",
        "opens terminals, types into them, and steals the parent's",
        before="""
import fcntl, pty, termios
held = []
try:
    while len(held) < (300 if caged() else 4):
        held += os.openpty()
except OSError as error:
    print(error)
def type_in(fd):
    fcntl.ioctl(fd, termios.TIOCSTI, b"x")
    print("TAKEN a terminal")
for door in (lambda: type_in(0), lambda: type_in(held[1]), lambda: open("/dev/tty").read(1),
             lambda: fcntl.ioctl(held[1], termios.TIOCSCTTY, 1), lambda: os.ctermid()):
    attempt(door) if caged() else None
for fd in held:
    os.close(fd)
""",
    ),
    Attack(
        "daemon-by-every-road",
        "starts daemons by setsid, spawn, nohup and double forks, deaf to signals",
        before="""
import signal, subprocess, time
deaf = lambda: [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 13, 14, 15)]
mark = WHERE["marker"]
seconds = "60" if caged() else "2"
told = ["sh", "-c", "trap '' 1 2 3 15; sleep %s; : %s" % (seconds, mark)]
quiet = dict(stdin=-3, stdout=-3, stderr=-3)
for more in (dict(start_new_session=True), dict(preexec_fn=deaf), dict(process_group=0)):
    subprocess.Popen(told, **quiet, **more)
os.posix_spawn("/bin/sh", told, {}, setsid=True)
os.system("nohup setsid sh -c 'sleep %s; : %s' >/dev/null 2>&1 &" % (seconds, mark))
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        deaf()
        os.execv("/bin/sh", told)
    os._exit(0)
""",
        keeps=0.0,
    ),
    Attack(
        "cores-without-end",
        "dies by every signal that writes a core, in many processes",
        answers={
            "step_grad": """
import signal
def step_grad(*a):
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGQUIT):
        for _ in range(3):
            if os.fork() == 0:
                os.kill(os.getpid(), number) or os._exit(0)
            os.wait()
    os.kill(os.getpid(), signal.SIGQUIT)
    os.abort()
"""
        },
    ),
    Attack(
        "spins-beside-its-answer",
        "leaves processes behind that take all the time of the cores",
        answers={
            "step_grad": "import threading\n"
            + WRONG
            + "for _ in range(6 if caged() else 1):\n"
            "    if os.fork() == 0:\n"
            "        threading.Timer(8.0, os._exit, (0,)).start()\n"
            "        while True:\n            pass\n"
        },
        keeps=0.0,
    ),
]
