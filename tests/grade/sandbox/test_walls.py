"""What a session is and sees: its namespaces, mounts, limits, files and environment."""

import json
import os
import socket
from pathlib import Path

import pytest

from course_pkg.grade.sandbox import wall
from course_pkg.grade.sandbox.inside import walls
from course_pkg.grade.sandbox.memory import children

from .conftest import SMALL, printed

pytestmark = pytest.mark.slow

LOOK = """
import json, os, resource, signal, stat
def kind(fd):
    path = os.readlink(f"/proc/self/fd/{fd}")
    return path.split(":")[0].rsplit("/", 1)[-1].rsplit(".", 1)[-1]
names = ("AS", "NPROC", "FSIZE", "NOFILE", "MSGQUEUE", "MEMLOCK")
space, disks = "/proc/self/ns", {p: os.statvfs(p) for p in ("/tmp", "/dev/shm")}
mounts = [line.split() for line in open("/proc/self/mountinfo")]
seen = {
    "namespaces": {n: os.readlink(f"{space}/{n}") for n in os.listdir(space)},
    "limits": {n: resource.getrlimit(getattr(resource, "RLIMIT_" + n)) for n in names},
    "mounts": {m[4]: m[5].split(",") for m in mounts},
    "size": {p: disk.f_blocks * disk.f_frsize for p, disk in disks.items()},
    "inodes": disks["/tmp"].f_files,
    "root": sorted(os.listdir("/")), "opt": sorted(os.listdir("/opt")),
    "etc": sorted(os.listdir("/etc")), "environment": dict(os.environ),
    "files": sorted(kind(fd) for fd in os.listdir("/proc/self/fd")[:-1]),
    "ids": [os.getuid(), os.getgid(), os.getpid(), os.getsid(0)],
    "host": os.uname().nodename, "folder": os.getcwd(), "xfsz": signal.getsignal(25),
    "killer": open("/proc/self/oom_score_adj").read().strip(),
    "status": dict(line.split(":", 1) for line in open("/proc/self/status")),
    "same": os.stat("/tmp").st_dev == os.stat("/dev/shm").st_dev == os.stat(".").st_dev,
}
print(json.dumps(seen))
"""
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


@pytest.fixture(scope="module")
def seen(box):
    """Return what a session sees."""
    with box.session() as session:
        return json.loads(printed(session.run(LOOK)))


def own(folder):
    return {n: os.readlink(f"{folder}/{n}") for n in NAMESPACES}


def test_every_namespace_is_another_and_each_session_has_its_own(box, seen):
    host = own("/proc/self/ns")
    assert not [n for n in NAMESPACES if seen["namespaces"][n] == host[n]]
    with box.session() as one, box.session() as two:  # Linux uses ended names again
        names, other = (
            json.loads(printed(each.run(LOOK)))["namespaces"] for each in (one, two)
        )
        [first] = children(box.zygote.pid)
        [zygote] = children(first)
        inner = own(f"/proc/{zygote}/ns")
        assert os.getsid(zygote) != os.getsid(0)
    private = ("ipc", "mnt", "pid", "user", "uts")
    assert not [n for n in private if other[n] in (names[n], inner[n])]
    assert not [n for n in NAMESPACES if inner[n] == host[n]]


def test_every_limit_is_set_for_good(seen):
    files, locked = 256, 64 * 1024
    exact = {"NPROC": SMALL["processes"], "FSIZE": SMALL["file_size"], "NOFILE": files}
    exact |= {"MSGQUEUE": 0, "MEMLOCK": locked}
    limits = {name: tuple(pair) for name, pair in seen["limits"].items()}
    memory = limits.pop("AS")
    assert limits == {name: (most, most) for name, most in exact.items()}
    assert memory[0] == memory[1] < 8 * 2**30
    assert seen["xfsz"] == 1
    assert seen["size"] == {"/tmp": SMALL["disk"], "/dev/shm": SMALL["disk"]}
    assert seen["inodes"] == 20 * 1024
    assert seen["same"]


def test_all_that_is_mounted_is_read_only_but_its_own_folders(seen):
    own_folders = {"/tmp", "/dev/shm", walls.HOME, walls.ROOM, "/proc", "/dev/pts"}
    devices = {
        f"/dev/{n}" for n in ("null", "zero", "full", "random", "urandom", "tty")
    }
    written = {m for m, flags in seen["mounts"].items() if "rw" in flags}
    assert written == own_folders | devices
    assert all("nosuid" in flags for flags in seen["mounts"].values())
    for place in own_folders - {"/dev/pts"}:
        assert "nodev" in seen["mounts"][place]
    assert "noexec" in seen["mounts"]["/proc"]


def test_nothing_else_of_the_host_is_there(seen):
    system = {Path(p).name for p in wall.SYSTEM if Path(p).exists()}
    assert set(seen["root"]) == system | {
        "dev",
        "etc",
        "home",
        "opt",
        "proc",
        "run",
        "tmp",
    }
    assert set(seen["opt"]) <= {"course", "python", "site"}
    assert set(seen["etc"]) <= {
        *("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"),
        *("localtime", "mime.types"),
    }
    expected = {*wall.ENVIRONMENT, "PYTHONPATH", "PWD"}
    assert set(seen["environment"]) <= expected
    assert seen["host"] == "box" != socket.gethostname()
    assert seen["folder"] == walls.HOME


def test_it_is_nobody_and_holds_no_file_of_others(seen):
    uid, gid, pid, sid = seen["ids"]
    assert (uid, gid, pid, sid) == (1000, 1000, 1, 1)
    assert seen["status"]["NoNewPrivs"].strip() == "1"
    assert seen["status"]["Seccomp"].strip() == "2"
    assert seen["killer"] == "1000"
    assert set(seen["files"]) <= {
        "null",
        "stdout (deleted)",
        "stderr (deleted)",
        "socket",
        "anon_inode",
        "ttf",
    }
    assert seen["files"].count("anon_inode") == 1  # of the loop for cells that await
    assert seen["files"].count("socket") == 3  # the line, and the pair of that loop


def test_files_beside_a_notebook_have_plain_names(tmp_path):
    for name in ("../x", "a/b", "/x", "..", ".", ""):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            walls.put_files({name: b"x"}, str(tmp_path))
    assert not [*tmp_path.iterdir(), *tmp_path.parent.glob("x")]
