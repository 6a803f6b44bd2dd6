# Announces a message of 4 GB, and begins to send it.
import os
import struct

for name in os.listdir("/proc/self/fd"):
    number = int(name)
    if number > 2:
        try:
            os.write(number, struct.pack(">cII", b"R", 2, 2**32 - 1) + b"{}")
            for _ in range(1000):
                os.write(number, bytes(2**20))
        except OSError:
            pass
