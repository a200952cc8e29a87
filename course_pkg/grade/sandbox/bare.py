"""A box without a wall: limits only, and only where it is asked for by name.

The package is sealed here too, but a student's code can read and write whatever the
person who grades can.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from course_pkg.grade.sandbox import wall

UNPROTECTED = (
    "warning: --sandbox=process limits time, memory and processes: no wall. Students' "
    "code can read and write your files (the solutions, the gradebook, other "
    "submissions), use the network, and reach your other processes. Grade only what "
    "you have read, or install bubblewrap."
)


def start(folder: Path, line: int, settings: dict) -> subprocess.Popen:
    """Start the zygote as an ordinary process; it talks on the descriptor ``line``."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    paths = [folder / "course", *wall.site_folders()]
    own = {"HOME": str(home), "PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    own |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "TMPDIR": str(home)}
    told = json.dumps({**settings, "walls": False, "filter": ""})
    return subprocess.Popen(
        [sys.executable, "-P", "-m", wall.ZYGOTE, str(line), told],
        env=wall.ENVIRONMENT | own,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(line,),
        start_new_session=True,
    )
