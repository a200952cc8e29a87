"""Start a command as nobody, with folders that only root could reach: run by root only.

Root's processes are counted against no limit, and root's files are root's also in a
namespace. So a grader that is run by root gives its box to nobody. Run as a script:
lower.py STAGE FOLDER... -- COMMAND...; the folders appear as STAGE/0, STAGE/1, ...
"""

import ctypes
import os
import sys

NOBODY = 65534
NEWNS, BIND, REC, PRIVATE = 0x20000, 4096, 16384, 1 << 18


def main() -> None:
    """Bind the folders in a mount namespace of its own and run the command."""
    at = sys.argv.index("--")
    stage, folders, command = sys.argv[1], sys.argv[2:at], sys.argv[at + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(source: str, target: str, kind: str, flags: int) -> None:
        parts = [part.encode() for part in (source, target, kind)]
        if libc.mount(*parts, ctypes.c_ulong(flags), None):
            sys.exit(f"mount {target}: {os.strerror(ctypes.get_errno())}")

    if libc.unshare(NEWNS):
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
    mount("none", "/", "", REC | PRIVATE)
    mount("tmpfs", stage, "tmpfs", 0)
    os.chmod(stage, 0o755)
    for n, folder in enumerate(folders):
        os.mkdir(f"{stage}/{n}")
        mount(folder, f"{stage}/{n}", "", BIND | REC)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.chdir("/")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
