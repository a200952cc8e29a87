"""The filter of system calls, run here call by call on a machine for its code."""

import errno
import struct

import pytest

from course_pkg.grade.sandbox import seccomp
from course_pkg.grade.sandbox.seccomp import ALLOW, ERROR, KILL

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = ERROR | errno.EPERM
# What no notebook needs, by its numbers on both processors; None: not there.
NEVER = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "setdomainname": (171, 162),
    "bpf": (321, 280),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "personality": (135, 92),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "vhangup": (153, 58),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "vmsplice": (278, 75),
}
NAMESPACES = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "sethostname": (170, 161),
}
NEEDED = {"read": (0, 63), "write": (1, 64), "openat": (257, 56), "futex": (202, 98)}


def verdict(program: bytes, arch: int, number: int, *arguments: int) -> int:
    """Run a program of classic BPF on one system call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    at = held = 0
    while True:
        code, then, otherwise, k = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        if code == seccomp.RETURN:
            return k
        if code == seccomp.LOAD:
            (held,) = struct.unpack_from("<I", data, k)
            continue
        tests = {
            seccomp.EQUAL: held == k,
            seccomp.ANY_BIT: bool(held & k),
            seccomp.AT_LEAST: held >= k,
        }
        at += then if tests[code] else otherwise


@pytest.fixture(params=AUDIT)
def ask(request, monkeypatch):
    """Return what asks the filter of one processor, by a call's pair of numbers."""
    monkeypatch.setattr("platform.machine", lambda: request.param)
    column = [*AUDIT].index(request.param)

    def asked(numbers, *arguments, strict=True, sockets=False):
        program = seccomp.program(strict, sockets)
        if numbers[column] is None:
            return REFUSED
        return verdict(program, AUDIT[request.param], numbers[column], *arguments)

    return asked


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("call", NEVER)
def test_what_no_notebook_needs_is_refused(ask, call, strict):
    assert ask(NEVER[call], strict=strict) == REFUSED


@pytest.mark.parametrize("call", NAMESPACES)
def test_namespaces_are_for_the_zygote_alone(ask, call):
    assert ask(NAMESPACES[call]) == REFUSED
    assert ask(NAMESPACES[call], strict=False) == ALLOW


@pytest.mark.parametrize("call", NEEDED)
def test_what_every_program_needs_is_allowed(ask, call):
    assert ask(NEEDED[call]) == ALLOW


def test_clone_makes_processes_and_no_namespaces(ask):
    clone, clone3, threads = (56, 220), (435, 435), 0x3D0F00
    assert ask(clone, threads) == ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000,
                 0x40000000):  # fmt: skip
        assert ask(clone, threads | flag) == REFUSED
        assert ask(clone, flag, strict=False) == ALLOW
    assert ask(clone3) == ERROR | errno.ENOSYS


def test_sockets(ask):
    """A session makes none; the zygote makes pairs, a Jupyter kernel opens more."""
    socket, pair, unix, inet, netlink, packet = (41, 198), (53, 199), 1, 2, 16, 17
    assert ask(pair, unix) == REFUSED
    assert ask(pair, unix, strict=False) == ask(pair, unix, sockets=True) == ALLOW
    assert ask(pair, inet, strict=False) == REFUSED
    for family in (unix, inet, netlink, packet):
        assert ask(socket, family) == REFUSED
        known = family != packet
        assert ask(socket, family, sockets=True) == (ALLOW if known else REFUSED)


def test_terminals_and_cores(ask):
    ioctl, setrlimit, prlimit = (16, 29), (160, 164), (302, 261)
    assert ask(ioctl, 0, 0x5412) == REFUSED  # TIOCSTI
    assert ask(ioctl, 0, 0x5413) == ALLOW
    for call, before in ((setrlimit, ()), (prlimit, (0,))):
        assert ask(call, *before, 4) == REFUSED
        assert ask(call, *before, 7) == ALLOW
        assert ask(call, *before, 4, strict=False) == ALLOW
        assert ask(call, *before, 4, sockets=True) == ALLOW


def test_calls_of_another_processor_end_the_process(monkeypatch):
    """32-bit and x32 calls have other numbers, under which much else is meant."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    program = seccomp.program(strict=True)
    assert verdict(program, 0x40000003, 1) == KILL
    assert verdict(program, AUDIT["x86_64"], 0x40000000 | 1) == REFUSED
