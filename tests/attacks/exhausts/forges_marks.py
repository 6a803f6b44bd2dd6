# Ends cells that there are and cells that there are not, a million times, in both raw streams.
import os

many = b"".join(b"y" * 40 + b"\0cell %d ends\0" % (10**6 + i) for i in range(20_000))
mine = b"\0cell 0 ends\0".join([b"z" * 90_000] * 50)
for _ in range(20):
    os.write(1, many)
    os.write(2, many)
for _ in range(4):
    os.write(1, mine)
    os.write(2, mine)
