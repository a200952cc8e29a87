"""The process that has imported everything and forks a session for each submission.

It never runs a student's line. A session gets namespaces, files and limits of its own,
and ends with everything that it started.
"""

import array
import contextlib
import gc
import json
import os
import signal
import socket
import sys
from typing import Any

from IPython.core.async_helpers import get_asyncio_loop

from course_pkg.grade.sandbox import wire
from course_pkg.grade.sandbox.inside import kernel, walls
from course_pkg.grade.sandbox.inside.capture import OUTPUTS, Shell, Stream
from course_pkg.grade.sandbox.inside.runner import Runner
from course_pkg.grade.sandbox.inside.seals import seal_libraries
from course_pkg.grade.sandbox.inside.warm import warm

SESSIONS: set[int] = set()
ORDER_SECONDS = 10.0  # for the first words to a session


def main() -> None:
    """Warm up, then obey the trusted side until it hangs up."""
    line = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    kernel.prctl(kernel.SET_CHILD_SUBREAPER, 1)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # if the machine runs out of memory, this goes first
    shell = warm_shell(settings)
    settings["seals"] = walls.Seals(settings["borrowed"])
    with open("/proc/self/statm") as file:
        settings["mapped"] = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    wire.send(line, {"ready": True})
    while True:
        try:
            request = wire.receive(line, None)
        except wire.Closed:
            os._exit(0)
        if request["do"] == "open":
            wire.send(line, {"pid": open_session(shell, line, settings)})
        else:
            wire.send(line, end_session(request["pid"]))


def warm_shell(settings: dict) -> Shell:
    """Return a fresh shell in which the first cell is as quick as the second."""
    import torch

    torch.set_num_threads(1)
    seal_libraries(settings["library"])
    os.chdir(os.environ["HOME"])
    shell = Shell.instance()
    warm(shell)
    OUTPUTS.clear(2**20)
    gc.collect()
    gc.freeze()
    return shell


def open_session(shell: Shell, line: socket.socket, settings: dict) -> int:
    """Fork a session; it talks on the descriptor that follows the request."""
    size = array.array("i").itemsize
    _, parts, _, _ = line.recvmsg(1, socket.CMSG_SPACE(size))
    (fd,) = array.array("i", parts[0][2][:size])
    told, tell = os.pipe()
    middle = os.fork()
    if middle == 0:
        try:
            os.close(told)
            pid = walls.enter_namespaces() if settings["walls"] else os.fork()
            if pid == 0:
                os.close(tell)
                line.close()
                be_session(shell, socket.socket(fileno=fd), settings)
            os.write(tell, str(pid).encode())
        finally:
            os._exit(0)
    for end in (tell, fd):
        os.close(end)
    os.waitpid(middle, 0)
    pid = int(os.read(told, 20) or 0)
    os.close(told)
    SESSIONS.add(pid)
    return pid


def be_session(shell: Shell, line: socket.socket, settings: dict) -> None:
    """Put up the walls and serve; whatever happens, never return."""
    try:
        os.setsid()
        asked = wire.receive(line, ORDER_SECONDS)
        limits = {"mapped": settings["mapped"], **asked["limits"]}
        folder = asked["folder"]
        walls.open_anew()
        if settings["walls"]:
            walls.furnish(limits["disk"])
        walls.put_files(asked["files"], folder)
        settings["seals"].open(asked["unseal"])
        runner = Runner(shell, line, limits, folder, settings["seals"])
        sys.stdout, sys.stderr = Stream("stdout", 1), Stream("stderr", 2)
        if settings["walls"]:
            kernel.drop_capabilities()
        else:  # the user's other processes count, too
            limits["processes"] += walls.running()
        walls.limit(limits)
        get_asyncio_loop()  # for cells that await: the filter allows no pair of sockets
        if settings["filter"]:
            kernel.filter_calls(bytes.fromhex(settings["filter"]))
        wire.send(line, {"ready": True})
        runner.serve()
    except BaseException as error:
        with contextlib.suppress(BaseException):
            wire.send(line, {"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def children() -> set[int]:
    """Return this process's children, as far as the kernel tells."""
    with (
        contextlib.suppress(OSError),
        open(f"/proc/self/task/{os.getpid()}/children") as f,
    ):
        return set(map(int, f.read().split()))
    return set()


def end_session(pid: int) -> dict[str, Any]:
    """Kill a session and all it started, and say how it ended if it had ended."""
    SESSIONS.discard(pid)
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    while lost := children() - SESSIONS:  # of a session without a PID namespace
        for orphan in lost:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
    return {"status": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss * 1024}


if __name__ == "__main__":
    main()
