# Reads where things lie outside, in all that tells of mounts, in any process's words.
import os

if os.fork() == 0:
    found = []
    for name in ("mountinfo", "mounts", "mountstats", "maps", "environ", "cmdline"):
        for process in ("self", "1", str(os.getppid()), f"self/task/{os.getpid()}"):
            try:
                with open(f"/proc/{process}/{name}", errors="replace") as file:
                    if SECRET in file.read():
                        found.append(f"{process}/{name}")
            except OSError:
                pass
    os.write(1, f"reached {found}".encode() if found else b"nothing")
    os._exit(0)
os.wait()
