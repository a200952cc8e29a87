"""The few calls of Linux that Python lacks: namespaces, mounts, capabilities."""

import contextlib
import ctypes
import os
import struct

NEWNS, NEWUTS, NEWIPC = 0x20000, 0x4000000, 0x8000000
NEWUSER, NEWPID = 0x10000000, 0x20000000
NOSUID, NODEV, NOEXEC, RDONLY = 2, 4, 8, 1
BIND, REC, PRIVATE = 4096, 16384, 1 << 18
SET_NO_NEW_PRIVS, SET_SECCOMP, SET_DUMPABLE = 38, 22, 4
CAPBSET_DROP, SET_CHILD_SUBREAPER = 24, 36
LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def _expect(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Enter new namespaces."""
    _expect(_libc.unshare(flags), "unshare")


def map_own_user() -> None:
    """Give the new user namespace this process's own user and group, and no other."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{_UID} {_UID} 1")
    _write("/proc/self/gid_map", f"{_GID} {_GID} 1")


_UID, _GID = os.getuid(), os.getgid()  # before unshare, after which both are unmapped


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount a file system, or change the flags of one."""
    parts = [part.encode() for part in (source, target, kind)]
    _expect(_libc.mount(*parts, ctypes.c_ulong(flags), data.encode()), target)


def prctl(option: int, *values: int) -> None:
    """Set an option of this process."""
    padded = [ctypes.c_ulong(v) for v in (*values, 0, 0, 0, 0)][:4]
    _expect(_libc.prctl(option, *padded), f"prctl {option}")


def drop_capabilities() -> None:
    """Give up every capability, for this process and for all it starts."""
    for capability in range(LAST_CAPABILITY + 1):
        with contextlib.suppress(OSError):  # those that this kernel does not know
            prctl(CAPBSET_DROP, capability)
    header = struct.pack("Ii", 0x20080522, 0)
    _expect(_libc.capset(header, bytes(24)), "capset")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_calls(program: bytes) -> None:
    """Forbid system calls for good: the program is of ``seccomp.program``."""
    prctl(SET_NO_NEW_PRIVS, 1)
    held = _Program(len(program) // 8, program)
    address = ctypes.cast(ctypes.pointer(held), ctypes.c_void_p).value or 0
    prctl(SET_SECCOMP, 2, address)
