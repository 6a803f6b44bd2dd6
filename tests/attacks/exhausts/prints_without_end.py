# 50 MB of output, half through Python and half past it.
import os

for _ in range(250):
    print("x" * 100_000)
for _ in range(250):
    os.write(1, b"y" * 100_000)
