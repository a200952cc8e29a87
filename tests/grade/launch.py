"""Starts ``course`` again and again as a process of its own, its imports done once.

A line of standard input is a command as JSON: the arguments, and the file for what it
says. The answer is its process id, and when it has ended its exit code, a line each.
"""

import json
import os
import signal
import sys
from importlib import import_module

WARM = ["course_pkg.commands", "course_pkg.grade.screen", "course_pkg.grade.session"]
WARM += ["course_pkg.grade.unit", "course_pkg.grade.database", "nbgrader.converters"]


def become(arguments: list[str], out: str) -> None:
    """Be the command, in a session of its own as a terminal gives one."""
    from course_pkg.__main__ import main

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    sys.argv = ["course", *arguments]
    main()
    sys.exit()


def serve() -> None:
    """Start what is asked for, one at a time."""
    for name in WARM:
        import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            become(*json.loads(line))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
