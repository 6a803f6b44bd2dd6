"""System calls by libc: one that says what was refused, and the filter that denies those which no
notebook needs. What a process is locked in with is in `sandbox`. Linux only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

# System calls by number: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h.
# AUDIT_ARCH_* from linux/audit.h.
ARCHITECTURES = {
    "x86_64": {
        "audit": 0xC000003E, "pivot_root": 155, "socket": 41, "prctl": 157,
        "denied": {
            "ptrace": 101, "syslog": 103, "chroot": 161, "acct": 163, "mount": 165, "umount2": 166,
            "swapon": 167, "reboot": 169, "init_module": 175, "delete_module": 176,
            "quotactl": 179, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
            "unshare": 272, "perf_event_open": 298, "open_by_handle_at": 304, "setns": 308,
            "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
            "bpf": 321, "userfaultfd": 323, "pivot_root": 155,
            "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "memfd_create": 319,
        },
    },
    "aarch64": {
        "audit": 0xC00000B7, "pivot_root": 41, "socket": 198, "prctl": 167,
        "denied": {
            "ptrace": 117, "syslog": 116, "chroot": 51, "acct": 89, "mount": 40, "umount2": 39,
            "swapon": 224, "reboot": 142, "init_module": 105, "delete_module": 106,
            "quotactl": 60, "kexec_load": 104, "add_key": 217, "request_key": 218, "keyctl": 219,
            "unshare": 97, "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273,
            "bpf": 280, "userfaultfd": 282, "pivot_root": 41,
            "shmget": 194, "semget": 190, "msgget": 186, "mq_open": 180, "memfd_create": 279,
        },
    },
}  # fmt: skip
DENIED_EVERYWHERE = {
    "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
    "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
}  # fmt: skip
# Sockets of other families, such as AF_VSOCK, do not end at a network namespace.
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: AF_NETLINK, for gloo


class Refused(OSError):
    """The kernel refused a step; the message says which."""


def libc() -> ctypes.CDLL:
    """The C library, which keeps the number of the last error."""
    return ctypes.CDLL(None, use_errno=True)


def call(what: str, name: str, *arguments) -> int:
    """Call libc's `name`; raises Refused, with `what` was tried, when it gives back -1."""
    result = getattr(libc(), name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise Refused(number, f"{what}: {os.strerror(number)}")
    return result


def architecture() -> dict:
    """The numbers of this machine's system calls; Refused on a machine without a table."""
    try:
        return ARCHITECTURES[platform.machine()]
    except KeyError:
        raise Refused(errno.ENOSYS, f"no sandbox for {platform.machine()} processors") from None


def deny_system_calls() -> None:
    """A filter against what no notebook needs: mounts, tracing, keys, kernel modules, sockets of
    families that a network namespace does not hold, and memory that no process's size shows (shared
    memory by key or descriptor, message queues). Shared memory in /dev/shm, which multiprocessing
    and torch use, is a file there and bounded as one."""
    table = architecture()
    numbers = sorted({*table["denied"].values(), *DENIED_EVERYWHERE.values()})
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
    allow, kill, error = 0x7FFF0000, 0x80000000, 0x00050000  # SECCOMP_RET_*

    program = [(load, 0, 0, 4), (equal, 1, 0, table["audit"]), (give, 0, 0, kill)]
    program.append((load, 0, 0, 0))
    # x32's numbers on x86-64 would be a second way to every call.
    program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, error | errno.EPERM)]
    for number in numbers:
        program += [(equal, 0, 1, number), (give, 0, 0, error | errno.EPERM)]
    # A process that is not dumpable cannot be looked into, not even at what it takes.
    program += [(equal, 0, 4, table["prctl"]), (load, 0, 0, 16)]
    program += [(equal, 0, 1, PR_SET_DUMPABLE), (give, 0, 0, error | errno.EPERM)]
    program.append((give, 0, 0, allow))
    program += [(equal, 1, 0, table["socket"]), (give, 0, 0, allow), (load, 0, 0, 16)]
    for family in FAMILIES:
        program += [(equal, 0, 1, int(family)), (give, 0, 0, allow)]
    program.append((give, 0, 0, error | errno.EAFNOSUPPORT))

    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    kept = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(kept))
    call("filtering system calls", "prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0)
