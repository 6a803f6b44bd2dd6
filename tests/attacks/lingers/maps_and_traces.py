# Traces its parents, reads their memory, and maps what it may not.
import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
for process in (os.getppid(), 1):
    if libc.ptrace(16, process, 0, 0) == 0:
        print("reached")
    for name in ("mem", "environ", "maps", "root", "cwd", "fd", "exe"):
        try:
            if name == "mem":
                with open(f"/proc/{process}/mem", "r+b") as file:
                    file.seek(4096)
                    file.read(1)
                    print("reached")
            else:
                os.readlink(f"/proc/{process}/{name}")
        except OSError:
            pass
for name in ("/dev/mem", "/dev/kmem", "/proc/kcore", "/dev/sda", "/proc/sysrq-trigger"):
    try:
        os.open(name, os.O_RDWR)
        print("reached")
    except OSError:
        pass
# ptrace, process_vm_readv, bpf, unshare, mount, pivot_root, kexec_load, init_module.
for number in (101, 310, 311, 321, 272, 165, 155, 246, 175, 313):
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
mmap.mmap(-1, 2**40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE)
