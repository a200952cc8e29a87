"""What a hostile cell tries: it reads nothing, harms nothing, and costs itself."""

import time

import pytest

from .conftest import printed

pytestmark = pytest.mark.slow

REFUSED = {
    "the network": "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "netlink": "import socket; socket.socket(16, socket.SOCK_RAW)",
    "abstract sockets": "import socket; socket.socket(socket.AF_UNIX)",
    "the host's files": "open('/etc/passwd')",
    "the host's home": "import os; os.listdir('/root')",
    "the course": "from course_pkg.check import cases",
    "the misconceptions": "import course_pkg.check.misconceptions",
    "the judge": "import course_pkg.check.judge",
    "the grader": "import course_pkg.grade.results",
    "the command line": "import course_pkg.commands",
    "later modules": "import course_pkg.layers",
    "writing to the system": "open('/usr/x', 'w')",
    "writing to the package": "open('/opt/course/x', 'w')",
    "writing to the root": "open('/x', 'w')",
    "writing to devices": "open('/dev/x', 'w')",
    "chroot": "import os; os.chroot('/tmp')",
    "a file too large": "open('f', 'wb').write(bytes(9 * 2**20))",
    "signals to the parent": "import os; os.kill(os.getppid() or 2, 9)",
    "another user": "import os; os.setuid(0)",
    "input": "input()",
}
SYSCALLS = {  # numbers of x86_64
    "ptrace": (101, 0, 1),
    "mount": (165, 0, 0),
    "unshare": (272, 0x10000000),
    "clone into a namespace": (56, 0x10000000 | 17),
    "setns": (308, 0, 0),
    "keyctl": (250, 0, 0),
    "bpf": (321, 0, 0),
    "perf_event_open": (298, 0, 0),
    "process_vm_readv": (310, 1, 0),
    "io_uring": (425, 1, 0),
    "memfd": (319, 0, 0),
    "shared memory": (29, 0, 4096, 0o1600),
    "reboot": (169, 0),
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_a_cell_is_refused(session, source):
    ran = session.run(source)
    assert ran.outputs[-1]["output_type"] == "error", ran
    assert ran.outputs[-1]["ename"] in (
        *("PermissionError", "FileNotFoundError", "ModuleNotFoundError", "OSError"),
        *("ProcessLookupError", "ImportError"),
        *("StdinNotImplementedError", "EOFError"),
    )


@pytest.mark.parametrize("call", SYSCALLS.values(), ids=SYSCALLS)
def test_a_system_call_is_refused(session, call):
    source = "import ctypes; c = ctypes.CDLL(None, use_errno=True)\n"
    ran = session.run(source + f"print(c.syscall(*{call!r}), ctypes.get_errno())")
    assert printed(ran) == "-1 1\n"


def test_no_capability_is_left(session):
    ran = session.run("print(*open('/proc/self/status'))")
    lines = [x.split() for x in printed(ran).splitlines() if x.strip()[:3] == "Cap"]
    assert {int(value, 16) for _, value in lines} == {0}
    assert len(lines) == 5


def test_only_its_own_processes_are_seen(session):
    ran = session.run("import os; print(*sorted(os.listdir('/proc')))")
    assert printed(ran) == "1 self thread-self\n"


def test_nothing_of_the_host_in_the_environment(session, monkeypatch):
    ran = session.run("import os; print(os.environ)")
    assert "root" not in printed(ran)


COSTS = {
    "memory": ("x = bytearray(2**30)", "memory"),
    "memory of tensors": ("import torch; torch.ones(2**28)", "memory"),
    "sleep": ("import time; time.sleep(99)", "time"),
    "a loop": ("while True: pass", "time"),
    "a loop that catches all": (
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        "time",
    ),
    "signals ignored": (
        "import signal\nfor n in set(signal.Signals) - {9, 19}: signal.signal(n, 1)\n"
        "import time; time.sleep(99)",
        "time",
    ),
    "exit": ("import os; os._exit(0)", "crash"),
    "abort": ("import os; os.abort()", "crash"),
    "a broken pointer": ("import ctypes; ctypes.string_at(0)", "crash"),
    "stop": ("import os; [os.kill(os.getpid(), 19)] * 3; import time; time.sleep(99)",
             "time"),
    "kill all": ("import os\ntry: os.kill(-1, 9)\nfinally: os._exit(1)", "crash"),
    "the channel closed": ("import os; os.closerange(3, 200)", "crash"),
    "a forged frame": (
        "import os\nfor n in range(3, 20):\n  try: os.write(n, b'\\0\\0\\0\\1\\xc0')\n"
        "  except OSError: pass",
        "crash",
    ),
    "a huge frame": (
        "import os\nfor n in range(3, 20):\n  try: os.write(n, b'\\xff' * 8)\n"
        "  except OSError: pass",
        "crash",
    ),
    "memory of many": (
        "import os, time\nfor _ in range(8):\n"
        "  if os.fork() == 0:\n    x = b'x' * (100 * 2**20); time.sleep(99)\n"
        "time.sleep(99)",
        "memory",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "kind"), COSTS.values(), ids=COSTS)
def test_a_cell_costs_itself(box, session, source, kind):
    session.run("kept = 6 * 7")
    start = time.monotonic()
    ran = session.run(source)
    assert ran.problem is not None, ran
    assert ran.problem.kind == kind
    assert time.monotonic() - start < 60
    assert session.run("kept").outputs[0]["data"]["text/plain"] == "42"


def test_a_fork_bomb_is_counted(session):
    source = "import os, time\nn = 0\ntry:\n  for n in range(500):\n"
    source += "    if os.fork() == 0: time.sleep(99); os._exit(0)\n"
    ran = session.run(source + "except OSError: print('after', n)")
    assert int(printed(ran).split()[-1]) < 30


def test_threads_are_counted(session):
    source = "import threading, time\nfor n in range(500):\n"
    source += "  threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    assert printed(session.run(source)) == "RuntimeError"


def test_the_disk_is_full_early(session):
    source = "for n in range(99): open(f'/tmp/{n}', 'wb').write(bytes(2**20))"
    assert printed(session.run(source)) == "OSError"
    ran = session.run("open('/dev/shm/x', 'wb').write(bytes(2**20))")
    assert printed(ran) == "OSError"


def test_output_is_cut(session):
    ran = session.run("for _ in range(10**5): print('x' * 100)")
    assert 50_000 <= len(printed(ran)) < 51_000
    ran = session.run("import os\nfor _ in range(100): os.write(1, b'y' * 10**5)")
    assert len(printed(ran)) < 60_000


def test_daemons_end_with_the_session(box):
    with box.session() as session:
        source = "import os, time\nif os.fork() == 0:\n  os.setsid()\n"
        session.run(source + "  while True: time.sleep(0.01)")
    assert box.used() == (0, 0)
    with box.session() as session:
        session.run("1")
        assert printed(session.run("!ls /proc | grep -c '^[0-9]'")).strip() in "234"
