"""Which protections this machine gives, and how to get the missing ones."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from course_pkg.grade.sandbox import seccomp, wall

OLDEST = (0, 4, 0)
PROBE = """
import os, sys
sys.path.insert(0, '/opt/course')
from course_pkg.grade.sandbox.inside import kernel, walls
pid = walls.enter_namespaces()
if pid == 0:
    walls.furnish(2**20)
    kernel.drop_capabilities()
    os._exit(0 if os.getpid() == 1 else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


class Protection(NamedTuple):
    """One protection: its name, whether this machine has it, what was seen or to do."""

    name: str
    ok: bool
    told: str


def doctor() -> list[Protection]:
    """Try every protection on this machine."""
    looks: tuple[Callable[[], Protection], ...] = (
        *(_linux, _bubblewrap, _user_namespaces, _nested, _filter),
        *(_unprivileged, _memory),
    )
    return [look() for look in looks]


def _linux() -> Protection:
    system = platform.system()
    told = f"{system} {platform.release()}"
    if system != "Linux":
        told += ": grade on Linux, in a virtual machine or in WSL 2"
    return Protection("Linux", system == "Linux", told)


def _bubblewrap() -> Protection:
    path = wall.bubblewrap()
    if not path:
        told = "apt install bubblewrap (dnf, pacman: the same name)"
        return Protection("bubblewrap", False, told)
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    version = tuple(map(int, re.findall(r"\d+", said)))
    told = said.strip()
    if version < OLDEST:
        told += f": needs {'.'.join(map(str, OLDEST))} or newer"
    return Protection("bubblewrap", version >= OLDEST, told)


def _run(code: str) -> tuple[bool, str]:
    """Run Python behind the wall; tell whether it worked, and what it said."""
    import tempfile

    from course_pkg.grade.sandbox.seal import seal

    if not wall.bubblewrap():
        return False, "needs bubblewrap"
    with tempfile.TemporaryDirectory(prefix="unrolled-") as name:
        sealed = Path(name) / "course"
        seal("").write(sealed)
        stage, first = wall.lowered(sealed)
        command = [*first, str(wall.bubblewrap()), *wall.arguments(sealed, stage)]
        command += ["--", wall.python(), "-S", "-c", code]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = ran.stderr.strip().splitlines()
    return ran.returncode == 0, lines[-1] if lines else ""


def _user_namespaces() -> Protection:
    ok, said = _run("pass")
    told = "a box without network, home, course and other processes"
    return Protection("user namespaces", ok, told if ok else f"{said}: {_advice()}")


def _advice() -> str:
    """Say which setting of this machine forbids user namespaces."""
    settings = {
        "kernel.unprivileged_userns_clone": ("0", "1"),
        "user.max_user_namespaces": ("0", "15000"),
        "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
    }
    for name, (bad, good) in settings.items():
        path = Path("/proc/sys", *name.split("."))
        if path.is_file() and path.read_text().strip() == bad:
            return f"sysctl {name}={good}"
    return "in a container: allow user namespaces (podman, or docker with --privileged)"


def _nested() -> Protection:
    ok, said = _run(PROBE)
    told = "every submission has processes, files and /tmp of its own"
    return Protection("nested namespaces", ok, told if ok else f"{said}: {_advice()}")


def _filter() -> Protection:
    if not seccomp.known():
        told = f"no table of system calls for {platform.machine()}"
        return Protection("system call filter", False, told)
    code = "import sys; sys.path.insert(0, '/opt/course')\n"
    code += "from course_pkg.grade.sandbox.inside import kernel\n"
    code += f"kernel.filter_calls(bytes.fromhex('{seccomp.program(True).hex()}'))\n"
    code += "import socket\ntry: socket.socket()\nexcept PermissionError: sys.exit(0)\n"
    ok, said = _run(code + "sys.exit(1)")
    told = "refuses what a notebook never needs"
    return Protection("system call filter", ok, told if ok else said or "no effect")


def _unprivileged() -> Protection:
    told = f"runs as user {os.geteuid()}"
    if os.geteuid() == 0:
        told = "root gives the box to nobody; better: grade as an ordinary user"
    return Protection("no root in the box", True, told)


def _memory() -> Protection:
    ok = Path("/proc/self/task", str(os.getpid()), "children").is_file()
    told = "counted over all processes of a submission"
    if not ok:
        told = "counted for each process only: the kernel lacks CONFIG_PROC_CHILDREN"
    return Protection("memory limit", ok, told)


def main() -> None:
    """Print the list; exit with 1 if something is missing."""
    found = doctor()
    for name, ok, told in found:
        print(f"{'yes' if ok else 'NO ':4} {name:20} {told}")
    sys.exit(not all(ok for _, ok, _ in found))


if __name__ == "__main__":
    main()
