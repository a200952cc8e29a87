"""A Jupyter kernel behind the same wall, to open a submission in JupyterLab.

A kernel provisioner: ``kernel_spec`` names it, Jupyter starts an ordinary ipykernel in
bubblewrap, and the two talk over files (ipc), since the box has no network. The
notebook comes from the browser; the folder it lies in is not seen.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from course_pkg.grade.limits import limits_of
from course_pkg.grade.sandbox import seccomp, wall
from course_pkg.grade.sandbox.lower import NOBODY
from course_pkg.grade.sandbox.memory import children
from course_pkg.grade.sandbox.seal import seal

NAME = "unrolled-box"
IMPORTS = 2**30  # address space that Python, NumPy and PyTorch take
KERNEL = """
import sys
from course_pkg.grade.sandbox.inside import walls
walls.limit({limits!r})
sys.path.insert(0, "")
from ipykernel import kernelapp
kernelapp.launch_new_instance()
"""


def kernel_spec(word: str) -> dict[str, Any]:
    """Return a kernel.json for opening submissions of a word's assignment."""
    return {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"Submissions of {word} (walled in)",
        "language": "python",
        "metadata": {
            "kernel_provisioner": {"provisioner_name": NAME, "config": {"word": word}}
        },
    }


class WalledProvisioner(LocalProvisioner):
    """Starts an ipykernel behind the wall, without network and home."""

    word: Any = Unicode("", config=True, help="The assignment: what is sealed.")
    folder: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the package and the folder in which both sides meet."""
        self._remove()
        self.folder = Path(tempfile.mkdtemp(prefix="unrolled-"))
        seal(self.word).write(self.folder / "course")
        meeting = self.folder / "ipc"
        meeting.mkdir(0o700)
        manager: Any = self.parent
        manager.transport, manager.ip = "ipc", str(meeting / "kernel")
        manager.cache_ports = False
        ready = await super().pre_launch(**kwargs)
        connection = meeting / "connection.json"
        shutil.copyfile(manager.connection_file, connection)
        if os.geteuid() == 0:
            self.folder.chmod(0o711)
            for path in (meeting, connection):
                os.chown(path, NOBODY, NOBODY)
        return ready

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; what the kernel spec says of the command is left aside."""
        assert self.folder
        read, write = os.pipe()
        os.write(write, seccomp.program(strict=True, sockets=True))
        os.close(write)
        try:
            kwargs |= {"pass_fds": (read,), "cwd": "/"}
            return await super().launch_kernel(self._command(read), **kwargs)
        finally:
            os.close(read)

    def _command(self, filter_fd: int) -> list[str]:
        assert self.folder
        sealed, meeting = self.folder / "course", str(self.folder / "ipc")
        limits = vars(limits_of(self.word))
        limits = {**limits, "memory": limits["memory"] + IMPORTS}
        stage, first = wall.lowered(sealed)
        options = wall.arguments(sealed, stage, limits["disk"])
        options[-2:-2] = ["--bind", meeting, meeting]  # before the root is read-only
        command = [*first, str(wall.bubblewrap()), *options]
        command += ["--seccomp", str(filter_fd), "--", wall.python(), "-P"]
        command += ["-c", KERNEL.format(limits=limits)]
        return [*command, "-f", f"{meeting}/connection.json"]

    async def send_signal(self, signum: int) -> None:
        """Send an interrupt to the kernel itself, and anything else to the wall."""
        if signum != signal.SIGINT:
            await super().send_signal(signum)
        elif self.process:
            for first in children(self.process.pid):
                for kernel in children(first):
                    os.kill(kernel, signum)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the package and the sockets."""
        await super().cleanup(restart)
        if not restart:
            self._remove()

    def _remove(self) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = None
