"""A filter of system calls: what a notebook never needs is refused with EPERM.

The filter is a small table compiled here for the kernel's own filter machine (classic
BPF), so that nothing has to be installed for it.
"""

import errno
import platform
import struct

ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER, ARCH, FIRST, SECOND = 0, 4, 16, 24  # where they stand in what is filtered
ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
X32 = 0x40000000
NEW_NAMESPACES = 0x7E020000  # the CLONE_NEW… flags that clone takes
AF_UNIX, AF_INET, AF_NETLINK, TIOCSTI = 1, 2, 16, 0x5412

# Numbers on x86_64 and on aarch64; one number where both agree.
_LOOK = "ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, "
_LOOK += "process_madvise 440, process_mrelease 448, kcmp 312 272, pidfd_getfd 438, "
_LOOK += "perf_event_open 298 241, userfaultfd 323 282, name_to_handle_at 303 264, "
_LOOK += "open_by_handle_at 304 265, fanotify_init 300 262, lookup_dcookie 212 18, "
# Files of the system are the same for all: watching them tells what others do.
_LOOK += "inotify_init 253 -1, inotify_init1 294 26"
_NAMESPACES = "mount 165 40, umount2 166 39, unshare 272 97, sethostname 170 161"
_MOUNTS = "pivot_root 155 41, chroot 161 51, move_mount 429, open_tree 428, "
_MOUNTS += "fsopen 430, fsconfig 431, fsmount 432, fspick 433, mount_setattr 442, "
_MOUNTS += "setns 308 268, setdomainname 171 162"
_MACHINE = "bpf 321 280, kexec_load 246 104, kexec_file_load 320 294, "
_MACHINE += "init_module 175 105, finit_module 313 273, delete_module 176 106, "
_MACHINE += "reboot 169 142, personality 135 92, swapon 167 224, swapoff 168 225, "
_MACHINE += "syslog 103 116, acct 163 89, quotactl 179 60, quotactl_fd 443, "
_MACHINE += "settimeofday 164 170, clock_settime 227 112, clock_adjtime 305 266, "
_MACHINE += "adjtimex 159 171, vhangup 153 58, move_pages 279 239, "
_MACHINE += "migrate_pages 256 238"
_INTEL = "iopl 172 -1, ioperm 173 -1, modify_ldt 154 -1, uselib 134 -1"
_KEYS = "keyctl 250 219, add_key 248 217, request_key 249 218"
# Memory that no limit of the process counts.
_MEMORY = "memfd_create 319 279, memfd_secret 447, shmget 29 194, semget 64 190, "
_MEMORY += "msgget 68 186, mq_open 240 180, io_uring_setup 425, io_uring_enter 426, "
_MEMORY += "io_uring_register 427, vmsplice 278 75"
NEVER = ", ".join((_LOOK, _MOUNTS, _MACHINE, _INTEL, _KEYS, _MEMORY))
ZYGOTE_NEEDS = _NAMESPACES
SOCKET, SOCKETPAIR, CLONE, CLONE3, IOCTL = "41 198", "53 199", "56 220", "435", "16 29"
SETRLIMIT, PRLIMIT, RLIMIT_CORE = "160 164", "302 261", 4


def known() -> bool:
    """Tell whether there is a table for this machine's processor."""
    return platform.machine() in ARCHES


def program(strict: bool, sockets: bool = False) -> bytes:
    """Compile the filter for this machine.

    strict: also refuse what makes namespaces, which the zygote still needs; sockets:
    allow the families that a Jupyter kernel opens, although it sees no network but its
    own loopback, and the limits that it sets itself. A session needs none.
    """
    arch, column = ARCHES[platform.machine()]
    code = [_op(LOAD, ARCH), _op(EQUAL, arch, 1, 0), _op(RETURN, KILL)]
    code += [_op(LOAD, NUMBER), _op(AT_LEAST, X32, 0, 1), _refuse()]
    for entry in (NEVER + ", " + _NAMESPACES if strict else NEVER).split(", "):
        code += _when(_number(entry.split(" ", 1)[1], column), [_refuse()])
    # Without clone3 the C library falls back on clone, whose flags can be looked at.
    code += _when(_number(CLONE3, column), [_refuse(errno.ENOSYS)])
    code += _when(_number(IOCTL, column), _refuse_if(SECOND, EQUAL, TIOCSTI))
    if strict:
        bits = _refuse_if(FIRST, ANY_BIT, NEW_NAMESPACES)
        code += _when(_number(CLONE, column), bits)
    if strict and not sockets:
        rule = _refuse_if(FIRST, EQUAL, RLIMIT_CORE)
        code += _when(_number(SETRLIMIT, column), rule)
        code += _when(_number(PRLIMIT, column), _refuse_if(SECOND, EQUAL, RLIMIT_CORE))
    # What waits in a socket is memory that no limit counts: gigabytes, in many pairs.
    pair = [_refuse()] if strict and not sockets else _allow_if(FIRST, AF_UNIX)
    code += _when(_number(SOCKETPAIR, column), pair)
    some = _allow_if(FIRST, AF_UNIX, AF_INET, AF_NETLINK) if sockets else [_refuse()]
    code += _when(_number(SOCKET, column), some)
    return b"".join([*code, _op(RETURN, ALLOW)])


def _number(numbers: str, column: int) -> int:
    found = numbers.split()
    return int(found[column % len(found)])


def _op(code: int, k: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, k)


def _refuse(code: int = errno.EPERM) -> bytes:
    return _op(RETURN, ERROR | code)


def _when(number: int, body: list[bytes]) -> list[bytes]:
    """Run the body for this call and skip it for others; the body must return."""
    return [] if number < 0 else [_op(EQUAL, number, 0, len(body)), *body]


def _refuse_if(argument: int, test: int, value: int) -> list[bytes]:
    checks = [_op(LOAD, argument), _op(test, value, 0, 1), _refuse()]
    return [*checks, _op(RETURN, ALLOW)]


def _allow_if(argument: int, *values: int) -> list[bytes]:
    checks = [_op(EQUAL, value, len(values) - n) for n, value in enumerate(values)]
    return [_op(LOAD, argument), *checks, _refuse(), _op(RETURN, ALLOW)]
