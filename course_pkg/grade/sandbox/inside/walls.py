"""What a session puts around itself before the first line of a student's."""

import contextlib
import os
import resource
import signal
from importlib import import_module
from pathlib import Path
from types import FunctionType

from course_pkg.grade.sandbox.inside import kernel

HOME = "/home/student"
ROOM = "/run/session"  # the one file system of limited size behind HOME, /tmp, /dev/shm
PLACES = {"home": HOME, "tmp": "/tmp", "shm": "/dev/shm"}
HIDDEN = kernel.NOSUID | kernel.NODEV


def enter_namespaces() -> int:
    """Fork into new namespaces: the child, 0 here, is the first process in its own."""
    new = kernel.NEWUSER | kernel.NEWPID | kernel.NEWNS | kernel.NEWIPC | kernel.NEWUTS
    kernel.unshare(new)
    kernel.map_own_user()
    return os.fork()


def furnish(disk: int) -> None:
    """Mount empty folders that share one limit in bytes, and hide other processes."""
    kernel.mount("none", "/", "", kernel.REC | kernel.PRIVATE)
    kernel.mount("tmpfs", ROOM, "tmpfs", HIDDEN, f"size={disk},nr_inodes=20k,mode=0700")
    for name, place in PLACES.items():
        os.mkdir(f"{ROOM}/{name}", 0o700)
        kernel.mount(f"{ROOM}/{name}", place, "", kernel.BIND)
    # Where the box was opened by root, /proc is partly covered, and Linux lets nobody
    # mount another; then there is none.
    kind = HIDDEN | kernel.NOEXEC
    try:
        kernel.mount("proc", "/proc", "proc", kind, "subset=pid")
    except OSError:
        kernel.mount("tmpfs", "/proc", "tmpfs", kind | kernel.RDONLY, "size=4k")


def put_files(files: dict[str, bytes], folder: str) -> None:
    """Write plain files into a folder; a name is one name and no path."""
    for name, content in files.items():
        if Path(name).name == name and name not in ("", ".", ".."):
            Path(folder, name).write_bytes(content)
    os.chdir(folder)


def open_anew() -> None:
    """Open the files that came with the fork again: a place in a file is shared.

    Through it one session could leave something for the next.
    """
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            path = os.readlink(f"/proc/self/fd/{name}")
            if os.path.isfile(path):
                fresh = os.open(path, os.O_RDONLY)
                os.dup2(fresh, int(name), inheritable=False)
                os.close(fresh)


def running() -> int:
    """Count the processes of this user, with their threads, as Linux counts them."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            status = dict(line.split(":", 1) for line in path.read_text().splitlines())
            own = int(status["Uid"].split()[0]) == os.getuid()
            found += int(status["Threads"]) if own else 0
    return found


def limit(limits: dict) -> None:
    """Limit memory, processes, file size and open files of this process for good.

    The memory counts from what is mapped now: Python, NumPy and PyTorch take part of it
    that no student can help.
    """
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:
        pages = int(file.read().split()[0])
        limits["mapped"] = pages * resource.getpagesize()
    most = {
        resource.RLIMIT_AS: limits.get("mapped", 0) + limits["memory"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_FSIZE: limits["file_size"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 1,  # with 0, a crash would still call the host's handler
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 64 * 1024,
    }
    for name, value in most.items():
        _, hard = resource.getrlimit(name)
        known = [x for x in (value, hard) if x != resource.RLIM_INFINITY]
        lower = min(known, default=resource.RLIM_INFINITY)
        resource.setrlimit(name, (lower, lower))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # too large a file: an OSError


class Seals:
    """Sealed functions that may be opened, as no student's line has replaced them."""

    def __init__(self, names: list[str]) -> None:
        self.stubs = {name: _found(name) for name in names}

    def open(self, sources: dict[str, str]) -> None:
        """Give sealed functions their bodies, wherever they have been imported."""
        for dotted, source in sources.items():
            stub = self.stubs[dotted]
            names = dict(stub.__globals__)
            exec(compile(source, f"<{dotted}>", "exec"), names)
            stub.__code__ = names[stub.__name__].__code__


def _found(dotted: str) -> FunctionType:
    module, _, name = dotted.rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, FunctionType)
    return found
