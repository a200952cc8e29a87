"""What no attack may read or harm: files, processes, sockets, keys, shared memory."""

import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[3]
# A line of each file that stays outside the sandbox; it must not come out of one.
SOURCES = {
    "solutions/bptt/bptt.md": "### SOLUTION course_pkg.cells.elman.step_grad",
    "course_pkg/check/cases/bptt.py": "def step_cases() -> list[Case]",
    "course_pkg/check/misconceptions/bptt_step.py": "course_pkg.check.case import Wrong",
    "tests/grade/sample_class.py": "Everything right, in whole arrays",
    "course_pkg/bptt.py": "dh_total.append(hidden(d_state))",
}
SEED = 271828182845904523


class Canaries:
    """Puts them out and says what an attack read, took or harmed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tokens = folder, {"seed": str(SEED)}
        self.drop = folder / "drop"
        self.drop.mkdir(parents=True)
        home = folder / "home"
        self.files = {
            "gradebook": folder / "gradebook.db",
            "neighbour": folder / "submitted" / "zoe" / "bptt" / "bptt.ipynb",
            "seed": home / ".config" / "unrolled" / "seed",
        }
        for path in self.files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        self._write()
        self.content = {p: p.read_bytes() for p in self.files.values()}
        self.marker = self._token("marker")
        del self.tokens["marker"]
        self.home = home
        self.process = self._process()
        self._sockets()
        self._shared()
        self._key()
        self._token("environment")
        self.survivors: list[int] = []

    def _token(self, name: str) -> str:
        self.tokens[name] = uuid.uuid4().hex
        return self.tokens[name]

    def _write(self) -> None:
        with sqlite3.connect(self.files["gradebook"]) as book:
            book.execute("create table grade (student text, auto_score real)")
            book.execute("insert into grade values (?, 1)", [self._token("gradebook")])
        book.close()
        self.files["neighbour"].write_text(f'{{"cells": "{self._token("neighbour")}"}}')
        self.files["seed"].write_text(f"{SEED}\n")

    def _process(self) -> subprocess.Popen:
        """Start a process that an attack could stop, kill or read."""
        token = self._token("process")
        return subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"],
            stdin=subprocess.PIPE, start_new_session=True,
            env={"CANARY_OF_A_PROCESS": token}, cwd=self.folder,
        )  # fmt: skip

    def _sockets(self) -> None:
        self.abstract = f"unrolled-{self.marker[:12]}"
        self.listening = [socket.create_server(("127.0.0.1", 0))]
        for address in (str(self.folder / "socket"), f"\0{self.abstract}"):
            server = socket.socket(socket.AF_UNIX)
            server.bind(address)
            server.listen()
            self.listening.append(server)
        for server in self.listening:
            server.setblocking(False)

    def _shared(self) -> None:
        """Make a segment of System V shared memory with a token in it."""
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.shmat.restype = ctypes.c_void_p
        self.shm_key = int(self.marker[:6], 16)
        self.shm = self.libc.shmget(self.shm_key, 4096, 0o1600)
        token = self._token("shared memory").encode()
        at = self.libc.shmat(self.shm, None, 0)
        ctypes.memmove(at, token, len(token))
        self.libc.shmdt(ctypes.c_void_p(at))

    def _key(self) -> None:
        """Add a key to this session's keyring, where the kernel lets us."""
        token = self._token("keyring").encode()
        self.libc.syscall(248, b"user", b"unrolled-canary", token, len(token), -3)

    @property
    def where(self) -> dict[str, Any]:
        """Return what every attacker knows: where things are, not what they hold."""
        return {
            **{name: str(path) for name, path in self.files.items()},
            "home": str(self.home),
            "drop": str(self.drop),
            "root": str(ROOT),
            "sources": [str(ROOT / name) for name in SOURCES],
            "pid": self.process.pid,
            "pid namespace": os.readlink("/proc/self/ns/pid"),
            "port": self.listening[0].getsockname()[1],
            "socket": str(self.folder / "socket"),
            "abstract": self.abstract,
            "shm": self.shm_key,
            "marker": self.marker,
        }

    def read(self, text: str) -> list[str]:
        """Return the names of the canaries, and of the files, that a text has seen."""
        found = [name for name, token in self.tokens.items() if token in text]
        found += [name for name, line in SOURCES.items() if line in text]
        for word in ("LEFT-BEHIND", "SEEN ", "EXPECTED VALUE"):
            found += [word.strip().lower()] if word in text else []
        return found

    def taken(self, text: str) -> list[str]:
        """Return what an attack says that it took."""
        lines = text.replace("\\n", "\n").replace('"', "\n").splitlines()
        return [line[6:60] for line in lines if line.startswith(("TAKEN ", "WROTE "))]

    def harmed(self) -> list[str]:
        """Return what an attack has harmed or left, and put it right."""
        found = [f"wrote {path.name}" for path in sorted(self.drop.iterdir())]
        for path in self.drop.iterdir():
            path.unlink()
        for name, path in self.files.items():
            if not path.exists() or path.read_bytes() != self.content[path]:
                found.append(f"changed {name}")
                path.write_bytes(self.content[path])
        state = _state(self.process.pid)
        if self.process.poll() is not None or state in "TtZX":
            found.append(f"process outside: {state}")
            self.process.kill()
            self.process.wait()
            self.process = self._process()
        found += [f"connection {i}" for i, s in enumerate(self.listening) if _called(s)]
        left = self.left()
        found += [f"process left: {pid}" for pid in left]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return found

    def left(self) -> list[int]:
        """Return the processes that carry an attack's marker in their command."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self.marker.encode() in entry.read_bytes():
                    found.append(int(entry.parent.name))
            except OSError:
                continue
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take them in again."""
        self.process.kill()
        self.process.communicate()
        for server in self.listening:
            server.close()
        self.libc.shmctl(self.shm, 0, None)


def _state(pid: int) -> str:
    """Return a process's state as /proc has it, X if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _called(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True
