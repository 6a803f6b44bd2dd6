# Writes wherever it can until nothing more goes in.
import os

written = 0
for folder in (".", "/tmp", "/dev/shm", "/"):
    for i in range(200):
        try:
            with open(os.path.join(folder, f"big{i}"), "wb", buffering=0) as file:
                for _ in range(64):
                    written += file.write(bytes(2**20))
        except OSError:
            break
        if written > 2**30:
            break
print("reached" if written > 2**30 else "nothing", written)
