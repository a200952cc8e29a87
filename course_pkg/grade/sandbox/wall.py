"""The wall: the arguments of bubblewrap, and what the box gets to see."""

import json
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

from course_pkg.grade.sandbox import lower, seccomp
from course_pkg.grade.sandbox.inside.walls import HOME, ROOM

PYTHON, SITE, COURSE = "/opt/python", "/opt/site", "/opt/course"
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
# Single files; nothing else of /etc is there.
ETC = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"),
    *("/etc/fonts", "/etc/localtime", "/etc/mime.types"),
)
ENVIRONMENT = {
    "HOME": HOME,
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}
ZYGOTE = "course_pkg.grade.sandbox.inside.zygote"


def site_folders() -> list[Path]:
    """Return the folders with this environment's packages, first come first."""
    found = [Path(p) for p in site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        found.append(Path(site.getusersitepackages()))
    return [p for p in found if p.is_dir()]


def mounts(sealed: Path) -> list[tuple[Path, str]]:
    """Return what the box sees of this machine, read-only: from where, to where."""
    base = Path(sys.base_prefix)
    seen = [(Path(p), p) for p in SYSTEM + ETC if Path(p).exists()]
    if base not in (Path("/usr"), Path("/")):
        seen.append((base, PYTHON))
    seen += [(p, f"{SITE}/{n}") for n, p in enumerate(site_folders())]
    return [*seen, (sealed, COURSE)]


def covers(seen: list[tuple[Path, str]]) -> list[str]:
    """Return the folders inside the box that would show the course: they are hidden."""
    root = Path(__file__).resolve().parents[3]
    found = []
    for source, target in seen[:-1]:
        for course in (root, source / "course_pkg"):
            inside = course.is_relative_to(source) and course != source
            if inside and course.is_dir() and source not in map(Path, SYSTEM):
                found.append(f"{target}/{course.relative_to(source)}")
    return found


def folders(sealed: Path) -> list[Path]:
    """Return what may lie where only this user can reach it."""
    return [source for source, target in mounts(sealed) if target.startswith("/opt")]


def arguments(sealed: Path, stage: str = "", scratch: int = 64 * 2**20) -> list[str]:
    """Return bubblewrap's arguments, up to the command to run.

    stage: where ``lower`` put the folders, if it did.
    """
    seen = mounts(sealed)
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    options += ["--uid", "1000", "--gid", "1000", "--hostname", "box"]
    options += ["--cap-drop", "ALL"]
    staged = folders(sealed) if stage else []
    for source, target in seen:
        if source.is_symlink() and str(source) in SYSTEM:
            options += ["--symlink", os.readlink(source), target]
        elif source in staged:
            options += ["--ro-bind", f"{stage}/{staged.index(source)}", target]
        else:
            options += ["--ro-bind", str(source), target]
    for folder in covers(seen):
        options += ["--tmpfs", folder, "--remount-ro", folder]
    options += ["--proc", "/proc", "--dev", "/dev", "--dir", "/dev/shm", "--dir", ROOM]
    options += ["--remount-ro", "/dev"]
    for place in ("/tmp", HOME):
        options += ["--size", str(scratch), "--tmpfs", place]
    for name, value in environment(len(site_folders())).items():
        options += ["--setenv", name, value]
    return [*options, "--chdir", HOME, "--remount-ro", "/"]


def environment(sites: int) -> dict[str, str]:
    """Return the environment: nothing of the host's."""
    paths = [COURSE, *(f"{SITE}/{n}" for n in range(sites))]
    return {**ENVIRONMENT, "PYTHONPATH": ":".join(paths)}


def python() -> str:
    """Return the path of this Python inside the box."""
    base = Path(sys.base_prefix)
    own = Path(sys.executable).resolve()
    return str(own if base == Path("/usr") else PYTHON / own.relative_to(base))


def bubblewrap() -> str | None:
    """Return the path of bubblewrap, if it is installed."""
    return shutil.which("bwrap")


def lowered(sealed: Path) -> tuple[str, list[str]]:
    """Return, for root, a folder and the command that makes nobody of it."""
    if os.geteuid() != 0:
        return "", []
    sealed.parent.chmod(0o711)
    stage = sealed.parent / "stage"
    stage.mkdir(exist_ok=True)
    script = [sys.executable, "-I", "-S", lower.__file__, str(stage)]
    return str(stage), [*script, *map(str, folders(sealed)), "--"]


def start(sealed: Path, line: int, settings: dict) -> subprocess.Popen:
    """Start the zygote behind the wall; it talks on the descriptor ``line``."""
    bwrap = bubblewrap() or "bwrap"
    read, write = os.pipe()
    os.write(write, seccomp.program(strict=False))
    os.close(write)
    strict = seccomp.program(strict=True).hex()
    told = json.dumps({**settings, "walls": True, "filter": strict})
    stage, first = lowered(sealed)
    command = [*first, bwrap, *arguments(sealed, stage), "--seccomp", str(read)]
    command += ["--", python(), "-P", "-m", ZYGOTE, str(line), told]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(line, read),
        )
    finally:
        os.close(read)
